//go:build linux

// The tests confine real processes: the test binary starts itself again, is confined, and does or becomes something.
package confine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// errand is what a test sends to the process that is confined.
type errand struct {
	Profile   Profile
	Unbounded bool // not confined at all, to see the difference
	Filter    bool // only the filter, with all capabilities kept
	Do        string
	Args      []string
}

// errands are what can be done confined. Each prints what it found.
var errands = map[string]func(args []string) error{
	"exec": func(args []string) error {
		path, err := exec.LookPath(args[0])
		if err != nil {
			return err
		}
		return syscall.Exec(path, args, []string{"PATH=/usr/bin:/bin"})
	},
	// What an init does: it forks, and stays.
	"fork": func(args []string) error {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		return cmd.Run()
	},
	"threads": func([]string) error {
		statuses, err := filepath.Glob("/proc/self/task/*/status")
		for _, name := range statuses {
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			fmt.Printf("%s\n", content)
		}
		return err
	},
}

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "errand" {
		runtime.LockOSThread()
		if err := runErrand(os.Args[2]); err != nil {
			fmt.Fprint(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	testns.Main(m)
}

func runErrand(message string) error {
	var e errand
	if err := json.Unmarshal([]byte(message), &e); err != nil {
		return err
	}
	switch {
	case e.Unbounded:
	case e.Filter:
		wanted, err := e.Profile.capabilities()
		if err != nil {
			return err
		}
		if err := load(filter(native, wanted)); err != nil {
			return err
		}
	default:
		if err := Apply(e.Profile); err != nil {
			return err
		}
	}
	return errands[e.Do](e.Args)
}

// try sends a process on an errand and returns what it prints, and the error it ended with.
func try(t *testing.T, e errand) (output, failure string) {
	t.Helper()
	testns.RequireUsers(t)
	message, err := json.Marshal(e)
	testkit.Must(t, err)
	cmd := exec.Command("/proc/self/exe", "errand", string(message))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	failure = stderr.String()
	if err != nil && failure == "" {
		failure = err.Error()
	}
	return string(stdout), failure
}

// do sends a process on an errand that must go well.
func do(t *testing.T, e errand) string {
	t.Helper()
	output, failure := try(t, e)
	if failure != "" {
		t.Fatalf("%s %v: %s", e.Do, e.Args, failure)
	}
	return output
}

// field returns a field of /proc/PID/status.
func field(status, name string) string {
	for line := range strings.Lines(status) {
		if value, found := strings.CutPrefix(line, name+":"); found {
			return strings.TrimSpace(value)
		}
	}
	return "missing"
}

// mask is a set as /proc/PID/status spells it.
func mask(list ...string) string {
	found, err := union(list)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%016x", uint64(found))
}

var catStatus = []string{"cat", "/proc/self/status"}

func TestRootHasTheDefaultCapabilitiesAndNoOthers(t *testing.T) {
	for _, how := range []string{"exec", "fork"} {
		status := do(t, errand{Do: how, Args: catStatus})
		ordinary, none := mask(byDefault...), mask()
		for name, want := range map[string]string{
			"CapBnd": ordinary, "CapPrm": ordinary, "CapEff": ordinary, "CapInh": none, "CapAmb": none,
			"NoNewPrivs": "1", "Seccomp": "2", "Uid": "0\t0\t0\t0", "Gid": "0\t0\t0\t0",
		} {
			if got := field(status, name); got != want {
				t.Errorf("%s: %s is %s, want %s", how, name, got, want)
			}
		}
	}
}

func TestOtherUsersHaveNoneAndCannotGetMore(t *testing.T) {
	status := do(t, errand{Profile: Profile{User: "4711:4712"}, Do: "exec", Args: catStatus})
	for name, want := range map[string]string{
		"CapBnd": mask(byDefault...), "CapPrm": mask(), "CapEff": mask(), "CapInh": mask(), "CapAmb": mask(),
		"NoNewPrivs": "1", "Seccomp": "2", "Uid": "4711\t4711\t4711\t4711", "Gid": "4712\t4712\t4712\t4712",
		"Groups": "",
	} {
		if got := field(status, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestCapabilitiesAreAddedAndDropped(t *testing.T) {
	for _, c := range []struct {
		profile Profile
		want    string
	}{
		{Profile{CapDrop: []string{"ALL"}}, mask()},
		{Profile{CapDrop: []string{"all"}, CapAdd: []string{"cap_net_admin", "KILL"}}, mask("NET_ADMIN", "KILL")},
		{Profile{CapAdd: []string{"SYS_PTRACE"}}, mask(append([]string{"SYS_PTRACE"}, byDefault...)...)},
	} {
		status := do(t, errand{Profile: c.profile, Do: "exec", Args: catStatus})
		for _, name := range []string{"CapBnd", "CapPrm", "CapEff"} {
			if got := field(status, name); got != c.want {
				t.Errorf("%+v: %s is %s, want %s", c.profile, name, got, c.want)
			}
		}
	}
}

func TestAllMeansEveryCapability(t *testing.T) {
	own, err := os.ReadFile("/proc/self/status")
	testkit.Must(t, err)
	for _, p := range []Profile{{CapAdd: []string{"ALL"}}, {Privileged: true}} {
		status := do(t, errand{Profile: p, Do: "exec", Args: catStatus})
		if got, want := field(status, "CapEff"), field(string(own), "CapBnd"); got != want {
			t.Errorf("%+v: %s, want %s", p, got, want)
		}
	}
}

func TestPrivilegedHasNoFilterAndMayGainPrivileges(t *testing.T) {
	status := do(t, errand{Profile: Profile{Privileged: true}, Do: "exec", Args: catStatus})
	if field(status, "Seccomp") != field(do(t, errand{Unbounded: true, Do: "exec", Args: catStatus}), "Seccomp") {
		t.Errorf("Seccomp is %s", field(status, "Seccomp"))
	}
	if got := field(status, "NoNewPrivs"); got != "0" {
		t.Errorf("NoNewPrivs is %s", got)
	}
}

func TestACapabilityThatSheepLacksCannotBeGiven(t *testing.T) {
	testns.RequireUsers(t)
	own, err := os.ReadFile("/proc/self/status")
	testkit.Must(t, err)
	bounding, err := strconv.ParseUint(field(string(own), "CapBnd"), 16, 64)
	testkit.Must(t, err)
	missing := all &^ set(bounding)
	if missing == 0 {
		t.Skip("needs a machine that lacks a capability")
	}
	name := strings.Fields(missing.String())[0]
	_, failure := try(t, errand{Profile: Profile{CapAdd: []string{name}}, Do: "exec", Args: catStatus})
	if !strings.Contains(failure, "cannot give the capability "+name) {
		t.Errorf("adding %s: %q", name, failure)
	}
}

// An init stays after Apply, with all the threads of the Go runtime. They share memory: the weakest has what the
// mightiest has.
func TestAllThreadsAreConfined(t *testing.T) {
	for _, p := range []Profile{{}, {User: "4711:4712"}} {
		statuses := strings.Split(strings.TrimSpace(do(t, errand{Profile: p, Do: "threads"})), "\n\n")
		if len(statuses) < 2 {
			t.Skip("needs a process with threads")
		}
		for _, name := range []string{
			"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "Seccomp",
		} {
			for _, status := range statuses[1:] {
				if got, want := field(status, name), field(statuses[0], name); got != want {
					t.Errorf("%+v: %s is %s in one thread, %s in another", p, name, got, want)
				}
			}
		}
		if field(statuses[0], "Seccomp") != "2" {
			t.Errorf("%+v: no filter", p)
		}
	}
}

func TestNoNewPrivsMakesSetuidProgramsOrdinary(t *testing.T) {
	testns.RequireUsers(t)
	directory := t.TempDir()
	testkit.Must(t, os.Chmod(filepath.Dir(directory), 0o755))
	testkit.Must(t, os.Chmod(directory, 0o755))
	content, err := os.ReadFile("/usr/bin/id")
	if err != nil {
		t.Skipf("needs the program id: %v", err)
	}
	setuid := filepath.Join(directory, "id")
	testkit.Must(t, os.WriteFile(setuid, content, 0o755))
	testkit.Must(t, os.Chmod(setuid, 0o755|os.ModeSetuid))
	for _, c := range []struct {
		privileged bool
		want       string
	}{{false, "4711\n"}, {true, "0\n"}} {
		e := errand{Profile: Profile{User: "4711", Privileged: c.privileged}, Do: "exec", Args: []string{setuid, "-u"}}
		if got := do(t, e); got != c.want {
			t.Errorf("privileged %v: a setuid program runs as %q, want %q", c.privileged, got, c.want)
		}
	}
}

func TestStandardStreamsCanBeOpenedByAnotherUser(t *testing.T) {
	write := []string{"sh", "-c", "echo baa >/proc/self/fd/1"}
	if got := do(t, errand{Profile: Profile{User: "4711"}, Do: "exec", Args: write}); got != "baa\n" {
		t.Errorf("output %q", got)
	}
}

func TestInitCannotBeTraced(t *testing.T) {
	// With the rights of what it confines: a child of the init looks at its parent.
	script := "readlink /proc/$PPID/exe || readlink /proc/$PPID/fd/0 || cat /proc/$PPID/environ"
	output, failure := try(t, errand{Do: "fork", Args: []string{"sh", "-c", script}})
	if output != "" || !strings.Contains(failure, "environ: Permission denied") {
		t.Errorf("output %q, failure %q", output, failure)
	}
}

func TestSessionKeyringIsNotTheUsers(t *testing.T) {
	own := do(t, errand{Unbounded: true, Do: "session keyring"})
	theirs := do(t, errand{Profile: Profile{Privileged: true}, Do: "session keyring"})
	if strings.Contains(own, "error") {
		t.Skipf("needs keyrings: %s", own)
	}
	if own == theirs {
		t.Errorf("session keyring %s on both sides", own)
	}
}

func init() {
	errands["session keyring"] = func([]string) error {
		const getKeyringID, sessionKeyring = 0, -3
		id := sessionKeyring
		serial, _, errno := syscall.Syscall(syscall.SYS_KEYCTL, getKeyringID, uintptr(id), 0)
		if errno != 0 {
			fmt.Printf("error: %v", errno)
		} else {
			fmt.Print(serial)
		}
		return nil
	}
	errands["calls"] = func([]string) error {
		for _, call := range slices.Concat(denied, permitted) {
			_, _, errno := syscall.Syscall6(uintptr(numbers[call.name][native[0]]), arg(call.args, 0),
				arg(call.args, 1), arg(call.args, 2), arg(call.args, 3), arg(call.args, 4), arg(call.args, 5))
			fmt.Printf("%s%v %d\n", call.name, call.args, errno)
		}
		return nil
	}
}

func arg(list []int, index int) uintptr {
	if index < len(list) {
		return uintptr(list[index])
	}
	return 0
}

// attempt is a system call with arguments that make it fail for another reason if it is not denied.
type attempt struct {
	name string
	args []int
	want syscall.Errno
}

var denied = []attempt{
	{"acct", []int{1}, syscall.EPERM},
	{"add_key", nil, syscall.EPERM},
	{"bpf", []int{-1}, syscall.EPERM},
	{"clock_settime", []int{-1}, syscall.EPERM},
	{"clone3", []int{0, 1}, syscall.ENOSYS},
	{"clone", []int{syscall.CLONE_NEWUSER | syscall.CLONE_SIGHAND}, syscall.EPERM}, // else EINVAL: without CLONE_VM
	{"delete_module", nil, syscall.EPERM},
	{"fanotify_init", []int{-1}, syscall.EPERM},
	{"finit_module", []int{-1}, syscall.EPERM},
	{"fsconfig", []int{-1}, syscall.EPERM},
	{"fsmount", []int{-1}, syscall.EPERM},
	{"fsopen", nil, syscall.EPERM},
	{"fspick", []int{-1}, syscall.EPERM},
	{"init_module", nil, syscall.EPERM},
	{"io_uring_enter", []int{-1}, syscall.EPERM},
	{"io_uring_register", []int{-1}, syscall.EPERM},
	{"io_uring_setup", nil, syscall.EPERM},
	{"ioctl", []int{-1, syscall.TIOCSTI}, syscall.EPERM},
	{"ioctl", []int{-1, syscall.TIOCLINUX}, syscall.EPERM},
	{"kcmp", []int{-1}, syscall.EPERM},
	{"kexec_file_load", []int{-1, -1, 0, 0, 0xffff}, syscall.EPERM},
	{"kexec_load", []int{0, 0, 0, 0xffff}, syscall.EPERM},
	{"keyctl", []int{-1}, syscall.EPERM},
	{"mbind", []int{1, 1, -1}, syscall.EPERM},
	{"migrate_pages", []int{-1}, syscall.EPERM},
	{"mount", nil, syscall.EPERM},
	{"mount_setattr", []int{-1}, syscall.EPERM},
	{"move_mount", []int{-1, 0, -1, 0, -1}, syscall.EPERM},
	{"move_pages", []int{-1}, syscall.EPERM},
	{"open_by_handle_at", []int{-1}, syscall.EPERM},
	{"open_tree", []int{-1}, syscall.EPERM},
	{"open_tree_attr", []int{-1}, syscall.EPERM},
	{"perf_event_open", nil, syscall.EPERM},
	{"personality", []int{0x0040000}, syscall.EPERM},
	{"pidfd_getfd", []int{-1}, syscall.EPERM},
	{"pivot_root", nil, syscall.EPERM},
	{"process_madvise", []int{-1}, syscall.EPERM},
	{"quotactl", []int{-1}, syscall.EPERM},
	{"quotactl_fd", []int{-1}, syscall.EPERM},
	{"reboot", nil, syscall.EPERM},
	{"request_key", nil, syscall.EPERM},
	{"set_mempolicy", []int{-1}, syscall.EPERM},
	{"setdomainname", []int{0, 1}, syscall.EPERM},
	{"sethostname", []int{0, 1}, syscall.EPERM},
	{"setns", []int{-1}, syscall.EPERM},
	{"settimeofday", []int{1}, syscall.EPERM},
	{"socket", []int{familyVsock, -1}, syscall.EPERM},
	{"socket", []int{familyAlgorithm, -1}, syscall.EPERM},
	{"swapoff", nil, syscall.EPERM},
	{"swapon", nil, syscall.EPERM},
	{"syslog", []int{-1}, syscall.EPERM},
	{"umount2", nil, syscall.EPERM},
	{"unshare", []int{syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | 1}, syscall.EPERM}, // 1: EINVAL
	{"userfaultfd", []int{-1}, syscall.EPERM},
}

var permitted = []attempt{
	{"chroot", nil, syscall.EFAULT},
	{"clone", []int{syscall.CLONE_SIGHAND}, syscall.EINVAL},
	{"ioctl", []int{-1, syscall.TIOCGWINSZ}, syscall.EBADF},
	{"personality", []int{0}, 0},
	{"socket", []int{syscall.AF_UNIX, -1}, syscall.EINVAL},
	{"unshare", []int{1}, syscall.EINVAL},
}

func TestKernelDeniesWhatTheFilterSays(t *testing.T) {
	free := do(t, errand{Unbounded: true, Do: "calls"})
	filtered := do(t, errand{Filter: true, Do: "calls"})
	confined := do(t, errand{Do: "calls"})
	for _, call := range slices.Concat(denied, permitted) {
		if numbers[call.name][native[0]] < 0 {
			continue
		}
		line := func(errno syscall.Errno) string { return fmt.Sprintf("%s%v %d\n", call.name, call.args, errno) }
		if !strings.Contains(filtered, line(call.want)) || !strings.Contains(confined, line(call.want)) {
			t.Errorf("%s%v: want %v; with all capabilities and the filter:\n%s", call.name, call.args, call.want,
				filtered)
			break
		}
		// A kernel need not have it. That a capability is missing would be EPERM.
		if slices.ContainsFunc(denied, func(a attempt) bool { return a.name == call.name }) &&
			call.want == syscall.EPERM &&
			strings.Contains(free, line(syscall.EPERM)) {
			t.Errorf("%s%v is denied without the filter, too: the test says nothing", call.name, call.args)
		}
	}
}

func TestProgramsThatStartOthersStillWork(t *testing.T) {
	script := "for i in 1 2 3; do (echo $i) | cat; done; sleep 0 & wait; cd /tmp; pwd"
	for _, how := range []string{"exec", "fork"} {
		if got := do(t, errand{Do: how, Args: []string{"sh", "-c", script}}); got != "1\n2\n3\n/tmp\n" {
			t.Errorf("%s: output %q", how, got)
		}
	}
}
