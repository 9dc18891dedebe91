//go:build linux

package rootfs

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// groupOfTerminals is the group tty in nearly all distributions, whose members write(1) lets write to a terminal. It is
// Docker's and runc's choice.
const groupOfTerminals = ",gid=5"

// kernelFileSystems are mounted in every container, in this order.
var kernelFileSystems = []struct {
	target, kind string
	flags        uintptr
	data         string
}{
	{"/proc", "proc", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
	{"/sys", "sysfs", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_RDONLY, ""},
	{"/dev", "tmpfs", unix.MS_NOSUID | unix.MS_STRICTATIME, "mode=755,size=64k"},
	{"/dev/pts", "devpts", unix.MS_NOSUID | unix.MS_NOEXEC, "ptmxmode=0666,mode=0620" + groupOfTerminals},
	{"/dev/shm", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, "mode=1777,size=64m"},
	{"/dev/mqueue", "mqueue", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
}

func mountKernelFileSystems(root *os.File, writable bool) error {
	for _, each := range kernelFileSystems {
		// An image may have made /proc a link. Following it, even inside the root, would leave the real place without
		// the mount, and the masks would miss (CVE-2019-19921).
		target, err := makeTarget(root, each.target, true, resolveNoSymlinks)
		if err != nil {
			return fmt.Errorf("mount %s: %w", each.target, err)
		}
		flags := each.flags
		if writable {
			flags &^= unix.MS_RDONLY
		}
		err = unix.Mount(each.kind, pathOf(target), each.kind, flags, each.data)
		// A user namespace may lack the group.
		if err == unix.EINVAL && strings.HasSuffix(each.data, groupOfTerminals) {
			data := strings.TrimSuffix(each.data, groupOfTerminals)
			err = unix.Mount(each.kind, pathOf(target), each.kind, flags, data)
		}
		target.Close()
		if err != nil {
			return fmt.Errorf("mount %s on %s: %w", each.kind, each.target, err)
		}
	}
	return nil
}

// mountCgroups mounts the cgroup that the process is in, for programs that look up their limits. It does so only if
// they can see no other cgroup: if the machine has cgroup v2, and the process its own cgroup namespace.
func mountCgroups(root *os.File, writable bool) error {
	const place = "/sys/fs/cgroup"
	const initial = 0xeffffffb // the first namespace's inode, <linux/nsfs.h>
	var host unix.Statfs_t
	if err := unix.Statfs(place, &host); err != nil || host.Type != unix.CGROUP2_SUPER_MAGIC {
		return nil
	}
	var namespace unix.Stat_t
	// Of this thread: the others may still be in another.
	if err := unix.Stat("/proc/thread-self/ns/cgroup", &namespace); err != nil || namespace.Ino == initial {
		return nil
	}
	target, err := makeTarget(root, place, true, resolveNoSymlinks)
	if err != nil {
		return fmt.Errorf("mount %s: %w", place, err)
	}
	defer target.Close()
	var flags uintptr = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if !writable {
		flags |= unix.MS_RDONLY
	}
	// Only this mount becomes read-only, although all of them share one superblock.
	if err := unix.Mount("cgroup2", pathOf(target), "cgroup2", flags, ""); err != nil {
		return fmt.Errorf("mount cgroup2 on %s: %w", place, err)
	}
	return nil
}

// devices are the character devices of every container, which any user may read and write. Their numbers are the same
// on every machine (Documentation/admin-guide/devices.txt).
var devices = []struct {
	name         string
	major, minor uint32
}{
	{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
}

// links of /dev, to what belongs to the process that follows them.
var links = map[string]string{
	"fd":     "/proc/self/fd",
	"stdin":  "/proc/self/fd/0",
	"stdout": "/proc/self/fd/1",
	"stderr": "/proc/self/fd/2",
	"ptmx":   "pts/ptmx", // of this container's devpts, not of the host's
}

// populateDev fills the new /dev.
func populateDev(root *os.File) error {
	dev, err := resolve(root, "/dev", unix.O_PATH|unix.O_DIRECTORY, resolveNoSymlinks)
	if err != nil {
		return fmt.Errorf("open new /dev: %w", err)
	}
	defer dev.Close()
	for _, device := range devices {
		number := unix.Mkdev(device.major, device.minor)
		err := unix.Mknodat(int(dev.Fd()), device.name, unix.S_IFCHR|0o666, int(number))
		if errors.Is(err, unix.EPERM) {
			// Devices cannot be made in a user namespace, but the host's can be bound.
			if err := (Bind{Source: "/dev/" + device.name, Target: "/dev/" + device.name}).mount(root); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("make device /dev/%s: %w", device.name, err)
		}
		// The umask has taken bits from the mode that mknod was given.
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
