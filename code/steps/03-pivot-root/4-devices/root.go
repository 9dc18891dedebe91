package main

import (
	"os"
	"path/filepath"
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

// enter makes a directory the root of this mount namespace.
func enter(root string) {
	const private = syscall.MS_REC | syscall.MS_PRIVATE
	check("set mounts private", syscall.Mount("", "/", "", private, ""))
	// pivot_root exchanges mounts. Bound on itself, a directory is one.
	const bind = syscall.MS_REC | syscall.MS_BIND
	check("bind the root", syscall.Mount(root, root, "", bind, ""))
	old := filepath.Join(root, ".old") // where the old root goes
	check("make a directory", os.MkdirAll(old, 0o700))
	check("pivot_root", syscall.PivotRoot(root, old))
	check("go to the new root", syscall.Chdir("/"))
	mountAll()
	makeDevices()
	// The old root is in use: our program's own file is on it. Detached, it
	// is out of the tree at once, and gone when its last user is.
	check("detach the old root",
		syscall.Unmount("/.old", syscall.MNT_DETACH))
	// Only an empty directory can be removed so. os.RemoveAll would delete
	// the host's files if they were still there.
	check("remove its directory", os.Remove("/.old"))
}

// mountAll mounts what mounts lists, in the new root.
func mountAll() {
	for _, m := range mounts {
		check("make "+m.target, os.MkdirAll(m.target, 0o755))
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
