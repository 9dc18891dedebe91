//go:build linux

package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"syscall"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// DefaultPath is the PATH of an image that does not set one itself, as a variable. It is Docker's.
const DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Import makes an image of an archive: a root filesystem as tar, also with gzip or zstd, what `docker save` writes, or an
// OCI layout. Without a reference the name is taken from the archive, if it has one. If there is an image of that name, it
// keeps it until the new one is complete.
func (s *Store) Import(ctx context.Context, r io.Reader, ref string, p Progress) (Image, error) {
	size := int64(0)
	if file, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
	}
	if size == 0 {
		r = &waiting{ctx: ctx, source: r}
	}
	return s.importAs(ctx, r, size, strings.TrimSpace("import "+ref), ref, Config{Env: []string{DefaultPath}}, p)
}

// ImportFile is Import of a file, or with - of standard input.
func (s *Store) ImportFile(ctx context.Context, name, ref string, p Progress) (Image, error) {
	if name == "-" {
		return s.Import(ctx, os.Stdin, ref, p)
	}
	file, err := os.Open(name)
	if err != nil {
		return Image{}, err
	}
	defer file.Close()
	return s.Import(ctx, file, ref, p)
}

// importAs makes an image of an archive. The configuration is for the archive of a root filesystem: others have their own.
func (s *Store) importAs(ctx context.Context, r io.Reader, size int64, what, ref string, config Config,
	p Progress) (Image, error) {
	var name reference
	if ref != "" {
		var err error
		if name, err = parseReference(ref); err != nil {
			return Image{}, err
		}
	}
	return s.build(name, func(b *builder) error {
		source := measure(ctx, r, p, what, size)
		layer, err := b.target.Apply(source)
		source.close()
		if err != nil {
			return err
		}
		crash.Point("image-unpack")
		// Only the content tells what an archive is of. So all are unpacked the same careful way first.
		if found, err := b.unbundle(ctx, p); found || err != nil {
			return err
		}
		if b.ref.name == "" {
			return errors.New("the archive does not say what the image is called: give it a name")
		}
		b.config = config.ociConfig(runtime.GOARCH, digest(layer.Digest))
		b.content, err = json.Marshal(b.config)
		return err
	})
}

// builder is an image in the making.
type builder struct {
	store   *Store
	ref     reference // may be unknown until the archive is read
	dir     string    // staging
	target  *archive.Target
	config  ociConfig
	content []byte // the same as the image's maker wrote it
	digest  string // of the manifest, if there is one
}

// build makes an image in a staging directory. fill unpacks into the target and sets the rest of the builder.
func (s *Store) build(ref reference, fill func(*builder) error) (_ Image, err error) {
	stage, err := s.stage()
	if err != nil {
		return Image{}, err
	}
	defer func() {
		// After the rename this finds nothing.
		if removed := stage.remove(); removed != nil {
			err = errors.Join(err, removed)
		}
	}()
	crash.Point("image-stage")
	b := &builder{store: s, ref: ref, dir: stage.dir}
	if err := b.open(); err != nil {
		return Image{}, err
	}
	defer func() { b.target.Close() }()
	if err := fill(b); err != nil {
		return Image{}, err
	}
	size, err := usage(filepath.Join(b.dir, rootfsName))
	if err != nil {
		return Image{}, err
	}
	sum := sha256.Sum256(b.content)
	return s.commit(stage, Image{
		ID:           hex.EncodeToString(sum[:])[:idLength],
		Size:         size,
		CreatedAt:    time.Now().UTC(),
		Digest:       b.digest,
		Architecture: b.config.Architecture,
		Config:       b.config.config(),
	}, b.ref)
}

// open makes an empty rootfs and opens it as the target.
func (b *builder) open() error {
	rootfs := filepath.Join(b.dir, rootfsName)
	if err := os.Mkdir(rootfs, 0o755); err != nil {
		return fmt.Errorf("make rootfs: %w", err)
	}
	if err := os.Chmod(rootfs, 0o755); err != nil { // whatever the umask is
		return fmt.Errorf("make rootfs: %w", err)
	}
	target, err := archive.Open(rootfs, b.store.Limits)
	b.target = target
	return err
}

// usage is the size of all files below a directory, each counted once however many names it has.
func usage(dir string) (int64, error) {
	var total int64
	linked := make(map[uint64]bool)
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		if stat.Nlink > 1 {
			if linked[stat.Ino] {
				return nil
			}
			linked[stat.Ino] = true
		}
		total += info.Size()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure image: %w", err)
	}
	return total, nil
}

// digest writes a SHA-256 as OCI does.
func digest(sum [sha256.Size]byte) string { return "sha256:" + hex.EncodeToString(sum[:]) }

// meter is a reader that stops with a context and tells a progress how far it is. What reads from it may go on for a
// moment after the operation has failed; the progress does not hear of that.
type meter struct {
	ctx      context.Context
	source   io.Reader
	hash     hash.Hash // of what was read; nil: not wanted
	progress Progress  // nil: none, or done
	mutex    sync.Mutex
}

// waiting is a reader of what may let us wait, such as a terminal, or a pipe that nobody writes to. With the context ends
// the wait; the read that was begun is left behind, with a buffer of its own.
type waiting struct {
	ctx    context.Context
	source io.Reader
}

func (w *waiting) Read(buffer []byte) (int, error) {
	type result struct {
		data []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		own := make([]byte, len(buffer))
		n, err := w.source.Read(own)
		read <- result{own[:n], err}
	}()
	select {
	case <-w.ctx.Done():
		return 0, w.ctx.Err()
	case r := <-read:
		return copy(buffer, r.data), r.err
	}
}

// measure starts the progress; close ends it.
func measure(ctx context.Context, source io.Reader, p Progress, what string, total int64) *meter {
	if p != nil {
		p.Start(what, total)
	}
	return &meter{ctx: ctx, source: source, progress: p}
}

func (m *meter) Read(buffer []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.source.Read(buffer)
	if m.hash != nil {
		m.hash.Write(buffer[:n])
	}
	m.advance(int64(n))
	return n, err
}

func (m *meter) advance(n int64) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.progress != nil {
		m.progress.Advance(n)
	}
}

func (m *meter) close() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.progress != nil {
		m.progress.Done()
	}
	m.progress = nil
}
