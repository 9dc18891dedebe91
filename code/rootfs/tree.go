//go:build linux

package rootfs

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// How a path in the root filesystem is looked up (openat2(2)): as if the
// root were / already, and not through magic links such as
// /proc/self/fd/7, which know no root.
const (
	resolveInRoot     = unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS
	resolveNoSymlinks = unix.RESOLVE_NO_SYMLINKS | resolveInRoot
)

// resolve opens a path as if dir were the root: neither .. nor a link,
// relative or absolute, leads outside.
func resolve(
	dir *os.File, name string, flags int, how uint64,
) (*os.File, error) {
	for {
		fd, err := unix.Openat2(int(dir.Fd()), name, &unix.OpenHow{
			Flags: uint64(flags | unix.O_CLOEXEC), Resolve: how})
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), name), nil
		case unix.EAGAIN, unix.EINTR: // a rename came in between
		default:
			return nil, &os.PathError{Op: "openat2", Path: name, Err: err}
		}
	}
}

// copyTree returns a copy of a mount, from an open file in it on, and of all mounts below it. The copy is not mounted
// anywhere yet.
func copyTree(file *os.File) (*os.File, error) {
	fd, err := unix.OpenTree(int(file.Fd()), "",
		unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_EMPTY_PATH|unix.AT_RECURSIVE)
	if err != nil {
		return nil, os.NewSyscallError("open_tree", err)
	}
	return os.NewFile(uintptr(fd), file.Name()), nil
}

// moveMount mounts a copy that copyTree made on an open file or directory.
func moveMount(tree, target *os.File) error {
	err := unix.MoveMount(int(tree.Fd()), "", int(target.Fd()), "",
		unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH)
	return os.NewSyscallError("move_mount", err)
}

// setReadOnly makes a mount and all mounts below it read-only.
func setReadOnly(mounted *os.File) error {
	return setAttribute(mounted, unix.MOUNT_ATTR_RDONLY, unix.AT_RECURSIVE)
}

// setAttribute gives a mount an attribute. With AT_RECURSIVE in flags, the mounts below it get it too.
func setAttribute(mounted *os.File, attribute uint64, flags uint) error {
	err := unix.MountSetattr(int(mounted.Fd()), "", unix.AT_EMPTY_PATH|flags, &unix.MountAttr{Attr_set: attribute})
	if err == unix.ENOSYS {
		return fmt.Errorf("mount_setattr: %w (this needs Linux 5.12)", err)
	}
	return os.NewSyscallError("mount_setattr", err)
}

// pathOf is a path to an open file, for system calls that take no descriptor. The host's /proc must still be there.
func pathOf(file *os.File) string {
	return fmt.Sprintf("/proc/self/fd/%d", file.Fd())
}
