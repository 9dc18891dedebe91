//go:build linux

package archive

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// directory is an open directory of the target.
type directory struct {
	fd    int // -1: none
	name  string
	inode uint64 // 0: not asked for
}

func (d *directory) close() {
	if d.fd >= 0 {
		unix.Close(d.fd)
	}
	*d = directory{fd: -1}
}

// enter makes a directory of the target the parent of what is put next.
// With create it makes what is missing.
func (t *Target) enter(name string, create bool) error {
	if t.parent.fd >= 0 && t.parent.name == name {
		return nil
	}
	t.parent.close()
	fd, err := t.resolve(name)
	if err == unix.ENOENT && create {
		fd, err = t.makeDirectories(name)
	}
	if err != nil {
		return err
	}
	t.parent = directory{fd: fd, name: name}
	if t.own != nil {
		t.parent.inode, err = inode(fd)
	}
	return err
}

// resolve opens a directory as if the target were the root of everything:
// this is what keeps links inside.
func (t *Target) resolve(name string) (int, error) {
	if name == "" {
		name = "."
	}
	how := unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_SYMLINKS,
	}
	fd, err := openat2(int(t.root.Fd()), name, &how)
	if err != unix.ELOOP {
		return fd, err
	}
	// A link is on the way. Through links a short name can lead deeper than
	// any name that one could write down.
	how.Resolve = unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS
	if fd, err = openat2(int(t.root.Fd()), name, &how); err != nil {
		return -1, err
	}
	real, err := os.Readlink(t.parentPath(fd))
	depth := strings.Count(strings.TrimPrefix(real, t.path), "/")
	if err != nil || depth > maxDepth {
		unix.Close(fd)
		return -1, refuse("",
			"through links, more than %d directories deep", maxDepth)
	}
	return fd, nil
}

// openat2 is unix.Openat2 that tries again when something was renamed in
// the meantime.
func openat2(dir int, name string, how *unix.OpenHow) (int, error) {
	for {
		fd, err := unix.Openat2(dir, name, how)
		if err == nil || err != unix.EAGAIN && err != unix.EINTR {
			return fd, err
		}
	}
}

// makeDirectories makes the directories of a name that are missing:
// archives need not mention them.
func (t *Target) makeDirectories(name string) (int, error) {
	parent, err := t.resolve("")
	if err != nil {
		return -1, err
	}
	for end := 0; end < len(name); end++ {
		start := end
		for end < len(name) && name[end] != '/' {
			end++
		}
		next, err := t.resolve(name[:end])
		if err == unix.ENOENT {
			err = unix.Mkdirat(parent, name[start:end], 0o755)
			if err == unix.EEXIST {
				err = refuse("",
					"%q is a link that leads nowhere", name[:end])
			}
			if err == nil {
				err = unix.Fchownat(parent, name[start:end], 0, 0,
					unix.AT_SYMLINK_NOFOLLOW)
			}
			if err == nil { // whatever the umask is
				err = unix.Fchmodat(parent, name[start:end], 0o755, 0)
			}
			if err == nil {
				err = t.remember(parent, name[start:end])
			}
			if err == nil {
				next, err = t.resolve(name[:end])
			}
		}
		unix.Close(parent)
		if err != nil {
			return -1, err
		}
		parent = next
	}
	return parent, nil
}

// remember notes that the current layer has put something in its place.
func (t *Target) remember(parent int, name string) error {
	if t.own == nil {
		return nil
	}
	number, err := inode(parent)
	t.own[place{number, name}] = struct{}{}
	return err
}

// inode is the number of an open file.
func inode(fd int) (uint64, error) {
	var stat unix.Stat_t
	err := unix.Fstat(fd, &stat)
	return stat.Ino, err
}

// putFile makes a regular file. It never writes into one that is there:
// that may be a link, or have other names.
func (t *Target) putFile(base string, header *tar.Header,
	content io.Reader, s *stream) error {
	const flags = unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY |
		unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(t.parent.fd, base, flags, 0o600)
	if err == unix.EEXIST {
		if err = t.clear(base); err == nil {
			fd, err = unix.Openat(t.parent.fd, base, flags, 0o600)
		}
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for remaining := header.Size; remaining > 0; {
		buffer := t.buffer[:min(int64(len(t.buffer)), remaining)]
		if _, err := io.ReadFull(content, buffer); err != nil {
			return s.blame(header.Name, err)
		}
		remaining -= int64(len(buffer))
		if err := write(fd, buffer, remaining == 0); err != nil {
			return err
		}
	}
	// In this order: a change of owner takes away set-user-ID bits and
	// capabilities.
	if err := unix.Fchown(fd, header.Uid, header.Gid); err != nil {
		return err
	}
	if err := unix.Fchmod(fd, uint32(header.Mode)&0o7777); err != nil {
		return err
	}
	if err := t.setAttributes(base, header); err != nil {
		return err
	}
	return t.setTime(base, timespec(header.ModTime))
}

// write writes all of a buffer, and a hole for a long run of zeros: a
// sparse file must not fill the disk.
func write(fd int, buffer []byte, last bool) error {
	if len(buffer) == chunkSize && !last && allZero(buffer) {
		_, err := unix.Seek(fd, int64(len(buffer)), io.SeekCurrent)
		return err
	}
	for len(buffer) > 0 {
		n, err := unix.Write(fd, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		buffer = buffer[n:]
	}
	return nil
}

// allZero reports whether a buffer is empty space.
func allZero(buffer []byte) bool {
	for _, b := range buffer {
		if b != 0 {
			return false
		}
	}
	return true
}

func (t *Target) putDirectory(base string, header *tar.Header) error {
	err := unix.Mkdirat(t.parent.fd, base, 0o700)
	if err == unix.EEXIST {
		var stat unix.Stat_t
		err = unix.Fstatat(t.parent.fd, base, &stat,
			unix.AT_SYMLINK_NOFOLLOW)
		if err != nil {
			return err
		}
		// A link to a directory is not one.
		if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
			if err = t.clear(base); err == nil {
				err = unix.Mkdirat(t.parent.fd, base, 0o700)
			}
		}
	}
	if err != nil {
		return err
	}
	return t.setOwner(base, header)
}

func (t *Target) putSymlink(base string, header *tar.Header) error {
	err := unix.Symlinkat(header.Linkname, t.parent.fd, base)
	if err == unix.EEXIST {
		if err = t.clear(base); err == nil {
			err = unix.Symlinkat(header.Linkname, t.parent.fd, base)
		}
	}
	if err != nil {
		return err
	}
	err = unix.Fchownat(t.parent.fd, base, header.Uid, header.Gid,
		unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return err
	}
	if err := t.setAttributes(base, header); err != nil {
		return err
	}
	return t.setTime(base, timespec(header.ModTime))
}

// putLink gives a file of the target another name. linkat(2) follows links
// in the directories of the old name, which resolve keeps inside, and none
// in its last place: another name for a link is a link.
func (t *Target) putLink(base string, header *tar.Header) error {
	name, err := cleanName(header.Linkname)
	if err != nil {
		return err
	}
	dir, oldBase := path.Split(name)
	old, err := t.resolve(strings.TrimSuffix(dir, "/"))
	if err != nil {
		return refuse("", "a link to %q, which is not there",
			header.Linkname)
	}
	defer unix.Close(old)
	var from, to unix.Stat_t
	err = unix.Fstatat(old, oldBase, &from, unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return refuse("", "a link to %q, which is not there",
			header.Linkname)
	}
	if from.Mode&unix.S_IFMT == unix.S_IFDIR {
		return refuse("", "a hard link to the directory %q",
			header.Linkname)
	}
	err = unix.Fstatat(t.parent.fd, base, &to, unix.AT_SYMLINK_NOFOLLOW)
	if err == nil && from.Ino == to.Ino {
		return nil // tar(1) writes that when it is given a file twice
	}
	err = unix.Linkat(old, oldBase, t.parent.fd, base, 0)
	if err == unix.EEXIST {
		if err = t.clear(base); err == nil {
			err = unix.Linkat(old, oldBase, t.parent.fd, base, 0)
		}
	}
	return err
}

func (t *Target) putFifo(base string, header *tar.Header) error {
	err := unix.Mknodat(t.parent.fd, base, unix.S_IFIFO|0o600, 0)
	if err == unix.EEXIST {
		if err = t.clear(base); err == nil {
			err = unix.Mknodat(t.parent.fd, base, unix.S_IFIFO|0o600, 0)
		}
	}
	if err != nil {
		return err
	}
	if err := t.setOwner(base, header); err != nil {
		return err
	}
	return t.setTime(base, timespec(header.ModTime))
}

// setOwner sets owner, mode and attributes of what is certainly no link.
func (t *Target) setOwner(base string, header *tar.Header) error {
	err := unix.Fchownat(t.parent.fd, base, header.Uid, header.Gid,
		unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return err
	}
	mode := uint32(header.Mode) & 0o7777
	if err := unix.Fchmodat(t.parent.fd, base, mode, 0); err != nil {
		return err
	}
	return t.setAttributes(base, header)
}

// setTime sets when something in the parent was changed last.
func (t *Target) setTime(base string, modified unix.Timespec) error {
	times := []unix.Timespec{modified, modified}
	return unix.UtimesNanoAt(t.parent.fd, base, times,
		unix.AT_SYMLINK_NOFOLLOW)
}

// setTimes sets the times of directories, which change with every entry
// that is put into them.
func (t *Target) setTimes(ctx context.Context) error {
	for name, modified := range t.times {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("unpack archive: %w", err)
		}
		dir, base := path.Split(name)
		err := t.enter(strings.TrimSuffix(dir, "/"), false)
		if err == nil {
			err = t.setTime(base, modified)
		}
		switch {
		case err == nil:
		case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR),
			errors.Is(err, unix.ELOOP):
			// A later entry has put something else there.
		default:
			return t.explain(name, err)
		}
	}
	return nil
}

// clear removes what is in the place of the next entry, with all that it
// holds.
func (t *Target) clear(base string) error {
	err := unix.Unlinkat(t.parent.fd, base, 0)
	if err != unix.EISDIR {
		return err
	}
	root, err := os.OpenRoot(t.parentPath(t.parent.fd))
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.RemoveAll(base); err != nil {
		return fmt.Errorf("make room: %w", err)
	}
	return nil
}

// parentPath is a path to an open directory.
func (t *Target) parentPath(fd int) string {
	return fmt.Sprintf("/proc/self/fd/%d", fd)
}

// whiteout deletes what the layers below have. What this layer has put
// there stays, whichever comes first in the archive.
func (t *Target) whiteout(entry, dir, base string) error {
	name := strings.TrimPrefix(base, whPrefix)
	switch {
	case base == whOpaque:
	case name == "" || name == "." || name == "..":
		return refuse(entry, "a whiteout of %q", name)
	case strings.HasPrefix(name, whPrefix):
		return nil // notes of aufs to itself
	}
	if t.own == nil {
		return nil // nothing is below
	}
	switch err := t.enter(dir, false); err {
	case nil:
	case unix.ENOENT, unix.ENOTDIR:
		return nil // nothing is there
	default:
		return t.explain(entry, err)
	}
	var err error
	if base == whOpaque {
		_, err = t.removeLowerIn(t.parent.fd, ".")
	} else {
		_, err = t.removeLower(t.parent.fd, t.parent.inode, name)
	}
	if err != nil {
		return t.explain(entry, err)
	}
	return nil
}

// removeLower removes a name if it belongs to the layers below, and reports
// whether it is gone.
func (t *Target) removeLower(parent int, number uint64,
	name string) (bool, error) {
	var stat unix.Stat_t
	err := unix.Fstatat(parent, name, &stat, unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return true, ignore(err, unix.ENOENT)
	}
	_, own := t.own[place{number, name}]
	flags := 0
	if stat.Mode&unix.S_IFMT == unix.S_IFDIR {
		empty, err := t.removeLowerIn(parent, name)
		if err != nil {
			return false, err
		}
		own, flags = own || !empty, unix.AT_REMOVEDIR
	}
	if own {
		return false, nil
	}
	return true, unix.Unlinkat(parent, name, flags)
}

// removeLowerIn removes all in a directory that belongs to the layers
// below, and reports whether nothing remains.
func (t *Target) removeLowerIn(parent int,
	name string) (empty bool, err error) {
	const flags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW |
		unix.O_CLOEXEC
	fd, err := unix.Openat(parent, name, flags, 0)
	if err != nil {
		return false, err
	}
	dir := os.NewFile(uintptr(fd), name)
	defer dir.Close()
	number, err := inode(fd)
	if err != nil {
		return false, err
	}
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return false, err
	}
	empty = true
	for _, name := range names {
		gone, err := t.removeLower(fd, number, name)
		if err != nil {
			return false, err
		}
		empty = empty && gone
	}
	return empty, nil
}

// ignore takes one error for none.
func ignore(err, ignored error) error {
	if errors.Is(err, ignored) {
		return nil
	}
	return err
}
