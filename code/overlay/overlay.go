//go:build linux

// Package overlay (chapter 5) gives each container a root filesystem that it can write to, though many share one image.
//
// A copy of the image for each container would cost its whole size each time. OverlayFS lays one directory over another
// instead: the lower one is the image, which never changes, the upper one belongs to the container and is empty at
// first. Merged, they look like one. A read falls through to lower where upper has nothing. The first change to a file,
// even of one byte or only of its mode, copies all of it up. Removing what lower has leaves a whiteout in upper, a
// character device 0/0 that hides it, and a directory that takes the place of a removed one is marked opaque, so that
// nothing shows through. work is the kernel's: there it prepares what then appears in upper by an atomic rename, for
// which both must be on one file system.
//
// [Overlay.Mount] makes the directories and mounts, [Overlay.Unmount] leaves upper for the next start, and
// [Overlay.Remove] deletes the container's files. Lower is never written to.
//
// Read first: [Overlay.Mount], makeDirectories, [Overlay.Remove].
//
// # Caveats
//
// Whoever changes lower while it is mounted gets undefined results (kernel documentation, "Changes to underlying
// filesystems"). Nothing here takes a lock: only one process at a time may work on an overlay.
//
// See mount(8), "Mount options for overlay", and the kernel's documentation, "Overlay Filesystem".
package overlay

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// Overlay is a container's view of an image.
type Overlay struct {
	Lower string // the image's root filesystem; only Mount needs it
	Dir   string // the container's directory: holds upper, work and merged
}

// Merged returns the directory where both show as one, once mounted.
func (o Overlay) Merged() string { return filepath.Join(o.Dir, "merged") }

func (o Overlay) upper() string { return filepath.Join(o.Dir, "upper") }
func (o Overlay) work() string  { return filepath.Join(o.Dir, "work") }

// Mount mounts the overlay on its merged directory. What an earlier mount left in upper is there again. It fails with
// EBUSY if the overlay is mounted already: two that share an upper corrupt it.
func (o Overlay) Mount() error {
	mounted, err := o.Mounted()
	if err == nil && mounted {
		err = fmt.Errorf("already mounted: %w", unix.EBUSY)
	}
	if err == nil {
		err = o.makeDirectories()
	}
	if err == nil {
		err = o.mount()
	}
	if err != nil {
		return fmt.Errorf("mount overlay on %s: %w", o.Merged(), err)
	}
	return nil
}

func (o Overlay) mount() error {
	layers := [...]string{o.Lower, o.upper(), o.work()}
	for index, layer := range layers {
		absolute, err := filepath.Abs(layer)
		if err != nil {
			return err
		}
		layers[index] = absolute
	}
	options := optionsFor(layers)
	if len(options) >= os.Getpagesize() {
		// The kernel cuts options off at a page (mount(2)). A path to an open directory is short, and serves as well as
		// long as /proc is there; only /proc/mounts then does not show the real paths.
		for index, layer := range layers {
			dir, err := os.OpenFile(layer, unix.O_PATH|unix.O_DIRECTORY, 0)
			if err != nil {
				return err
			}
			defer dir.Close()
			layers[index] = fmt.Sprintf("/proc/self/fd/%d", dir.Fd())
		}
		options = optionsFor(layers)
	}
	err := unix.Mount("overlay", o.Merged(), "overlay", 0, options)
	switch err {
	case unix.ENODEV:
		return fmt.Errorf("%w: this kernel has no overlay file system; try modprobe overlay", err)
	case unix.EINVAL:
		return fmt.Errorf("%w: %s is on a file system that may not serve as an upper directory "+
			"(overlay and NFS cannot); see the kernel's log", err, o.Dir)
	}
	return err
}

// optionsFor returns the mount options for lower, upper and work.
func optionsFor(layers [3]string) string {
	return "lowerdir=" + escape(layers[0]) + ",upperdir=" + escape(layers[1]) + ",workdir=" + escape(layers[2])
}

// escape makes a path one value among mount options, where a comma ends an option, a colon ends one of several lower
// directories, and a backslash takes the meaning from the character that follows.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `:`, `\:`).Replace(path)
}

// makeDirectories makes upper, work and merged where they are missing.
func (o Overlay) makeDirectories() error {
	lower, err := os.Stat(o.Lower)
	if err != nil {
		return err
	}
	// Only root gets in: users of the host must not reach a setuid program
	// of an image.
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return err
	}
	for _, dir := range []string{o.work(), o.Merged()} {
		err := os.Mkdir(dir, 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if _, err := os.Stat(o.upper()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// The container's / has the mode and owner of upper, so they must be
	// lower's from the start: upper appears when ready, or not at all.
	aside := filepath.Join(o.Dir, "upper.new")
	err = os.Mkdir(aside, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	stat := lower.Sys().(*syscall.Stat_t)
	if err := os.Chown(aside, int(stat.Uid), int(stat.Gid)); err != nil {
		return err
	}
	if err := os.Chmod(aside, lower.Mode()); err != nil {
		return err
	}
	crash.Point("overlay/prepare-upper")
	if err := os.Rename(aside, o.upper()); err != nil {
		return err
	}
	crash.Point("overlay/make-upper")
	return nil
}

// Unmount unmounts the overlay. It returns nil if it is not mounted. A
// process that still uses it, such as a shell that was left in there, keeps
// what it has open, but no path of the host's tree leads there any longer.
func (o Overlay) Unmount() error {
	for {
		err := unix.Unmount(o.Merged(), unix.UMOUNT_NOFOLLOW)
		if err == unix.EBUSY {
			err = unix.Unmount(o.Merged(),
				unix.UMOUNT_NOFOLLOW|unix.MNT_DETACH)
		}
		switch err {
		case nil: // there may be another below it
		case unix.EINVAL, unix.ENOENT:
			return nil // nothing is mounted there, or there is no directory
		default:
			return fmt.Errorf("unmount overlay on %s: %w", o.Merged(), err)
		}
	}
}

// Remove unmounts the overlay and deletes its directory, in whatever state it is. It returns nil if the directory is
// gone.
func (o Overlay) Remove() error {
	if filepath.Clean("/"+o.Dir) == "/" {
		return fmt.Errorf("remove overlay: %q is not the directory of an overlay", o.Dir)
	}
	// Before anything is deleted: the files below merged are lower's.
	if err := o.Unmount(); err != nil {
		return err
	}
	crash.Point("overlay/unmount")
	if err := removeTree(o.Dir); err != nil {
		return fmt.Errorf("remove overlay: %w", err)
	}
	return nil
}

// Mounted reports whether the overlay is mounted, in the caller's mount namespace.
func (o Overlay) Mounted() (bool, error) {
	merged, err := filepath.Abs(o.Merged())
	if err == nil {
		merged, err = filepath.EvalSymlinks(merged)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for overlay on %s: %w", o.Merged(), err)
	}
	mounts, err := mountinfo.GetMounts(func(info *mountinfo.Info) (skip, stop bool) {
		found := info.Mountpoint == merged && info.FSType == "overlay"
		return !found, found
	})
	if err != nil {
		return false, fmt.Errorf("look for overlay on %s: %w", o.Merged(), err)
	}
	return len(mounts) > 0, nil
}

// Size returns how many bytes the container's own files take on the disk, whatever their length: files with holes take
// less than it, small ones more. Files of lower do not count, nor does upper itself.
func (o Overlay) Size() (int64, error) {
	var size int64
	links := map[uint64]bool{}
	err := visitTree(o.upper(), func(stat *unix.Stat_t) {
		if stat.Nlink > 1 && stat.Mode&unix.S_IFMT != unix.S_IFDIR {
			if links[stat.Ino] {
				return
			}
			links[stat.Ino] = true
		}
		size += stat.Blocks * 512 // stat(2): whatever the file system's blocks are
	})
	if err != nil {
		return 0, fmt.Errorf("measure overlay: %w", err)
	}
	return size, nil
}

// List returns the names of the overlays in a directory that holds nothing else, also of those that a killed runtime
// left half made.
func List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list overlays: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}
