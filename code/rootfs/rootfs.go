//go:build linux

// Package rootfs gives a process in a new mount namespace a root filesystem of its own.
//
// A new mount namespace shows the host's files, for its tree of mounts is a copy. chroot(2) does not change that: it
// moves the start of path lookup, and a process with root's rights walks out again. [Enter] changes the tree. It mounts
// what programs expect into the new root (proc, sys, dev, what the user binds), makes that root the root of the mount
// namespace with pivot_root(2), and detaches the old one. Then no path leads to the host's files, because no mount does.
//
// All this happens in a directory that somebody else filled. Every target is therefore looked up with openat2(2) as if
// the directory were the root already: a link in an image leads nowhere outside.
//
// See pivot_root(2), mount(2), mount_namespaces(7), openat2(2), pts(4).
package rootfs

import (
	"fmt"
	"os"
	"syscall"
)

// Bind makes a file or directory of the host appear in the container.
type Bind struct {
	Source   string `json:"source"`    // on the host
	Target   string `json:"target"`    // in the container; made if it is missing
	ReadOnly bool   `json:"read_only"` // with all that is mounted below it
}

// Enter makes root the root filesystem of the caller's mount namespace, which must be a new one,
// and its working directory. The caller's PID, IPC and network namespaces are what the new /proc,
// /dev/mqueue and /sys show. After an error the namespace is in no state to go on in.
func Enter(root string, binds []Bind) error {
	// Nothing of what follows may reach the host through shared mounts.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	// pivot_root wants a mount point. Mounted on itself, a directory is one.
	if err := syscall.Mount(root, root, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		return fmt.Errorf("bind root filesystem %s: %w", root, err)
	}
	dir, err := os.OpenFile(root, oPath|syscall.O_DIRECTORY, 0)
	if err != nil {
		return fmt.Errorf("open root filesystem: %w", err)
	}
	defer dir.Close()
	// Device nodes that came with the image are no way to the devices.
	if err := setAttribute(dir, mountAttrNoDev, 0); err != nil {
		return fmt.Errorf("close root filesystem to devices: %w", err)
	}
	if err := mountKernelFileSystems(dir); err != nil {
		return err
	}
	if err := mountCgroups(dir); err != nil {
		return err
	}
	if err := populateDev(dir); err != nil {
		return err
	}
	for _, bind := range binds {
		if err := bind.mount(dir); err != nil {
			return err
		}
	}
	if err := pivot(dir); err != nil {
		return err
	}
	return maskPaths()
}

// pivot makes a mount point the root of the mount namespace and lets go of the old root.
func pivot(dir *os.File) error {
	if err := dir.Chdir(); err != nil {
		return fmt.Errorf("change to new root: %w", err)
	}
	// The second argument says where to put the old root. "." puts it on top of the new one,
	// so that no directory has to be made for it, in a place the image knows (pivot_root(2), NOTES).
	if err := syscall.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	// The old root is busy: descriptors and we ourselves are in it. Detached, it is out of reach
	// of every path at once, and goes when its last user does.
	if err := syscall.Unmount(".", syscall.MNT_DETACH); err != nil {
		return fmt.Errorf("detach old root: %w", err)
	}
	if err := syscall.Chdir("/"); err != nil {
		return fmt.Errorf("change to new root: %w", err)
	}
	return nil
}
