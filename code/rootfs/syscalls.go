//go:build linux

package rootfs

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// System calls that package syscall does not have. They are newer than 2019, when numbers became the same everywhere.
const (
	sysOpenTree     = 428 // Linux 5.2
	sysMoveMount    = 429 // Linux 5.2
	sysOpenat2      = 437 // Linux 5.6
	sysMountSetattr = 442 // Linux 5.12
)

// Constants of <linux/fcntl.h>, <linux/openat2.h> and <linux/mount.h>.
const (
	openTreeClone     = 0x1
	moveFromOpen      = 0x4
	moveToOpen        = 0x40
	oPath             = 0x200000
	resolveNoMagic    = 0x02
	resolveNoSymlinks = 0x04 | resolveInRoot
	resolveInRoot     = 0x10 | resolveNoMagic
	atEmptyPath       = 0x1000
	atRecursive       = 0x8000
	mountAttrReadOnly = 0x1
	mountAttrNoDev    = 0x4
)

// resolve opens a path as if dir were the root: neither .. nor a link, relative or absolute, leads outside.
func resolve(dir *os.File, name string, flags int, how uint64) (*os.File, error) {
	pointer, err := syscall.BytePtrFromString(name)
	if err != nil {
		return nil, &os.PathError{Op: "openat2", Path: name, Err: err}
	}
	arguments := struct{ flags, mode, resolve uint64 }{uint64(flags | syscall.O_CLOEXEC), 0, how}
	for {
		fd, _, errno := syscall.Syscall6(sysOpenat2, dir.Fd(), uintptr(unsafe.Pointer(pointer)),
			uintptr(unsafe.Pointer(&arguments)), unsafe.Sizeof(arguments), 0, 0)
		switch errno {
		case 0:
			return os.NewFile(fd, name), nil
		case syscall.EAGAIN, syscall.EINTR: // something was renamed meanwhile
		default:
			return nil, &os.PathError{Op: "openat2", Path: name, Err: errno}
		}
	}
}

// copyTree returns a copy of a mount, from an open file in it on, and of all mounts below it. It is mounted nowhere.
func copyTree(file *os.File) (*os.File, error) {
	empty := new(byte)
	fd, _, errno := syscall.Syscall(sysOpenTree, file.Fd(), uintptr(unsafe.Pointer(empty)),
		openTreeClone|atEmptyPath|atRecursive|syscall.O_CLOEXEC)
	if errno != 0 {
		return nil, os.NewSyscallError("open_tree", errno)
	}
	return os.NewFile(fd, file.Name()), nil
}

// moveMount mounts on an open file or directory what is mounted nowhere.
func moveMount(tree, target *os.File) error {
	empty := new(byte)
	_, _, errno := syscall.Syscall6(sysMoveMount, tree.Fd(), uintptr(unsafe.Pointer(empty)), target.Fd(),
		uintptr(unsafe.Pointer(empty)), moveFromOpen|moveToOpen, 0)
	if errno != 0 {
		return os.NewSyscallError("move_mount", errno)
	}
	return nil
}

// setReadOnly makes a mount and all mounts below it read-only.
func setReadOnly(mounted *os.File) error {
	return setAttribute(mounted, mountAttrReadOnly, atRecursive)
}

// setAttribute gives a mount an attribute; those below it as well if flags say so.
func setAttribute(mounted *os.File, attribute uint64, flags uintptr) error {
	attributes := struct{ set, clear, propagation, userNamespace uint64 }{set: attribute}
	empty := new(byte)
	_, _, errno := syscall.Syscall6(sysMountSetattr, mounted.Fd(), uintptr(unsafe.Pointer(empty)), atEmptyPath|flags,
		uintptr(unsafe.Pointer(&attributes)), unsafe.Sizeof(attributes), 0)
	if errno == syscall.ENOSYS {
		return fmt.Errorf("mount_setattr: %w (this needs Linux 5.12)", errno)
	}
	if errno != 0 {
		return os.NewSyscallError("mount_setattr", errno)
	}
	return nil
}

// pathOf is a path to an open file, for system calls that take none. The host's /proc must still be there.
func pathOf(file *os.File) string {
	return fmt.Sprintf("/proc/self/fd/%d", file.Fd())
}
