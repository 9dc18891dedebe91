//go:build linux

package cgroup

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "probe" {
		runProbe(os.Args[2], os.Args[3:])
	}
	testns.Main(m)
}

// useRoot lets a directory stand for /sys/fs/cgroup.
func useRoot(t *testing.T, dir string) {
	t.Helper()
	before := root
	root = dir
	t.Cleanup(func() { root = before })
}

func TestSharesBecomeTheWeightThatRuncAndCrunGive(t *testing.T) {
	for shares, want := range map[int]int{
		1: 1, 2: 1, 3: 2, 100: 17, 128: 21, 256: 35, 512: 59, 1024: 100, 2048: 174, 4096: 303,
		8192: 532, 65536: 3023, 262143: 10000, 262144: 10000, math.MaxInt32: 10000,
	} {
		if got := weight(shares); got != want {
			t.Errorf("weight of %d shares is %d, want %d", shares, got, want)
		}
	}
}

func TestMoreSharesNeverWeighLess(t *testing.T) {
	last := 0
	for shares := 2; shares <= 262144; shares++ {
		got := weight(shares)
		if got < last || got > 10000 {
			t.Fatalf("weight goes from %d to %d at %d shares", last, got, shares)
		}
		last = got
	}
}

func TestLimitsBecomeFiles(t *testing.T) {
	for _, test := range []struct {
		limits Limits
		want   string
	}{
		{Limits{}, ""},
		{Limits{Memory: 512 << 20}, "memory.max=536870912 memory.swap.max=0"},
		{Limits{Memory: 1 << 40}, "memory.max=1099511627776 memory.swap.max=0"}, // more than an int of 32 bits holds
		{Limits{CPUs: 1.5}, "cpu.max=150000 100000"},
		{Limits{CPUs: 0.01}, "cpu.max=1000 100000"},
		{Limits{CPUs: 0.333}, "cpu.max=33300 100000"},
		{Limits{CPUShares: 512}, "cpu.weight=59"},
		{Limits{Pids: 64}, "pids.max=64"},
		{Limits{1 << 20, 2, 1024, 3}, "memory.max=1048576 memory.swap.max=0 cpu.max=200000 100000 cpu.weight=100 " +
			"pids.max=3"},
	} {
		files, err := test.limits.files()
		testkit.Must(t, err)
		var got []string
		for _, file := range files {
			got = append(got, file.name+"="+file.value)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%+v becomes %q, want %q", test.limits, got, test.want)
		}
	}
}

func TestLimitsThatCannotBeAreRefusedBeforeAnythingIsMade(t *testing.T) {
	useRoot(t, t.TempDir())
	for want, limits := range map[string]Limits{
		"limit memory=-1:":         {Memory: -1},
		"limit cpus=0.001:":        {CPUs: 0.001},
		"limit cpus=-1:":           {CPUs: -1},
		"limit cpus=NaN:":          {CPUs: math.NaN()},
		"limit cpus=+Inf:":         {CPUs: math.Inf(1)},
		"limit cpu_shares=-5:":     {CPUShares: -5},
		"limit cpu_shares=1:":      {CPUShares: 1},
		"limit cpu_shares=262145:": {CPUShares: 262145},
		"limit pids=-2:":           {Pids: -2},
	} {
		_, err := New("dolly", limits)
		if !errors.As(err, new(*LimitError)) || !strings.HasPrefix(err.Error(), want) ||
			errors.Is(err, ErrUnavailable) {
			t.Errorf("New with %+v fails with %v; want it to name %s", limits, err, want)
		}
	}
	if entries, err := os.ReadDir(root); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v is left", entries, err)
	}
}

func TestCheckKnowsHowManyCPUsThereAre(t *testing.T) {
	have := float64(runtime.NumCPU())
	testkit.Must(t, Limits{CPUs: have}.Check())
	err := Limits{CPUs: have + 0.01}.Check()
	if want := fmt.Sprintf("must be between 0.01 and %v", have); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("more than %v CPUs: %v", have, err)
	}
	if err := (Limits{CPUs: 0.009}).Check(); err == nil || !strings.Contains(err.Error(), "must be at least 0.01") {
		t.Errorf("0.009 CPUs: %v", err)
	}
	testkit.Must(t, Limits{CPUs: 0.01, CPUShares: 2}.Check())
	testkit.Must(t, Limits{CPUShares: 262144}.Check())
}

func TestWithoutVersion2TheErrorSaysWhatToDo(t *testing.T) {
	// As where version 1 is mounted: a tmpfs with a directory for each controller.
	useRoot(t, t.TempDir())
	testkit.Must(t, os.Mkdir(filepath.Join(root, "memory"), 0o755))
	err := Check()
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), root+" is not cgroup v2") ||
		!strings.Contains(err.Error(), "systemd.unified_cgroup_hierarchy=1") {
		t.Errorf("Check fails with %v", err)
	}
	if _, err := New("dolly", Limits{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("New fails with %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, inner)); err == nil {
		t.Error("New made a directory nevertheless")
	}
	useRoot(t, filepath.Join(root, "missing"))
	if err := Check(); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "not mounted") {
		t.Errorf("where nothing is mounted Check fails with %v", err)
	}
}

func TestNoGroupIsAlsoGone(t *testing.T) {
	useRoot(t, t.TempDir())
	g := Open("dolly")
	if err := g.Kill(); err != nil {
		t.Errorf("Kill: %v", err)
	}
	if err := g.Remove(); err != nil {
		t.Errorf("Remove: %v", err)
	}
	if _, err := g.OOMKills(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("OOMKills fails with %v", err)
	}
	if _, err := g.File(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("File fails with %v", err)
	}
}

func TestKernelWithoutKillIsNamedAsTheReason(t *testing.T) {
	useRoot(t, t.TempDir())
	testkit.Must(t, os.MkdirAll(Open("dolly").Dir(), 0o755))
	if err := Open("dolly").Kill(); err == nil || !strings.Contains(err.Error(), "this needs Linux 5.14") {
		t.Errorf("Kill fails with %v", err)
	}
}

func TestNameThatIsAnotherGroupIsRefused(t *testing.T) {
	useRoot(t, t.TempDir())
	testkit.Must(t, os.MkdirAll(filepath.Join(root, inner, "dolly"), 0o755))
	for _, id := range []string{"", ".", "..", "../system.slice", "dolly/lamb", "a\nb"} {
		_, err := New(id, Limits{})
		for what, err := range map[string]error{"New": err, "Kill": Open(id).Kill(), "Remove": Open(id).Remove()} {
			if err == nil || !strings.Contains(err.Error(), "invalid name") {
				t.Errorf("%s of %q fails with %v", what, id, err)
			}
		}
	}
}

func TestKeyedFindsWholeNamesOnly(t *testing.T) {
	const content = "oom 3\noom_kill 12\noom_group_kill 1\n"
	if got, err := keyed(content, "oom_kill"); err != nil || got != 12 {
		t.Errorf("oom_kill is %d, %v", got, err)
	}
	if _, err := keyed(content, "kill"); err == nil || !strings.Contains(err.Error(), "no kill in") {
		t.Errorf("a missing key gives %v", err)
	}
}

// itoa is a number as the kernel's files take it.
func itoa(number int) []byte { return strconv.AppendInt(nil, int64(number), 10) }

func TestRulesThatAreNoneAreRefused(t *testing.T) {
	for _, rule := range []Device{
		{}, {'x', 1, 3, "r"}, {'c', 1, 3, ""}, {'c', 1, 3, "rx"}, {'c', -2, 3, "r"}, {'c', 1, -7, "r"},
	} {
		if err := Open("dolly").AllowDevices([]Device{rule}); err == nil ||
			!strings.Contains(err.Error(), "is not a rule") {
			t.Errorf("%+v fails with %v", rule, err)
		}
	}
}

func TestWithoutBPFTheErrorSaysWhatIsMissing(t *testing.T) {
	useRoot(t, t.TempDir())
	g := Open("dolly")
	testkit.Must(t, os.MkdirAll(g.Dir(), 0o755))
	for answer, want := range map[syscall.Errno]string{
		syscall.ENOSYS: "built without CONFIG_BPF_SYSCALL",
		syscall.EINVAL: "built without CONFIG_CGROUP_BPF",
		syscall.EPERM:  "needs CAP_SYS_ADMIN",
	} {
		testns.Refuse(t, unix.SYS_BPF, answer, func() {
			err := g.AllowDevices(DefaultDevices())
			if !errors.Is(err, answer) || !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), want) ||
				!strings.Contains(err.Error(), "without limits") {
				t.Errorf("where bpf says %v, AllowDevices fails with %v", answer, err)
			}
		})
	}
}

func TestKernelAcceptsThePrograms(t *testing.T) {
	for _, rules := range [][]Device{nil, DefaultDevices(), {{'a', Any, Any, "rwm"}}, {{'b', 8, Any, "r"}}} {
		program, err := compile(rules)
		testkit.Must(t, err)
		loaded, err := load(program)
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) {
			t.Skipf("needs bpf(2): %v", err)
		}
		if err != nil {
			t.Errorf("%v: %v", rules, err)
			continue
		}
		testkit.Must(t, syscall.Close(loaded))
	}
}
