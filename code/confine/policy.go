//go:build linux

package confine

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// dangerous are the system calls that a container does not need, and what capability a user adds who does. The list is
// what Docker's default profile leaves out; see the manual page of each call for what it does.
var dangerous = []struct {
	capability string // "": none gives them back
	calls      []string
}{
	// Kernel keys know no namespaces (CVE-2016-0728).
	{"", []string{"add_key", "keyctl", "request_key"}},
	// Ways around every filter and audit, and a source of exploits (CVE-2021-41073, CVE-2023-2598).
	{"", []string{"io_uring_enter", "io_uring_register", "io_uring_setup"}},
	// Holds the kernel still in the middle of a copy, for exploits to win their race (CVE-2016-6187).
	{"", []string{"userfaultfd"}},
	{"", []string{"kexec_file_load", "kexec_load", "swapoff", "swapon"}},
	// Out of date, seldom compiled in and never looked at.
	{"", []string{"_sysctl", "create_module", "get_kernel_syms", "nfsservctl", "query_module", "sysfs", "uselib",
		"ustat", "vm86", "vm86old"}},
	// Mounts, and namespaces to have the right to them (CVE-2022-0185).
	{"SYS_ADMIN", []string{"fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount",
		"open_tree", "open_tree_attr", "pivot_root", "setns", "umount", "umount2"}},
	{"SYS_ADMIN", []string{"fanotify_init", "lookup_dcookie", "quotactl", "quotactl_fd", "setdomainname",
		"sethostname"}},
	// Opens any file of a filesystem by number, from whichever mount of it: "shocker", 2014.
	{"DAC_READ_SEARCH", []string{"open_by_handle_at"}},
	{"SYS_ADMIN BPF", []string{"bpf"}},
	{"SYS_ADMIN PERFMON", []string{"perf_event_open"}}, // CVE-2013-2094
	{"SYS_ADMIN SYSLOG", []string{"syslog"}},
	{"SYS_BOOT", []string{"reboot"}},
	{"SYS_CHROOT", []string{"chroot"}},
	{"SYS_MODULE", []string{"delete_module", "finit_module", "init_module"}},
	{"SYS_NICE", []string{"get_mempolicy", "mbind", "migrate_pages", "move_pages", "set_mempolicy",
		"set_mempolicy_home_node"}},
	{"SYS_PACCT", []string{"acct"}},
	{"SYS_PTRACE", []string{"kcmp", "pidfd_getfd", "process_madvise"}},
	{"SYS_RAWIO", []string{"ioperm", "iopl"}},
	{"SYS_TIME", []string{"clock_settime", "clock_settime64", "settimeofday", "stime"}},
	{"SYS_TTY_CONFIG", []string{"vhangup"}},
}

// Arguments that decide. Those that x/sys does not have are from <linux/net.h> and <linux/personality.h>.
const (
	newNamespace = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
	newTime         = unix.CLONE_NEWTIME // for unshare: in the flags of clone these bits are the exit signal
	familyAlgorithm = unix.AF_ALG
	familyVsock     = unix.AF_VSOCK
	ioctlPushInput  = unix.TIOCSTI
	ioctlConsole    = unix.TIOCLINUX
	linux32         = 0x0008  // uname says i686
	uname26         = 0x20000 // uname says 2.6
	ask             = 0xffffffff
)

// verdicts are those on single calls of an architecture, by number.
func verdicts(arch architecture, allowed set) map[uint32]verdict {
	found := map[uint32]verdict{}
	put := func(call string, v verdict) {
		if number := numbers[call][arch]; number >= 0 {
			found[uint32(number)] = v
		}
	}
	for _, group := range dangerous {
		if slices.ContainsFunc(strings.Fields(group.capability), allowed.has) {
			continue
		}
		for _, call := range group.calls {
			put(call, deny)
		}
	}
	if !allowed.has("SYS_ADMIN") {
		put("clone", argument(0, choose(anyBit, newNamespace, deny, allow)))
		put("unshare", argument(0, choose(anyBit, newNamespace|newTime, deny, allow)))
		// Its flags are in memory, where no filter can look. C libraries fall back to clone.
		put("clone3", absent)
	}
	// Other personalities bring back old weaknesses, such as memory without randomness.
	put("personality", argument(0, oneOf([]uint32{0, linux32, uname26, uname26 | linux32, ask}, allow, deny)))
	// Namespaces do not separate sockets to the hypervisor. Those of the kernel's cryptography let any user change
	// files in memory (CVE-2026-31431).
	put("socket", argument(0, oneOf([]uint32{familyAlgorithm, familyVsock}, deny, allow)))
	// A program of i386 can open the same sockets through socketcall, whose arguments are in memory. It stays open: Go
	// and older C libraries use nothing else there, so to deny it is to deny their programs every network. Docker
	// denied it once and took that back (moby#52506, moby#52547).
	// They type on the terminal that Sheep was started from (CVE-2016-2779, CVE-2023-28100).
	put("ioctl", argument(1, oneOf([]uint32{ioctlPushInput, ioctlConsole}, deny, allow)))
	return found
}

// oneOf goes on with one verdict if the word is one of the values, and with another if not.
func oneOf(values []uint32, yes, no verdict) verdict {
	for _, value := range slices.Backward(values) {
		no = choose(equal, value, yes, no)
	}
	return no
}
