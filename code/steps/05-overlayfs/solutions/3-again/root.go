package main

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	nosuid = syscall.MS_NOSUID // no program there gives rights
	nodev  = syscall.MS_NODEV  // no device there opens
	noexec = syscall.MS_NOEXEC // no program there runs
)

// mounts are what programs expect to find in a root, in this order.
var mounts = []struct {
	kind, target string
	flags        uintptr
	data         string
}{
	{"proc", "/proc", nosuid | nodev | noexec, ""},
	{"sysfs", "/sys", nosuid | nodev | noexec | syscall.MS_RDONLY, ""},
	{"tmpfs", "/tmp", nosuid | nodev, "mode=1777"},
	{"tmpfs", "/dev", nosuid | syscall.MS_STRICTATIME, "mode=755,size=64k"},
	{"devpts", "/dev/pts", nosuid | noexec,
		"ptmxmode=0666,mode=0620,gid=5"}, // 5: group tty
	{"tmpfs", "/dev/shm", nosuid | nodev | noexec, "mode=1777,size=64m"},
	{"mqueue", "/dev/mqueue", nosuid | nodev | noexec, ""},
}

// devices have the same numbers on every machine.
var devices = []struct {
	name         string
	major, minor uint32
}{
	{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7},
	{"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
}

// links lead to what belongs to the process that follows them.
var links = map[string]string{
	"fd":     "/proc/self/fd",
	"stdin":  "/proc/self/fd/0",
	"stdout": "/proc/self/fd/1",
	"stderr": "/proc/self/fd/2",
	"ptmx":   "pts/ptmx", // of the new devpts
}

// masked are files and directories of the kernel's that tell too much about
// the host or reach too deep into it. Those in readOnly may still be read.
// The lists follow Docker's.
var (
	masked = []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
		"/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
		"/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/devices/virtual/powercap", "/sys/firmware",
	}
	readOnly = []string{"/proc/bus", "/proc/fs", "/proc/irq",
		"/proc/sys", "/proc/sysrq-trigger"}
)

// enter makes an image, with a container's own directory over it, the root
// of this mount namespace.
func enter(image, dir string) {
	const private = syscall.MS_REC | syscall.MS_PRIVATE
	check("set mounts private", syscall.Mount("", "/", "", private, ""))
	check("go to the new root", syscall.Chdir(overlay(image, dir)))
	// The old root comes to lie on the new one, and needs no directory.
	check("pivot_root", syscall.PivotRoot(".", "."))
	mountAll()
	makeDevices()
	// The old root is in use: our program's own file is on it. Detached, it
	// is out of the tree at once, and gone when its last user is.
	check("detach the old root", syscall.Unmount(".", syscall.MNT_DETACH))
	check("go to the new root", syscall.Chdir("/"))
	mask()
}

// set gives a mount, and all below it, an attribute beside those it has.
func set(mount string, attribute uint64) error {
	return unix.MountSetattr(unix.AT_FDCWD, mount, unix.AT_RECURSIVE,
		&unix.MountAttr{Attr_set: attribute})
}

// mountAll mounts what mounts lists, in the new root.
func mountAll() {
	for _, m := range mounts {
		check("make "+m.target, os.MkdirAll(m.target, 0o755))
		at, err := os.Lstat(m.target) // or the masks would miss
		if err == nil && !at.IsDir() {
			err = errors.New("a link is in the way")
		}
		check("mount "+m.target, err)
		check("mount "+m.target,
			syscall.Mount(m.kind, m.target, m.kind, m.flags, m.data))
	}
}

// makeDevices fills the new /dev.
func makeDevices() {
	// The umask would take from the modes, and these are for everybody.
	defer syscall.Umask(syscall.Umask(0))
	for _, d := range devices {
		number := int(unix.Mkdev(d.major, d.minor))
		check("make /dev/"+d.name,
			syscall.Mknod("/dev/"+d.name, syscall.S_IFCHR|0o666, number))
	}
	for name, target := range links {
		check("make /dev/"+name, os.Symlink(target, "/dev/"+name))
	}
}

// mask hides what is masked, and protects what is readOnly.
func mask() {
	for _, name := range masked {
		at, err := os.Lstat(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // not every kernel has all of them
		}
		check("mask "+name, err)
		source, kind, flags := "/dev/null", "", uintptr(syscall.MS_BIND)
		if at.IsDir() {
			source, kind, flags = "tmpfs", "tmpfs", syscall.MS_RDONLY
		}
		check("mask "+name, syscall.Mount(source, name, kind, flags, ""))
	}
	for _, name := range readOnly {
		err := syscall.Mount(name, name, "", syscall.MS_BIND, "")
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		check("protect "+name, err)
		check("protect "+name, set(name, unix.MOUNT_ATTR_RDONLY))
	}
}
