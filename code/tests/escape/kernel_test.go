//go:build linux

package escape

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"golang.org/x/sys/unix"
)

// call makes a system call and says what came of it.
func call(number uintptr, arguments ...uintptr) error {
	var six [6]uintptr
	copy(six[:], arguments)
	_, _, errno := syscall.Syscall6(number, six[0], six[1], six[2], six[3], six[4], six[5])
	if errno != 0 {
		return errno
	}
	return nil
}

func pointer(text string) uintptr {
	bytes, err := syscall.BytePtrFromString(text)
	if err != nil {
		panic(err)
	}
	return uintptr(unsafe.Pointer(bytes))
}

// write opens a file to write to it. It writes nothing, for it might be the machine's.
func write(name string) error {
	file, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return file.Close()
}

// These reach into the kernel itself, and through it to all containers.
var kernelAttempts = []struct {
	name   string
	do     func() error
	answer string
}{
	{"core_pattern, a program that the kernel starts on the host",
		func() error { return write("/proc/sys/kernel/core_pattern") }, readOnly + "|" + missing},
	{"modprobe, another one", func() error { return write("/proc/sys/kernel/modprobe") }, readOnly + "|" + missing},
	{"uevent_helper, another one", func() error { return write("/sys/kernel/uevent_helper") }, readOnly + "|" +
		missing},
	{"binfmt_misc, another one", func() error { return write("/proc/sys/fs/binfmt_misc/register") }, readOnly + "|" +
		missing},
	{"sysrq-trigger reboots the machine", func() error { return write("/proc/sysrq-trigger") }, readOnly + "|" +
		missing},
	{"panic_on_oom", func() error { return write("/proc/sys/vm/panic_on_oom") }, readOnly},
	{"kcore is the memory of the machine", func() error { return empty("/proc/kcore") }, "empty|" + missing},
	{"keys of all users", func() error { return empty("/proc/keys") }, "empty|" + missing},
	{"firmware", func() error { return empty("/sys/firmware") }, "empty|" + missing},
	{"kmsg, the kernel's log", func() error { return empty("/proc/kmsg") }, denied},
	{"syslog", func() error { return call(syscall.SYS_SYSLOG, 3, pointer(strings.Repeat("x", 64)), 64) }, denied},
	{"mem, the device", func() error { return write("/dev/mem") }, missing},

	{"load a module", func() error { return call(syscall.SYS_INIT_MODULE, pointer("x"), 1, pointer("")) }, denied},
	{"load a module from a file", func() error { return call(unix.SYS_FINIT_MODULE, 0, pointer("")) }, denied},
	{"unload a module", func() error { return call(syscall.SYS_DELETE_MODULE, pointer("x"), 0) }, denied},
	{"load another kernel", func() error { return call(syscall.SYS_KEXEC_LOAD) }, denied},
	{"reboot", func() error { return syscall.Reboot(syscall.LINUX_REBOOT_CMD_CAD_OFF) }, denied},
	{"set the clock", func() error { return syscall.Settimeofday(&syscall.Timeval{Sec: 1}) }, denied},
	{"set the hostname", func() error { return syscall.Sethostname([]byte("wolf")) }, denied},
	{"CVE-2021-3490: load a BPF program", func() error { return call(unix.SYS_BPF, 5) }, denied},
	{"CVE-2013-2094: perf_event_open", func() error {
		return call(syscall.SYS_PERF_EVENT_OPEN, 0, 0, ^uintptr(0),
			^uintptr(0))
	}, denied},
	{"CVE-2016-6187: userfaultfd", func() error { return call(unix.SYS_USERFAULTFD, 1) }, denied},
	{"CVE-2021-41073: io_uring", func() error {
		return call(unix.SYS_IO_URING_SETUP, 1,
			uintptr(unsafe.Pointer(new([120]byte))))
	}, denied},
	{"CVE-2016-0728: join a session keyring", func() error { return call(syscall.SYS_KEYCTL, 1, 0) }, denied},
	{"add a key", func() error {
		return call(syscall.SYS_ADD_KEY, pointer("user"), pointer("wolf"), pointer("x"), 1, ^uintptr(2))
	}, denied},
	{"request a key", func() error { return call(syscall.SYS_REQUEST_KEY, pointer("user"), pointer("wolf")) }, denied},
	{"CVE-2026-31431: a socket to the kernel's cryptography", func() error { return socket(38) }, denied},
	{"a socket to the hypervisor", func() error { return socket(40) }, denied},
	{"personality without random addresses", func() error { return call(syscall.SYS_PERSONALITY, 0x0040000) }, denied},
	{"account processes to a file", func() error { return call(syscall.SYS_ACCT, pointer("/tmp/x")) }, denied},

	{"CVE-2022-0185: fsopen", func() error { return call(unix.SYS_FSOPEN, pointer("tmpfs"), 0) }, denied},
	{"a user namespace, by unshare", func() error { return syscall.Unshare(syscall.CLONE_NEWUSER) }, denied},
	{"a user namespace, by clone", func() error {
		return call(syscall.SYS_CLONE,
			syscall.CLONE_NEWUSER|uintptr(syscall.SIGCHLD))
	}, denied},
	{"a user namespace, by clone3", func() error {
		arguments := [11]uint64{syscall.CLONE_NEWUSER, 4: uint64(syscall.SIGCHLD)}
		return call(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&arguments)), unsafe.Sizeof(arguments))
	}, "function not implemented"},
	{"a mount namespace", func() error { return syscall.Unshare(syscall.CLONE_NEWNS) }, denied},
	{"a time namespace", func() error { return syscall.Unshare(0x80) }, denied},
	{"back into a namespace, by setns", func() error {
		file, err := os.Open("/proc/self/ns/mnt")
		if err != nil {
			return err
		}
		defer file.Close()
		return call(unix.SYS_SETNS, file.Fd(), 0)
	}, denied},
	{"CVE-2022-0492: release_agent, on a cgroup mounted in a user namespace", func() error {
		if err := syscall.Unshare(syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWCGROUP); err != nil {
			return err
		}
		return nil
	}, denied},
	{"CVE-2022-0492: release_agent, on a cgroup mounted by root",
		func() error { return mount("cgroup", "cgroup", 0, "memory") }, denied},
	{"release_agent of what is mounted", func() error { return write("/sys/fs/cgroup/release_agent") }, readOnly + "|" +
		missing},
	{"out of the cgroup", func() error { return write("/sys/fs/cgroup/cgroup.procs") }, readOnly + "|" + missing},
	{"out of the limits", func() error { return write("/sys/fs/cgroup/memory.max") }, readOnly + "|" + missing},

	{"remount /proc/sys for writing", func() error { return remount("/proc/sys") }, denied},
	{"remount /sys for writing", func() error { return remount("/sys") }, denied},
	{"unmount what makes /proc/sys read-only", func() error { return syscall.Unmount("/proc/sys", syscall.MNT_DETACH) },
		denied},
	{"unmount the mask of /proc/kcore", func() error { return syscall.Unmount("/proc/kcore", syscall.MNT_DETACH) },
		denied},
	{"unmount the root", func() error { return syscall.Unmount("/", syscall.MNT_DETACH) }, denied},
	{"mount another /proc without masks", func() error { return mount("proc", "proc", 0, "") }, denied},
	{"mount another /sys", func() error { return mount("sysfs", "sysfs", 0, "") }, denied},
	{"bind /proc elsewhere", func() error { return mount("/proc", "", syscall.MS_BIND, "") }, denied},
	{"move /proc away", func() error { return mount("/proc", "", syscall.MS_MOVE, "") }, denied},
	{"share mounts with the host", func() error {
		return syscall.Mount("", "/", "", syscall.MS_SHARED|syscall.MS_REC,
			"")
	}, denied},
	{"mount the disk", func() error { return mount("/dev/vda", "ext4", 0, "") }, denied},
	{"pivot_root", func() error { return syscall.PivotRoot(".", ".") }, denied},
	{"a node of the disk", func() error { return openNode("/dev/disk", syscall.S_IFBLK, diskNumber()) }, denied},
	{"a node of the memory", func() error { return openNode("/dev/mem", syscall.S_IFCHR, 1<<8|1) }, denied},
	{"a node of the kernel's log", func() error { return openNode("/dev/kmsg", syscall.S_IFCHR, 1<<8|11) }, denied},
	{"a node in the image", func() error { return openNode("/mem", syscall.S_IFCHR, 1<<8|1) }, denied + "|" + noAccess},
	{"set an interface down", func() error {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
		if err != nil {
			return err
		}
		request := [40]byte{'l', 'o'}
		return call(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS, uintptr(unsafe.Pointer(&request)))
	}, denied},
}

// What the kernel says, in the words of package syscall.
const (
	denied   = "operation not permitted"
	readOnly = "read-only file system"
	missing  = "no such file or directory"
	noAccess = "permission denied"
	nobody   = "no such process"
	refused  = "connection refused"
)

// empty returns an error unless a file or directory is empty.
func empty(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		entries, err := os.ReadDir(name)
		if err == nil && len(entries) == 0 {
			return fmt.Errorf("empty")
		}
		return err
	}
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	if n, _ := file.Read(make([]byte, 64)); n == 0 {
		return fmt.Errorf("empty")
	}
	return nil
}

// socket makes a socket. i386 has a second way to do that, which is open where there are only programs of i386: it is
// the one that package syscall takes there, so here it is the first.
func socket(family uintptr) error { return call(unix.SYS_SOCKET, family, syscall.SOCK_SEQPACKET, 0) }

func mount(source, kind string, flags uintptr, data string) error {
	target, err := os.MkdirTemp("/", "")
	if err != nil {
		return err
	}
	return syscall.Mount(source, target, kind, flags, data)
}

// openNode makes a device node and opens it.
func openNode(name string, kind uint32, number int) error {
	if err := syscall.Mknod(name, kind|0o600, number); err != nil {
		return err
	}
	defer os.Remove(name)
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	return file.Close()
}

// diskNumber is the number of the first disk in /proc/partitions.
func diskNumber() int {
	var major, minor, blocks int
	var name string
	content, _ := os.ReadFile("/proc/partitions")
	lines := strings.Split(string(content), "\n")
	for _, line := range lines[1:] {
		if n, _ := fmt.Sscan(line, &major, &minor, &blocks, &name); n == 4 {
			return major<<8 | minor
		}
	}
	return 254 << 8 // of a virtual machine
}

func remount(target string) error {
	return syscall.Mount("", target, "", syscall.MS_REMOUNT|syscall.MS_BIND, "")
}

func init() {
	for _, each := range kernelAttempts {
		attempts[each.name] = func([]string) error { return each.do() }
	}
	attempts["all of the kernel"] = func([]string) error {
		for _, each := range kernelAttempts {
			fmt.Printf("%s: %v\n", each.name, reason(each.do()))
		}
		return nil
	}
}

func TestKernelIsOutOfReach(t *testing.T) {
	for _, as := range []struct {
		name   string
		change func(*options)
	}{
		{"as root", func(*options) {}},
		{"under an init", func(o *options) { o.Init = true }},
	} {
		t.Run(as.name, func(t *testing.T) {
			output := inside(t, as.change, "all of the kernel")
			for _, each := range kernelAttempts {
				t.Run(each.name, func(t *testing.T) {
					answer := lineAfter(output, each.name+": ")
					for want := range strings.SplitSeq(each.answer, "|") {
						if answer == want {
							return
						}
					}
					t.Errorf("%s, want %s", answer, each.answer)
				})
			}
		})
	}
}

// reason is the innermost of an error.
func reason(err error) string {
	switch e := err.(type) {
	case nil:
		return "ESCAPED"
	case *os.PathError:
		return e.Err.Error()
	}
	return err.Error()
}

func lineAfter(text, prefix string) string {
	for line := range strings.Lines(text) {
		if rest, found := strings.CutPrefix(line, prefix); found {
			return strings.TrimSpace(rest)
		}
	}
	return "nothing was said"
}

// A program of i386 on amd64 and one of amd64 have the same kernel: see TestCallsOfI386DoNotGoAround of package
// confine.

// In a container files can be reached through handles that name no path: "shocker", of 2014, read the host's
// /etc/shadow through the filesystem that a bind came from.
func TestShockerOpenByHandle(t *testing.T) {
	secret := secretFile(t)
	change := func(o *options) {
		o.Binds = append(o.Binds, bind{Source: t.TempDir(), Target: "/bound"})
	}
	if got := inside(t, change, "open by handle", "/bound", secret); got != denied {
		t.Errorf("open_by_handle_at: %s", got)
	}
}

func init() {
	attempts["open by handle"] = func(args []string) error {
		var handle struct {
			size, kind uint32
			data       [128]byte
		}
		handle.size = uint32(len(handle.data))
		var mountID int32
		if err := call(unix.SYS_NAME_TO_HANDLE_AT, ^uintptr(99), pointer(args[0]), uintptr(unsafe.Pointer(&handle)),
			uintptr(unsafe.Pointer(&mountID)), 0); err != nil {
			return fmt.Errorf("name_to_handle_at: %w", err)
		}
		directory, err := os.Open(args[0])
		if err != nil {
			return err
		}
		defer directory.Close()
		return call(unix.SYS_OPEN_BY_HANDLE_AT, directory.Fd(), uintptr(unsafe.Pointer(&handle)), syscall.O_RDONLY)
	}
}

// secretFile makes a file of the host that nobody inside may read.
func secretFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "secret")
	testkit.Must(t, os.WriteFile(name, []byte("the wolf's address"), 0o600))
	return name
}
