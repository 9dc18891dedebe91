//go:build linux

package overlay

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// A container can nest directories deeper than a path is long or a process has descriptors: mkdir and chdir in a loop
// end only when the disk is full. So what follows goes by descriptors, of which it has a few open at a time, whatever
// the depth. A link is never followed, and no other mount is entered.

// openIn opens a directory in another one.
func openIn(parent *os.File, name string) (*os.File, error) {
	fd, err := unix.Openat2(int(parent.Fd()), name, &unix.OpenHow{
		Flags:   unix.O_RDONLY | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV,
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// removal removes a directory with all that is in it. A directory that is neither at its top nor empty is moved to the
// top before it is removed, so nothing is ever more than two levels deep.
type removal struct {
	path string
	top  *os.File
	free int // no number from here on has been given to a directory as its name at the top
}

// removeTree removes a file, or a directory with all that is in it. It returns nil if there is none. A file
// that cannot be removed stays, at the place that the error names, and all the rest is removed.
func removeTree(path string) error {
	path = filepath.Clean(path)
	parent, err := os.Open(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer parent.Close()
	base := filepath.Base(path)
	err = unlink(parent, base)
	if err == unix.ENOTEMPTY {
		err = removeFull(parent, base, path)
	}
	return because("remove", path, err)
}

// removeFull removes a directory that is not empty.
func removeFull(parent *os.File, base, path string) error {
	top, err := openIn(parent, base)
	if err != nil {
		return err
	}
	defer top.Close()
	r := removal{path: path, top: top}
	if err := empty(top, path, r.removeAtTop); err != nil {
		return err
	}
	return unlink(parent, base)
}

// because says to which file an error belongs, unless that is said.
func because(doing, path string, err error) error {
	if _, said := err.(*fs.PathError); err == nil || said {
		return err
	}
	return &fs.PathError{Op: doing, Path: path, Err: err}
}

// unlink removes a file or an empty directory, and returns ENOTEMPTY for any other directory.
func unlink(parent *os.File, name string) error {
	err := unix.Unlinkat(int(parent.Fd()), name, 0)
	if err == unix.EISDIR {
		err = unix.Unlinkat(int(parent.Fd()), name, unix.AT_REMOVEDIR)
	}
	if err == unix.ENOENT {
		return nil
	}
	return err
}

// empty removes what is in a directory. Each directory there that is not empty it gives to full, which has to remove it
// or move it away. It returns the first error, after it has tried all.
func empty(dir *os.File, path string, full func(name string) error) error {
	for {
		var first error
		done := 0
		err := readNames(dir, func(name string) error {
			err := unlink(dir, name)
			if err == unix.ENOTEMPTY {
				err = full(name)
			}
			if err == nil {
				done++
			} else if first == nil {
				first = because("remove", filepath.Join(path, name), err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if done == 0 {
			return first
		}
		// A directory that changes while it is read may not have shown all.
		if _, err := dir.Seek(0, io.SeekStart); err != nil {
			return err
		}
	}
}

// removeAtTop removes a directory at the top. Directories below it come to the top, and have their turn there.
func (r *removal) removeAtTop(name string) error {
	dir, err := openIn(r.top, name)
	if err != nil {
		return err
	}
	defer dir.Close()
	err = empty(dir, filepath.Join(r.path, name), func(name string) error {
		for {
			err := unix.Renameat(int(dir.Fd()), name, int(r.top.Fd()), strconv.Itoa(r.free))
			r.free++
			switch err {
			case unix.EEXIST, unix.ENOTEMPTY, unix.ENOTDIR: // a removal that was killed has used the number
			default:
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	return unlink(r.top, name)
}

// readNames calls do for each name in a directory, from where it was read to, until an error.
func readNames(dir *os.File, do func(name string) error) error {
	for {
		names, err := dir.Readdirnames(1024)
		for _, name := range names {
			if err := do(name); err != nil {
				return err
			}
		}
		if err == io.EOF || errors.Is(err, fs.ErrNotExist) { // a directory that is removed has no names
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// level is a directory on the way from the top to the one that is being visited.
type level struct {
	name  string // in the level above
	inode uint64
	rest  []string // directories in it that are still to be visited
}

type visitor struct {
	top, dir *os.File
	levels   []level // from top to dir
	visit    func(*unix.Stat_t)
}

// visitTree calls visit for all that is below a directory. A container may change it at the same time: what it removes
// or moves just then may be missed.
func visitTree(path string, visit func(*unix.Stat_t)) error {
	top, err := os.Open(path)
	if err != nil {
		return err
	}
	defer top.Close()
	dir, err := openIn(top, ".")
	if err != nil {
		return because("open", path, err)
	}
	v := visitor{top: top, dir: dir, visit: visit}
	defer func() { v.dir.Close() }()
	for err = v.look("."); err == nil; {
		last := &v.levels[len(v.levels)-1]
		switch rest := len(last.rest); {
		case rest > 0:
			name := last.rest[rest-1]
			last.rest = last.rest[:rest-1]
			err = v.down(name)
		case len(v.levels) > 1:
			v.levels = v.levels[:len(v.levels)-1]
			err = v.up()
		default:
			return nil
		}
	}
	return err
}

// look calls visit for what is in dir, and makes it the last level.
func (v *visitor) look(name string) error {
	var stat unix.Stat_t
	if err := unix.Fstat(int(v.dir.Fd()), &stat); err != nil {
		return because("stat", name, err)
	}
	here := level{name: name, inode: stat.Ino}
	err := readNames(v.dir, func(name string) error {
		err := unix.Fstatat(int(v.dir.Fd()), name, &stat, unix.AT_SYMLINK_NOFOLLOW)
		if err == unix.ENOENT {
			return nil
		}
		if err != nil {
			return because("stat", name, err)
		}
		v.visit(&stat)
		if stat.Mode&unix.S_IFMT == unix.S_IFDIR {
			here.rest = append(here.rest, name)
		}
		return nil
	})
	v.levels = append(v.levels, here)
	return err
}

// down goes to a directory in dir, unless that is gone.
func (v *visitor) down(name string) error {
	next, err := openIn(v.dir, name)
	if away(err) {
		return nil
	}
	if err != nil {
		return because("open", name, err)
	}
	v.dir.Close()
	v.dir = next
	return v.look(name)
}

// up goes to the last level, which was above dir. If dir has been moved since, it goes down from the top again, as far
// as the levels are still there.
func (v *visitor) up() error {
	last := len(v.levels) - 1
	next, err := openSame(v.dir, "..", v.levels[last].inode)
	if away(err) {
		next, err = openIn(v.top, ".")
		for index := 1; err == nil && index <= last; index++ {
			var below *os.File
			below, err = openSame(next, v.levels[index].name, v.levels[index].inode)
			if away(err) {
				v.levels, err = v.levels[:index], nil
				break
			}
			next.Close()
			next = below
		}
	}
	if err != nil {
		return because("open", v.levels[len(v.levels)-1].name, err)
	}
	v.dir.Close()
	v.dir = next
	return nil
}

// openSame opens a directory in another one, if it is the one with this inode.
func openSame(parent *os.File, name string, inode uint64) (*os.File, error) {
	dir, err := openIn(parent, name)
	if err != nil {
		return nil, err
	}
	var stat unix.Stat_t
	err = unix.Fstat(int(dir.Fd()), &stat)
	if err == nil && stat.Ino != inode {
		err = unix.ENOENT
	}
	if err != nil {
		dir.Close()
		return nil, err
	}
	return dir, nil
}

// away reports whether a directory could not be opened because something else is there, or nothing.
func away(err error) bool {
	switch err {
	case unix.ENOENT, unix.ENOTDIR, unix.ELOOP, unix.EXDEV:
		return true
	}
	return false
}
