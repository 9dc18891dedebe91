//go:build linux

// Package rootfs (chapter 3) gives a process in a new mount namespace its own root filesystem.
//
// A new mount namespace shows the host's files, for its tree of mounts is a copy. chroot(2) does not change that: it
// moves the start of path lookup, and a process with root's rights walks out again. [Enter] changes the tree. It mounts
// what programs expect into the new root (proc, sys, dev, what the user binds), makes that root the root of the mount
// namespace with pivot_root(2), and detaches the old one. Then no path leads to the host's files, because no mount
// does.
//
// All this happens in a directory that an image filled, which may be hostile. Every target is therefore looked up with
// openat2(2) as if the directory were the root already: no link in an image leads outside.
//
// Read first: [Enter], then pivot, resolve in tree.go, and maskPaths.
//
// # Caveats
//
// A root filesystem that a process is in is not yet a prison: with all of root's capabilities a process can mount the
// host's disk. Package confine takes those away. Needs Linux 5.12, for mount_setattr(2).
//
// See pivot_root(2), mount(2), mount_namespaces(7), openat2(2), pts(4).
package rootfs

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Bind makes a file or directory of the host appear in the container.
type Bind struct {
	Source   string `json:"source"`    // on the host
	Target   string `json:"target"`    // in the container; made if it is missing
	ReadOnly bool   `json:"read_only"` // with all that is mounted below it

	// Optional says that the bind is left out where there is no place for it and none can be made. It comes after all
	// that are not optional.
	Optional bool `json:"optional,omitempty"`
}

// Mounts are what a root filesystem gets beyond what every one has.
type Mounts struct {
	Binds []Bind
	Tmpfs []Tmpfs
	// Unmasked says that all of /proc and /sys can be read and written, for programs that may do everything.
	Unmasked bool
}

// inOrder is the order in which to mount: what is below another after it, which would hide it otherwise, and what is
// optional on top of all.
func (m Mounts) inOrder() []mounter {
	var all []mounter
	for _, bind := range m.Binds {
		all = append(all, bind)
	}
	for _, tmpfs := range m.Tmpfs {
		all = append(all, tmpfs)
	}
	rank := func(m mounter) int {
		target, last := m.place()
		if last {
			return math.MaxInt
		}
		return strings.Count(path.Clean(target), "/")
	}
	slices.SortStableFunc(all, func(a, b mounter) int { return cmp.Compare(rank(a), rank(b)) })
	return all
}

// mounter is what can be mounted below a root.
type mounter interface {
	mount(root *os.File) error
	place() (target string, last bool)
}

// Enter makes root the root filesystem of the caller's mount namespace, which must be a new one, and its working
// directory. Whatever order the mounts are given in, one that is below another can be seen. The new /proc, /dev/mqueue
// and /sys show the caller's PID, IPC and network namespaces. After an error the namespace is half changed and the
// caller must end.
func Enter(root string, m Mounts) error {
	// A new mount namespace starts as a copy whose mounts stay in the peer groups of the originals. Where those are
	// shared, as systemd makes them, a mount made here would show up on the host (mount_namespaces(7), "Shared
	// subtrees").
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	// pivot_root wants a mount point. Mounted on itself, a directory is one.
	if err := unix.Mount(root, root, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("bind root filesystem %s: %w", root, err)
	}
	dir, err := os.OpenFile(root, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return fmt.Errorf("open root filesystem: %w", err)
	}
	defer dir.Close()
	// Device nodes that came with the image must not open devices.
	if err := setAttribute(dir, unix.MOUNT_ATTR_NODEV, 0); err != nil {
		return fmt.Errorf("close root filesystem to devices: %w", err)
	}
	if err := mountKernelFileSystems(dir, m.Unmasked); err != nil {
		return err
	}
	if err := mountCgroups(dir, m.Unmasked); err != nil {
		return err
	}
	if err := populateDev(dir); err != nil {
		return err
	}
	for _, each := range m.inOrder() {
		if err := each.mount(dir); err != nil {
			return err
		}
	}
	if err := pivot(dir); err != nil {
		return err
	}
	if m.Unmasked {
		return nil
	}
	return maskPaths()
}

// pivot makes a mount point the root of the mount namespace and lets go of the old root.
func pivot(dir *os.File) error {
	if err := dir.Chdir(); err != nil {
		return fmt.Errorf("change to new root: %w", err)
	}
	// The second argument says where to put the old root. "." puts it on top of the new one, so that no directory has
	// to be made for it, in a place that the image knows (pivot_root(2), NOTES).
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	// The old root is busy: open descriptors and this process are in it. Once detached, no path reaches it, and it goes
	// when its last user does.
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("detach old root: %w", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return fmt.Errorf("change to new root: %w", err)
	}
	return nil
}
