//go:build linux

package archive

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Target is a directory that layers are unpacked into, one upon the other.
// Nothing else may change it in the meantime.
type Target struct {
	root    *os.File
	path    string // of root, as the kernel tells it
	limits  Limits
	bytes   int64
	entries int
	layers  int

	// The directory of the last entry: the next one is most often its
	// sibling.
	parent directory
	// What the current layer has put there; nil in the first layer, which
	// has none below.
	own map[place]struct{}
	// Of directories: set when nothing more is put into them.
	times map[string]unix.Timespec
	// Device nodes below dev/ that the current layer has.
	leftOut map[string]struct{}
	buffer  []byte
}

// place is a name in a directory.
type place struct {
	inode uint64 // of the directory
	name  string
}

// Layer is what one archive was.
type Layer struct {
	Digest  [32]byte // SHA-256 of the tar archive inside: OCI's DiffID
	Entries int
	Bytes   int64    // content of its files
	LeftOut []string // device nodes below dev/, sorted by name
}

// Open takes a directory as the target of layers.
func Open(dir string, limits Limits) (*Target, error) {
	const flags = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW
	root, err := os.OpenFile(dir, flags, 0)
	if err != nil {
		return nil, fmt.Errorf("open target: %w", err)
	}
	t := &Target{
		root:   root,
		limits: limits,
		parent: directory{fd: -1},
		buffer: make([]byte, chunkSize),
	}
	if limits.Grace == 0 {
		t.limits.Grace = max(free(root)/4, leastGrace)
	}
	if t.path, err = os.Readlink(t.parentPath(int(root.Fd()))); err != nil {
		root.Close()
		return nil, fmt.Errorf("open target: %w", err)
	}
	return t, nil
}

// free is how much room there is on the disk of a directory, in bytes.
func free(dir *os.File) int64 {
	var disk unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &disk); err != nil {
		return 0
	}
	return int64(disk.Bavail) * int64(disk.Bsize)
}

// Close lets go of the directory.
func (t *Target) Close() error {
	t.parent.close()
	return t.root.Close()
}

// Apply unpacks a tar archive, plain or compressed with gzip or zstd, upon
// what is there. After an error the target holds part of it: unpack where
// nothing else looks, and throw it away. That is also how it ends when the
// context does.
func (t *Target) Apply(ctx context.Context,
	source io.Reader) (Layer, error) {
	return t.apply(ctx, source, false)
}

// ApplyChecked is Apply for an archive whose digest the caller compares: it
// is known to be whole, so it need not have the end marker of tar.
func (t *Target) ApplyChecked(ctx context.Context,
	source io.Reader) (Layer, error) {
	return t.apply(ctx, source, true)
}

func (t *Target) apply(ctx context.Context, source io.Reader,
	whole bool) (Layer, error) {
	s := newStream(source, t.limits)
	defer s.close()
	t.own, t.times = nil, make(map[string]unix.Timespec)
	t.leftOut = make(map[string]struct{})
	if t.layers++; t.layers > 1 {
		t.own = make(map[place]struct{})
	}
	entries, bytes := t.entries, t.bytes
	if err := t.unpack(ctx, s, whole); err != nil {
		return Layer{}, err
	}
	if err := t.setTimes(ctx); err != nil {
		return Layer{}, err
	}
	layer := Layer{Entries: t.entries - entries, Bytes: t.bytes - bytes,
		LeftOut: slices.Sorted(maps.Keys(t.leftOut))}
	s.hash.Sum(layer.Digest[:0])
	return layer, nil
}

// unpack puts each entry in its place and reads the archive to its very
// end.
func (t *Target) unpack(ctx context.Context, s *stream,
	whole bool) error {
	reader := tar.NewReader(s)
	last := "" // for complaints about what has no name
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("unpack archive: %w", err)
		}
		start := s.count
		header, err := reader.Next()
		if err == io.EOF {
			// tar(5): two blocks of zeros end an archive. Some tools leave
			// them out, and package tar takes a missing end for one. It is
			// also how an archive looks whose transport broke between two
			// entries, so here it is refused unless something else shows
			// that the archive is whole: a digest, or the checksum of a
			// compressed one. What remains to be read before the end marker
			// is padding, less than a block.
			if s.count-start < 512 && !whole && !s.compressed {
				return s.blame(last, io.ErrUnexpectedEOF)
			}
			break
		}
		if err != nil {
			switch first := last == "" && s.input.failed.Load() == nil; {
			case first && errors.Is(err, io.ErrUnexpectedEOF) &&
				s.count < 512: // a header is as long
				return refuse("",
					"this is not a tar archive: it ends too early")
			case first && errors.Is(err, tar.ErrHeader):
				return refuse("", "this is not a tar archive")
			}
			return s.blame(last, err)
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue // about the whole archive, as by git-archive(1)
		}
		last = header.Name
		switch header.Typeflag {
		case tar.TypeGNUSparse, tar.TypeCont:
			header.Typeflag = tar.TypeReg // package tar fills the holes
		}
		content := heeding{ctx, reader}
		if err := t.put(header, content, s); err != nil {
			return err
		}
		// Content without a use, of a whiteout for example.
		if err := t.skip(content); err != nil {
			return s.blame(last, err)
		}
	}
	// What follows is of no interest, but a checksum at the end of it is,
	// and so is its share in the hash.
	if err := t.skip(heeding{ctx, s}); err != nil {
		return s.blame(last, err)
	}
	return nil
}

// skip reads to the end.
func (t *Target) skip(content io.Reader) error {
	_, err := io.CopyBuffer(onlyWriter{io.Discard}, content, t.buffer)
	return err
}

// heeding is a reader that ends with a context. A few bytes of an archive
// can stand for many: a source that heeds the context is not enough, as
// little may be left to read of it.
type heeding struct {
	ctx    context.Context
	source io.Reader
}

func (h heeding) Read(buffer []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.source.Read(buffer)
}

// onlyWriter hides other methods of a writer, so that io.CopyBuffer uses
// the buffer.
type onlyWriter struct{ io.Writer }

// put puts one entry in its place.
func (t *Target) put(header *tar.Header, content io.Reader,
	s *stream) error {
	entry := header.Name
	t.entries++
	if limit := t.limits.Entries; limit > 0 && t.entries > limit {
		return exceeds(entry, "more than %d entries", limit)
	}
	// A sparse file has its full size here, so the holes count.
	if header.Typeflag == tar.TypeReg {
		t.bytes += header.Size
		if limit := t.limits.Bytes; limit > 0 && t.bytes > limit {
			return exceeds(entry,
				"the files are larger than %d bytes together", limit)
		}
	}
	name, err := cleanName(entry)
	if err != nil {
		return err
	}
	if name == "." {
		if header.Typeflag != tar.TypeDir {
			return refuse(entry, "the root is a directory")
		}
		return nil // its owner and mode are not for the archive to say
	}
	dir, base := path.Split(name)
	dir = strings.TrimSuffix(dir, "/")
	if strings.HasPrefix(base, whPrefix) {
		return t.whiteout(entry, dir, base)
	}
	if t.leavesOut(name, header) {
		t.leftOut[name] = struct{}{}
		return nil
	}
	if err := checkHeader(header); err != nil {
		return err
	}
	if err := t.enter(dir, true); err != nil {
		return t.explain(entry, err)
	}
	switch header.Typeflag {
	case tar.TypeReg:
		err = t.putFile(base, header, content, s)
	case tar.TypeDir:
		t.times[name] = timespec(header.ModTime)
		err = t.putDirectory(base, header)
	case tar.TypeSymlink:
		err = t.putSymlink(base, header)
	case tar.TypeLink:
		err = t.putLink(base, header)
	case tar.TypeFifo:
		err = t.putFifo(base, header)
	}
	if err != nil {
		return t.explain(entry, err)
	}
	if t.own != nil {
		t.own[place{t.parent.inode, base}] = struct{}{}
	}
	return nil
}

// cleanName takes a name apart and puts it together again, relative to the
// root. One that is absolute is relative to the root, too, as tar(1) takes
// it: tools such as kaniko and nix write / and /nix/.
func cleanName(entry string) (string, error) {
	if strings.ContainsRune(entry, 0) {
		return "", refuse(entry, "the name has a zero byte in it")
	}
	parts := make([]string, 0, 16)
	for part := range strings.SplitSeq(entry, "/") {
		switch {
		case part == "" || part == ".":
			continue
		case part == "..":
			return "", refuse(entry, `".." in a name`)
		case len(parts) > 0 &&
			strings.HasPrefix(parts[len(parts)-1], whPrefix):
			return "", refuse(entry, "a whiteout is not a directory")
		}
		parts = append(parts, part)
	}
	if len(parts) > maxDepth {
		return "", refuse(entry, "more than %d directories deep", maxDepth)
	}
	if len(parts) == 0 {
		if entry == "" {
			return "", refuse(entry, "no name")
		}
		return ".", nil
	}
	return strings.Join(parts, "/"), nil
}

// leavesOut reports whether an entry is a device node below dev/, or a hard
// link there to one. debootstrap(8) makes them, but no container sees them:
// it has a /dev of its own.
func (t *Target) leavesOut(name string, header *tar.Header) bool {
	if !strings.HasPrefix(name, "dev/") {
		return false
	}
	switch header.Typeflag {
	case tar.TypeChar, tar.TypeBlock:
		return true
	case tar.TypeLink:
		old, err := cleanName(header.Linkname)
		_, found := t.leftOut[old]
		return err == nil && found
	}
	return false
}

// checkHeader refuses what can be told from an entry's header alone.
func checkHeader(header *tar.Header) error {
	entry := header.Name
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeDir, tar.TypeSymlink, tar.TypeFifo:
	case tar.TypeLink:
		if _, err := cleanName(header.Linkname); err != nil {
			return refuse(entry, "a link to %q: %s", header.Linkname,
				err.(*EntryError).Reason)
		}
	case tar.TypeChar, tar.TypeBlock:
		// mknod(2) makes a door to the host's disk of it; and to overlayfs
		// 0/0 says that something is deleted.
		return refuse(entry, "a device node: a container gets its own in "+
			"/dev, and no other")
	default:
		return refuse(entry, "type %q is unknown", header.Typeflag)
	}
	// chown(2) takes -1 for "as it is".
	const none = 1<<32 - 1
	if header.Uid < 0 || uint64(header.Uid) >= none ||
		header.Gid < 0 || uint64(header.Gid) >= none {
		return refuse(entry, "no user or group can have the id %d:%d",
			header.Uid, header.Gid)
	}
	return checkAttributes(header)
}

// explain makes an [EntryError] of what the kernel refuses because the
// archive asks for it.
func (t *Target) explain(entry string, err error) error {
	var refused *EntryError
	var errno unix.Errno
	if errors.As(err, &refused) {
		if refused.Entry == "" {
			refused.Entry = entry
		}
		return refused
	}
	if errors.As(err, &errno) {
		switch errno {
		case unix.ENAMETOOLONG, unix.ELOOP, unix.ENOTDIR, unix.ENOENT,
			unix.EINVAL, unix.EXDEV, unix.EMLINK, unix.E2BIG:
			return refuse(entry, "%v", err)
		}
	}
	return fmt.Errorf("unpack %q: %w", entry, err)
}

// timespec turns a time of an archive into the kernel's, which clamps what
// the file system cannot keep (Y2038 of ext4's small inodes, for example).
// Only a 32-bit program cannot even say all of them.
func timespec(t time.Time) unix.Timespec {
	seconds := min(max(t.Unix(), math.MinInt), math.MaxInt)
	spec, err := unix.TimeToTimespec(
		time.Unix(seconds, int64(t.Nanosecond())))
	if err != nil { // it fits, by the line before
		return unix.Timespec{}
	}
	return spec
}
