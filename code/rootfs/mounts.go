//go:build linux

package rootfs

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// kernelFileSystems are mounted in every container, in this order.
var kernelFileSystems = []struct {
	target, kind string
	flags        uintptr
	data         string
}{
	{"/proc", "proc", syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC, ""},
	{"/sys", "sysfs", syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC | syscall.MS_RDONLY, ""},
	{"/dev", "tmpfs", syscall.MS_NOSUID | syscall.MS_STRICTATIME, "mode=755,size=64k"},
	{"/dev/pts", "devpts", syscall.MS_NOSUID | syscall.MS_NOEXEC, "ptmxmode=0666,mode=0620"},
	{"/dev/shm", "tmpfs", syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC, "mode=1777,size=64m"},
	{"/dev/mqueue", "mqueue", syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC, ""},
	{"/tmp", "tmpfs", syscall.MS_NOSUID | syscall.MS_NODEV, "mode=1777"},
}

func mountKernelFileSystems(root *os.File) error {
	for _, each := range kernelFileSystems {
		// An image may have made a link of /proc. To follow it, even inside, would leave the
		// real place without the mount, and masks would miss (CVE-2019-19921).
		target, err := makeTarget(root, each.target, true, resolveNoSymlinks)
		if err != nil {
			return fmt.Errorf("mount %s: %w", each.target, err)
		}
		err = syscall.Mount(each.kind, pathOf(target), each.kind, each.flags, each.data)
		target.Close()
		if err != nil {
			return fmt.Errorf("mount %s on %s: %w", each.kind, each.target, err)
		}
	}
	return nil
}

// mountCgroups mounts the cgroup that the process is in, for programs that look up their limits, if they can see no other:
// the machine has cgroup v2, and the process a cgroup namespace of its own.
func mountCgroups(root *os.File) error {
	const place, magic = "/sys/fs/cgroup", 0x63677270 // statfs(2), CGROUP2_SUPER_MAGIC
	const initial = 0xeffffffb                        // the first namespace's inode, <linux/nsfs.h>
	var host syscall.Statfs_t
	if err := syscall.Statfs(place, &host); err != nil || host.Type != magic {
		return nil
	}
	var namespace syscall.Stat_t
	// Of this thread: the others may still be in another.
	if err := syscall.Stat("/proc/thread-self/ns/cgroup", &namespace); err != nil || namespace.Ino == initial {
		return nil
	}
	target, err := makeTarget(root, place, true, resolveNoSymlinks)
	if err != nil {
		return fmt.Errorf("mount %s: %w", place, err)
	}
	defer target.Close()
	const flags = syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC | syscall.MS_RDONLY
	// Read-only is this mount alone, although there is one superblock for all.
	if err := syscall.Mount("cgroup2", pathOf(target), "cgroup2", flags, ""); err != nil {
		return fmt.Errorf("mount cgroup2 on %s: %w", place, err)
	}
	return nil
}

// devices are the character devices of every container, all for reading and writing by anyone.
// The kernel has them under these numbers everywhere (Documentation/admin-guide/devices.txt).
var devices = []struct {
	name         string
	major, minor int
}{
	{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
}

// links of /dev, to what is the reader's own.
var links = map[string]string{
	"fd":     "/proc/self/fd",
	"stdin":  "/proc/self/fd/0",
	"stdout": "/proc/self/fd/1",
	"stderr": "/proc/self/fd/2",
	"ptmx":   "pts/ptmx", // of this container's devpts, not of the host's
}

// populateDev fills the new /dev.
func populateDev(root *os.File) error {
	dev, err := resolve(root, "/dev", oPath|syscall.O_DIRECTORY, resolveNoSymlinks)
	if err != nil {
		return fmt.Errorf("open new /dev: %w", err)
	}
	defer dev.Close()
	for _, device := range devices {
		number := device.major<<8 | device.minor // makedev(3), for numbers below 256
		err := syscall.Mknodat(int(dev.Fd()), device.name, syscall.S_IFCHR|0o666, number)
		if errors.Is(err, syscall.EPERM) {
			// In a user namespace nobody may make devices. The host's own can be bound.
			if err := (Bind{Source: "/dev/" + device.name, Target: "/dev/" + device.name}).mount(root); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("make device /dev/%s: %w", device.name, err)
		}
		// mknod's mode is what the umask left of it.
		if err := os.Chmod(pathOf(dev)+"/"+device.name, 0o666); err != nil {
			return fmt.Errorf("make device /dev/%s: %w", device.name, err)
		}
	}
	for name, target := range links {
		if err := os.Symlink(target, pathOf(dev)+"/"+name); err != nil {
			return fmt.Errorf("make link /dev/%s: %w", name, err)
		}
	}
	return nil
}
