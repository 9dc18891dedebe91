//go:build linux

package rootfs

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// ParseBind reads a bind as users write it, source:target[:ro]. A source that is not absolute is one below the working
// directory.
func ParseBind(text string) (Bind, error) {
	parts := strings.Split(text, ":")
	if len(parts) == 2 {
		parts = append(parts, "rw")
	}
	if len(parts) != 3 || parts[0] == "" || !path.IsAbs(parts[1]) || parts[2] != "ro" && parts[2] != "rw" {
		return Bind{}, errors.New("it is like /srv/data:/data or /srv/data:/data:ro")
	}
	if !strings.Contains(parts[0], "/") && strings.Trim(parts[0], ".") != "" { // docker keeps volumes under such names
		return Bind{}, errors.New("there are no named volumes: give a path like ./data or /srv/data")
	}
	source, err := filepath.Abs(parts[0])
	if err != nil {
		return Bind{}, err
	}
	return Bind{Source: source, Target: parts[1], ReadOnly: parts[2] == "ro"}, nil
}

// mount binds the source on the target, with what is mounted below it.
func (b Bind) mount(root *os.File) error {
	source, err := os.OpenFile(b.Source, oPath, 0)
	if err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return fmt.Errorf("bind %s: %w", b.Source, err)
	}
	target, err := makeTarget(root, b.Target, info.IsDir(), resolveInRoot)
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

// bindTo mounts a copy of what one open file sees on another. It looks up no name, so that no name
// can be made to mean something else meanwhile. And what is to be read-only, with all that is mounted
// below it, is that before anybody can see it.
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

// refuse names the targets that nothing may be bound on, wherever the links of the image led to them. The root is that of
// what follows. And in /proc masks are mounted and descriptors opened: it has to be the kernel's (CVE-2019-16884).
func refuse(root, target *os.File) error {
	var top, place syscall.Stat_t
	var system syscall.Statfs_t
	if err := errors.Join(syscall.Fstat(int(root.Fd()), &top), syscall.Fstat(int(target.Fd()), &place)); err != nil {
		return err
	}
	if top.Dev == place.Dev && top.Ino == place.Ino {
		return errors.New("that is the root itself")
	}
	const magic = 0x9fa0 // statfs(2), PROC_SUPER_MAGIC
	if err := syscall.Fstatfs(int(target.Fd()), &system); err != nil {
		return err
	}
	if system.Type == magic {
		return errors.New("that is in /proc, which must be the kernel's")
	}
	return nil
}

// makeTarget opens a mount point in the root filesystem. What is missing of it is made:
// directories, and at the end a directory or an empty file. how says what links may do.
func makeTarget(root *os.File, name string, directory bool, how uint64) (*os.File, error) {
	parent, err := resolve(root, "/", oPath|syscall.O_DIRECTORY, how)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(strings.Trim(path.Clean("/"+name), "/"), "/")
	for index := range parts {
		place := "/" + strings.Join(parts[:index+1], "/")
		last := index == len(parts)-1
		next, err := resolve(root, place, oPath, how)
		if errors.Is(err, syscall.ENOENT) {
			if last && !directory {
				err = makeFile(parent, parts[index])
			} else {
				err = syscall.Mkdirat(int(parent.Fd()), parts[index], 0o755)
			}
			if errors.Is(err, syscall.EEXIST) { // and yet it leads nowhere
				err = errors.New("a dangling link is in the way")
			}
			if err == nil {
				next, err = resolve(root, place, oPath, how)
			}
		}
		parent.Close()
		if errors.Is(err, syscall.ELOOP) {
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
	fd, err := syscall.Openat(int(dir.Fd()), name, syscall.O_CREAT|syscall.O_EXCL|syscall.O_WRONLY|syscall.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	return syscall.Close(fd)
}
