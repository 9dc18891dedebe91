//go:build linux

package rootfs

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// ParseBind reads a bind as users write it, source:target[:ro]. A relative source is below the working directory.
func ParseBind(text string) (Bind, error) {
	parts := strings.Split(text, ":")
	if len(parts) == 2 {
		parts = append(parts, "rw")
	}
	if len(parts) != 3 || parts[0] == "" || !path.IsAbs(parts[1]) || parts[2] != "ro" && parts[2] != "rw" {
		return Bind{}, errors.New("must be SOURCE:TARGET or SOURCE:TARGET:ro, such as /srv/data:/data:ro")
	}
	if !strings.Contains(parts[0], "/") && strings.Trim(parts[0], ".") != "" { // in Docker such a name is a volume
		return Bind{}, errors.New("there are no named volumes: give a path like ./data or /srv/data")
	}
	source, err := filepath.Abs(parts[0])
	if err != nil {
		return Bind{}, err
	}
	return Bind{Source: source, Target: parts[1], ReadOnly: parts[2] == "ro"}, nil
}

func (b Bind) place() (target string, last bool) { return b.Target, b.Optional }

// mount binds the source on the target, with what is mounted below it.
func (b Bind) mount(root *os.File) error {
	source, err := os.OpenFile(b.Source, unix.O_PATH, 0)
	if err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return fmt.Errorf("bind %s: %w", b.Source, err)
	}
	target, err := makeTarget(root, b.Target, info.IsDir(), resolveInRoot)
	if b.Optional && (errors.Is(err, unix.EROFS) || errors.Is(err, errDangling)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("bind %s on %s: %w", b.Source, b.Target, err)
	}
	defer target.Close()
	if err := refuse(root, target); err != nil {
		return fmt.Errorf("bind %s on %s: %w", b.Source, b.Target, err)
	}
	if err := bindTo(source, target, b.ReadOnly); err != nil {
		return fmt.Errorf("bind %s on %s: %w", b.Source, b.Target, err)
	}
	return nil
}

// bindTo mounts a copy of the tree at one open file on another. It looks up no name, so that no name can be made to
// mean something else in between. What is to be read-only, with all that is mounted below it, is so before any process
// can see it.
func bindTo(source, target *os.File, readOnly bool) error {
	tree, err := copyTree(source)
	if err != nil {
		return err
	}
	defer tree.Close()
	if readOnly {
		if err := setReadOnly(tree); err != nil {
			return err
		}
	}
	return moveMount(tree, target)
}

// refuse returns an error for a target that nothing may be bound on, whichever links of the image led to it. The root
// must stay what the rest of the set-up works on. /proc must be the kernel's, since masks are mounted and descriptors
// opened in it (CVE-2019-16884).
func refuse(root, target *os.File) error {
	var top, place unix.Stat_t
	var system unix.Statfs_t
	if err := errors.Join(unix.Fstat(int(root.Fd()), &top), unix.Fstat(int(target.Fd()), &place)); err != nil {
		return err
	}
	if top.Dev == place.Dev && top.Ino == place.Ino {
		return errors.New("the target is the root itself")
	}
	if err := unix.Fstatfs(int(target.Fd()), &system); err != nil {
		return err
	}
	if system.Type == unix.PROC_SUPER_MAGIC {
		return errors.New("the target is in /proc, which must be the kernel's")
	}
	return nil
}

var errDangling = errors.New("a dangling link is in the way")

// makeTarget opens a mount point in the root filesystem. It makes what is missing: the directories on the way, and at
// the end a directory or an empty file. how says which links are followed (openat2(2), RESOLVE_…).
func makeTarget(root *os.File, name string, directory bool, how uint64) (*os.File, error) {
	parent, err := resolve(root, "/", unix.O_PATH|unix.O_DIRECTORY, how)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(strings.Trim(path.Clean("/"+name), "/"), "/")
	for index := range parts {
		place := "/" + strings.Join(parts[:index+1], "/")
		last := index == len(parts)-1
		next, err := resolve(root, place, unix.O_PATH, how)
		if errors.Is(err, unix.ENOENT) {
			if last && !directory {
				err = makeFile(parent, parts[index])
			} else {
				err = unix.Mkdirat(int(parent.Fd()), parts[index], 0o755)
			}
			if errors.Is(err, unix.EEXIST) { // although openat2 found nothing
				err = errDangling
			}
			if err == nil {
				next, err = resolve(root, place, unix.O_PATH, how)
			}
		}
		parent.Close()
		if errors.Is(err, unix.ELOOP) {
			err = errors.New("a link is in the way")
		}
		if err != nil {
			return nil, fmt.Errorf("%s in the root filesystem: %w", place, err)
		}
		parent = next
	}
	info, err := parent.Stat()
	if err == nil && info.IsDir() != directory {
		err = errors.New("source and target must both be files or both be directories")
	}
	if err != nil {
		parent.Close()
		return nil, err
	}
	return parent, nil
}

// makeFile makes an empty file in a directory.
func makeFile(dir *os.File, name string) error {
	fd, err := unix.Openat(int(dir.Fd()), name, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}
