//go:build linux

// These tests run the filter as the kernel would, for every architecture.
package confine

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// call is a struct seccomp_data.
type call struct {
	arch      uint32
	number    uint32
	arguments [6]uint64
}

// run interprets a filter.
func run(t *testing.T, program verdict, c call) uint32 {
	t.Helper()
	var word uint32
	for at, steps := 0, 0; ; at, steps = at+1, steps+1 {
		if at >= len(program) || steps > 24 {
			t.Fatalf("%v: at instruction %d of %d after %d steps", c, at, len(program), steps)
		}
		i := program[at]
		jump := func(condition bool) {
			if condition {
				at += int(i.ifTrue)
			} else {
				at += int(i.ifFalse)
			}
		}
		switch i.code {
		case 0x20:
			switch {
			case i.constant == 0:
				word = c.number
			case i.constant == 4:
				word = c.arch
			case i.constant >= 16 && i.constant < 64 && i.constant%8 == 0:
				word = uint32(c.arguments[(i.constant-16)/8])
			case i.constant >= 16 && i.constant < 64 && i.constant%8 == 4:
				word = uint32(c.arguments[(i.constant-20)/8] >> 32)
			default:
				t.Fatalf("load from %d", i.constant)
			}
		case 0x05:
			at += int(i.constant)
		case 0x15:
			jump(word == i.constant)
		case 0x35:
			jump(word >= i.constant)
		case 0x45:
			jump(word&i.constant != 0)
		case 0x06:
			return i.constant
		default:
			t.Fatalf("unknown instruction %#x", i.code)
		}
	}
}

var machines = map[string][]architecture{"amd64": {amd64, x86}, "arm64": {arm64, arm}}

var spelled = map[uint32]string{
	unix.SECCOMP_RET_ALLOW: "allow", 0x50001: "EPERM", 0x50000 + 38: "ENOSYS", unix.SECCOMP_RET_KILL_PROCESS: "kill",
}

func answer(t *testing.T, program verdict, arch architecture, number int, arguments ...uint64) string {
	t.Helper()
	c := call{arch: audit[arch], number: uint32(number)}
	copy(c.arguments[:], arguments)
	return spelled[run(t, program, c)]
}

func defaults(t *testing.T, p Profile) set {
	t.Helper()
	found, err := p.capabilities()
	testkit.Must(t, err)
	return found
}

func TestFilterDeniesDangerousCallsOnEveryArchitecture(t *testing.T) {
	for name, machine := range machines {
		program := filter(machine, defaults(t, Profile{}))
		if len(program) > 4096 { // BPF_MAXINSNS
			t.Errorf("%s: %d instructions", name, len(program))
		}
		for _, arch := range machine {
			for _, group := range dangerous {
				want := "EPERM"
				if group.capability == "SYS_CHROOT" { // which is among the default ones
					want = "allow"
				}
				for _, name := range group.calls {
					numbers, known := numbers[name]
					if !known {
						t.Fatalf("no number for %s", name)
					}
					if number := numbers[arch]; number >= 0 && answer(t, program, arch, number) != want {
						t.Errorf("%s on architecture %d: %s, want %s", name, arch, answer(t, program, arch,
							number), want)
					}
				}
			}
		}
	}
}

func TestFilterAllowsEverythingElseUpToTheLastCallItKnows(t *testing.T) {
	for _, machine := range machines {
		program := filter(machine, defaults(t, Profile{}))
		for _, arch := range machine {
			listed := map[int]bool{}
			for _, each := range numbers {
				listed[each[arch]] = true
			}
			for number := range 2000 {
				want := "allow"
				if number > lastCall {
					want = "ENOSYS"
				}
				if got := answer(t, program, arch, number); !listed[number] && got != want {
					t.Errorf("call %d of architecture %d: %s, want %s", number, arch, got, want)
				}
			}
		}
	}
}

func TestFilterLooksAtArguments(t *testing.T) {
	const high = 1 << 32 // the kernel does not look there, so it must change nothing
	for _, machine := range machines {
		program := filter(machine, defaults(t, Profile{}))
		for _, arch := range machine {
			for _, c := range []struct {
				call      string
				arguments []uint64
				want      string
			}{
				{"clone", []uint64{syscall.CLONE_VM | syscall.CLONE_THREAD | syscall.CLONE_SIGHAND}, "allow"},
				{"clone", []uint64{uint64(syscall.SIGCHLD)}, "allow"},
				{"clone", []uint64{0xff}, "allow"}, // a signal, not CLONE_NEWTIME
				{"clone", []uint64{syscall.CLONE_NEWUSER}, "EPERM"},
				{"clone", []uint64{syscall.CLONE_NEWUSER | high}, "EPERM"},
				{"clone", []uint64{syscall.CLONE_NEWNS | uint64(syscall.SIGCHLD)}, "EPERM"},
				{"clone", []uint64{0x02000000}, "EPERM"}, // CLONE_NEWCGROUP
				{"clone3", nil, "ENOSYS"},
				{"unshare", []uint64{syscall.CLONE_FILES | syscall.CLONE_FS}, "allow"},
				{"unshare", []uint64{syscall.CLONE_NEWNET}, "EPERM"},
				{"unshare", []uint64{0x80}, "EPERM"}, // CLONE_NEWTIME
				{"personality", []uint64{0}, "allow"},
				{"personality", []uint64{0xffffffff}, "allow"},
				{"personality", []uint64{0xffffffffffffffff}, "allow"},
				{"personality", []uint64{8}, "allow"},
				{"personality", []uint64{0x0040000}, "EPERM"}, // ADDR_NO_RANDOMIZE
				{"personality", []uint64{0x0400000}, "EPERM"}, // READ_IMPLIES_EXEC
				{"socket", []uint64{syscall.AF_INET}, "allow"},
				{"socket", []uint64{syscall.AF_UNIX}, "allow"},
				{"socket", []uint64{39}, "allow"},
				{"socket", []uint64{38}, "EPERM"},
				{"socket", []uint64{40}, "EPERM"},
				{"socket", []uint64{40 | high}, "EPERM"},
				{"ioctl", []uint64{0, syscall.TIOCGWINSZ}, "allow"},
				{"ioctl", []uint64{0, syscall.TIOCSTI}, "EPERM"},
				{"ioctl", []uint64{0, syscall.TIOCSTI | high}, "EPERM"}, // CVE-2019-10063
				{"ioctl", []uint64{0, syscall.TIOCLINUX}, "EPERM"},
			} {
				number := numbers[c.call][arch]
				if number < 0 {
					continue
				}
				if got := answer(t, program, arch, number, c.arguments...); got != c.want {
					t.Errorf("%s%#x on architecture %d: %s, want %s", c.call, c.arguments, arch, got, c.want)
				}
			}
		}
	}
}

// socketcall(2) is how C libraries of i386, and Go, make a socket. SteamCMD is among what broke when Docker denied it
// (moby#52506, taken back in moby#52547). 102 is its number on i386.
func TestFilterLeavesProgramsOfI386TheirSockets(t *testing.T) {
	program := filter(machines["amd64"], defaults(t, Profile{}))
	for call := range uint64(21) { // SYS_SOCKET to SYS_SENDMMSG of <linux/net.h>
		if got := answer(t, program, x86, 102, call); got != "allow" {
			t.Errorf("socketcall %d: %s", call, got)
		}
	}
}

func TestFilterKnowsEveryWayToCallOnAMachine(t *testing.T) {
	program := filter(machines["amd64"], defaults(t, Profile{}))
	for number, want := range map[int]string{
		0x40000000 + numbers["mount"][amd64]: "ENOSYS", // x32, when the kernel has it
		0x40000000:                           "ENOSYS",
		520:                                  "ENOSYS", // x32's own, which old kernels took without its bit
		-1:                                   "ENOSYS",
	} {
		if got := answer(t, program, amd64, number); got != want {
			t.Errorf("call %#x: %s, want %s", number, got, want)
		}
	}
	for _, foreign := range []architecture{arm64, arm} {
		if got := answer(t, program, foreign, 0); got != "kill" {
			t.Errorf("call of architecture %d: %s, want kill", foreign, got)
		}
	}
	if got := answer(t, filter(machines["arm64"], 0), arm, 0x0f0005); got != "allow" {
		t.Errorf("set_tls of 32-bit ARM: %s", got)
	}
}

func TestCapabilitiesGiveCallsBack(t *testing.T) {
	for _, c := range []struct {
		add   string
		calls []string
		still []string // denied nonetheless
	}{
		{"SYS_ADMIN", []string{"mount", "umount2", "setns", "unshare", "clone", "clone3", "bpf", "perf_event_open",
			"syslog", "fsopen", "sethostname", "pivot_root"}, []string{"reboot", "init_module", "keyctl",
			"io_uring_setup", "kexec_load"}},
		{"CAP_BPF", []string{"bpf"}, []string{"perf_event_open", "mount"}},
		{"perfmon", []string{"perf_event_open"}, []string{"bpf"}},
		{"SYS_PTRACE", []string{"kcmp", "pidfd_getfd", "process_madvise"}, []string{"mount"}},
		{"SYS_MODULE", []string{"init_module", "finit_module", "delete_module"}, []string{"mount"}},
		{"SYS_TIME", []string{"settimeofday", "clock_settime"}, []string{"mount"}},
		{"DAC_READ_SEARCH", []string{"open_by_handle_at"}, []string{"mount"}},
		{"SYS_NICE", []string{"mbind", "set_mempolicy"}, nil},
		{"ALL", []string{"mount", "reboot", "acct", "vhangup", "bpf"}, []string{"add_key", "userfaultfd", "swapon"}},
	} {
		program := filter(machines["amd64"], defaults(t, Profile{CapAdd: []string{c.add}}))
		namespaces := uint64(syscall.CLONE_NEWUSER)
		for _, name := range c.calls {
			if got := answer(t, program, amd64, numbers[name][amd64], namespaces); got != "allow" {
				t.Errorf("%s with %s: %s", name, c.add, got)
			}
		}
		for _, name := range c.still {
			if got := answer(t, program, amd64, numbers[name][amd64]); got != "EPERM" {
				t.Errorf("%s with %s: %s, want EPERM", name, c.add, got)
			}
		}
	}
	program := filter(machines["amd64"], defaults(t, Profile{CapDrop: []string{"SYS_CHROOT"}}))
	if got := answer(t, program, amd64, numbers["chroot"][amd64]); got != "EPERM" {
		t.Errorf("chroot without SYS_CHROOT: %s", got)
	}
}

func TestChooseReachesFarVerdicts(t *testing.T) {
	for _, length := range []int{2, 254, 255, 256, 1000} {
		long := slices.Concat(verdict{skip(length - 2)}, slices.Repeat(kill, length-2), allow)
		program := slices.Concat(verdict{loadWord(0)}, choose(equal, 7, long, deny))
		for number, want := range map[uint32]string{7: "allow", 8: "EPERM"} {
			if got := spelled[run(t, program, call{number: number})]; got != want {
				t.Errorf("%d instructions, call %d: %s, want %s", length, number, got, want)
			}
		}
	}
}

// The numbers are written down for machines that these tests do not run on. For this one, package syscall knows many.
func TestNumbersAreThoseOfTheKernel(t *testing.T) {
	for name, number := range map[string]int{
		"acct": syscall.SYS_ACCT, "add_key": syscall.SYS_ADD_KEY, "chroot": syscall.SYS_CHROOT,
		"clock_settime": syscall.SYS_CLOCK_SETTIME, "clone": syscall.SYS_CLONE,
		"delete_module": syscall.SYS_DELETE_MODULE,
		"fanotify_init": syscall.SYS_FANOTIFY_INIT, "get_mempolicy": syscall.SYS_GET_MEMPOLICY,
		"init_module": syscall.SYS_INIT_MODULE, "ioctl": syscall.SYS_IOCTL, "kexec_load": syscall.SYS_KEXEC_LOAD,
		"keyctl": syscall.SYS_KEYCTL, "lookup_dcookie": syscall.SYS_LOOKUP_DCOOKIE, "mbind": syscall.SYS_MBIND,
		"migrate_pages": syscall.SYS_MIGRATE_PAGES, "mount": syscall.SYS_MOUNT, "move_pages": syscall.SYS_MOVE_PAGES,
		"nfsservctl": syscall.SYS_NFSSERVCTL, "perf_event_open": syscall.SYS_PERF_EVENT_OPEN,
		"personality": syscall.SYS_PERSONALITY, "pivot_root": syscall.SYS_PIVOT_ROOT, "quotactl": syscall.SYS_QUOTACTL,
		"reboot": syscall.SYS_REBOOT, "request_key": syscall.SYS_REQUEST_KEY,
		"set_mempolicy": syscall.SYS_SET_MEMPOLICY,
		"setdomainname": syscall.SYS_SETDOMAINNAME, "sethostname": syscall.SYS_SETHOSTNAME,
		"settimeofday": syscall.SYS_SETTIMEOFDAY, "swapoff": syscall.SYS_SWAPOFF, "swapon": syscall.SYS_SWAPON,
		"syslog": syscall.SYS_SYSLOG, "umount2": syscall.SYS_UMOUNT2, "unshare": syscall.SYS_UNSHARE,
		"vhangup": syscall.SYS_VHANGUP,
	} {
		if got := numbers[name][native[0]]; got != number {
			t.Errorf("%s has number %d here, and %d in package syscall", name, got, number)
		}
	}
}

// x/sys generates its tables from the kernel's headers. They are read from its source, since each is built for one
// architecture only.
func TestNumbersAreThoseOfXSysOnEveryArchitecture(t *testing.T) {
	output, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("there is no Go toolchain here to find the source of golang.org/x/sys")
	}
	testkit.Must(t, err)
	constant := regexp.MustCompile(`(?m)^\s+SYS_(\w+)\s+= (\d+)$`)
	for arch, suffix := range map[architecture]string{amd64: "amd64", x86: "386", arm64: "arm64", arm: "arm"} {
		file := filepath.Join(strings.TrimSpace(string(output)), "unix", "zsysnum_linux_"+suffix+".go")
		source, err := os.ReadFile(file)
		testkit.Must(t, err)
		known := map[string]string{}
		for _, match := range constant.FindAllStringSubmatch(string(source), -1) {
			known[strings.ToLower(match[1])] = match[2]
		}
		for name, calls := range numbers {
			if want := cmp.Or(known[name], "-1"); strconv.Itoa(calls[arch]) != want {
				t.Errorf("%s has number %d on %s, and %s in x/sys", name, calls[arch], suffix, want)
			}
		}
	}
}

func TestNoTwoCallsShareANumber(t *testing.T) {
	for arch := range arm + 1 {
		seen := map[int]string{}
		for _, name := range slices.Sorted(maps.Keys(numbers)) {
			number := numbers[name][arch]
			if other := seen[number]; number >= 0 && other != "" {
				t.Errorf("%s and %s have number %d on architecture %d", name, other, number, arch)
			}
			if number > lastCall {
				t.Errorf("%s has number %d, beyond the last", name, number)
			}
			seen[number] = name
		}
	}
}

func TestCheckNamesWhatItDoesNotKnow(t *testing.T) {
	for _, p := range []Profile{
		{CapAdd: []string{"NET_ADMINISTRATION"}}, {CapDrop: []string{"CAP_"}}, {CapAdd: []string{""}},
	} {
		name := strings.Join(slices.Concat(p.CapAdd, p.CapDrop), "")
		if err := Check(p); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("unknown capability %q", name)) {
			t.Errorf("%v: %v", p, err)
		}
	}
}

func TestProfileIsReadAsDockerDoes(t *testing.T) {
	ordinary := strings.Join(byDefault, " ")
	for _, c := range []struct {
		add, drop string
		want      string
	}{
		{"", "", ordinary},
		{"", "ALL", ""},
		{"", "all", ""},
		{"CHOWN", "ALL", "CHOWN"},
		{"cap_chown cap_kill", "ALL", "CHOWN KILL"},
		{"", "CAP_CHOWN", strings.TrimPrefix(ordinary, "CHOWN ")},
		{"ALL", "", strings.Join(names, " ")},
		{"ALL", "CHOWN", strings.TrimPrefix(strings.Join(names, " "), "CHOWN ")},
		{"CHOWN", "CHOWN", ordinary},
	} {
		p := Profile{CapAdd: strings.Fields(c.add), CapDrop: strings.Fields(c.drop)}
		got := strings.Fields(defaults(t, p).String())
		want := strings.Fields(c.want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("add %q, drop %q: %v, want %v", c.add, c.drop, got, want)
		}
	}
	got := defaults(t, Profile{Privileged: true, CapDrop: []string{"SYS_BOOT"}})
	if got.has("SYS_BOOT") || !got.has("SYS_ADMIN") {
		t.Errorf("privileged without SYS_BOOT: %v", got)
	}
}

func TestEveryNumberIsLookedAt(t *testing.T) {
	found := map[string]bool{}
	for _, group := range dangerous {
		for _, name := range group.calls {
			found[name] = true
		}
	}
	for _, name := range []string{"clone", "clone3", "ioctl", "personality", "socket", "unshare"} {
		found[name] = true
	}
	for name := range numbers {
		if !found[name] {
			t.Errorf("%s has numbers and no rule", name)
		}
	}
}
