//go:build linux

package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Pack writes the files below a directory as a tar archive, in the order of their names: the same files give the same
// archive, byte for byte. advance hears of the content that was written.
func Pack(ctx context.Context, dir string, out io.Writer, advance func(int64)) error {
	p := packer{
		writer:  tar.NewWriter(out),
		names:   make(map[uint64]string),
		advance: advance,
		buffer:  make([]byte, chunkSize),
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || path == dir {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			err = p.add(ctx, path, name)
		}
		return err
	})
	if err == nil {
		err = p.writer.Close()
	}
	if err != nil {
		return fmt.Errorf("pack %s: %w", dir, err)
	}
	return nil
}

type packer struct {
	writer  *tar.Writer
	names   map[uint64]string // of files that have several: the first one
	advance func(int64)
	buffer  []byte
}

// add writes one entry.
func (p *packer) add(ctx context.Context, path, name string) error {
	var stat unix.Stat_t
	if err := unix.Lstat(path, &stat); err != nil {
		return &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	seconds, _ := stat.Mtim.Unix()
	header := &tar.Header{
		Name:    name,
		Mode:    int64(stat.Mode & 0o7777),
		Uid:     int(stat.Uid),
		Gid:     int(stat.Gid),
		ModTime: time.Unix(seconds, 0),
		Format:  tar.FormatPAX,
	}
	kind := stat.Mode & unix.S_IFMT
	first, linked := p.names[stat.Ino]
	if linked && kind != unix.S_IFDIR {
		header.Typeflag, header.Linkname = tar.TypeLink, first
		return p.writer.WriteHeader(header)
	}
	var err error
	switch kind {
	case unix.S_IFREG:
		header.Typeflag, header.Size = tar.TypeReg, stat.Size
	case unix.S_IFDIR:
		header.Typeflag, header.Name = tar.TypeDir, name+"/"
	case unix.S_IFLNK:
		header.Typeflag = tar.TypeSymlink
		if header.Linkname, err = os.Readlink(path); err != nil {
			return err
		}
	case unix.S_IFIFO:
		header.Typeflag = tar.TypeFifo
	default:
		return refuse(name, "a device node or a socket has no place in an image")
	}
	if stat.Nlink > 1 {
		p.names[stat.Ino] = name
	}
	if header.PAXRecords, err = attributes(path); err != nil {
		return err
	}
	if err := p.writer.WriteHeader(header); err != nil {
		return err
	}
	if header.Typeflag == tar.TypeReg {
		return p.content(ctx, path)
	}
	return nil
}

// content writes what is in a file.
func (p *packer) content(ctx context.Context, path string) error {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	n, err := io.CopyBuffer(onlyWriter{p.writer}, heeding{ctx, file}, p.buffer)
	p.advance(n)
	return err
}

// attributes reads those extended attributes that setAttributes sets.
func attributes(path string) (map[string]string, error) {
	list := make([]byte, 1<<16) // the kernel's bound, XATTR_LIST_MAX
	n, err := unix.Llistxattr(path, list)
	if errors.Is(err, unix.ENOTSUP) || n == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list attributes: %w", err)
	}
	records := make(map[string]string)
	for name := range bytes.SplitSeq(bytes.TrimSuffix(list[:n], []byte{0}), []byte{0}) {
		if !kept(string(name)) {
			continue
		}
		value := make([]byte, 1<<16) // XATTR_SIZE_MAX
		n, err := unix.Lgetxattr(path, string(name), value)
		if err != nil {
			return nil, fmt.Errorf("read attribute %s: %w", name, err)
		}
		records[attributePrefix+string(name)] = string(value[:n])
	}
	return records, nil
}

// kept reports whether an extended attribute belongs to the image rather than to the machine.
func kept(name string) bool {
	return name == "security.capability" ||
		strings.HasPrefix(name, "user.") && !strings.HasPrefix(name, "user.overlay.")
}
