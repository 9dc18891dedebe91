//go:build linux

package image

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	oci "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// DefaultPath is the PATH of an image that does not set one itself, as a variable. It is Docker's.
const DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Import makes an image of an archive: a root filesystem as tar, also with gzip or zstd, what `docker save` writes, or
// an OCI layout. Without a reference the name is taken from the archive, if it has one. If there is an image of that
// name, it keeps it until the new one is complete.
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
	file, err := openWaiting(ctx, name)
	if err != nil {
		return Image{}, err
	}
	defer file.Close()
	return s.Import(ctx, file, ref, p)
}

// importAs makes an image of an archive. The configuration is for the archive of a root filesystem: others have their
// own.
func (s *Store) importAs(ctx context.Context, r io.Reader, size int64, what, ref string, config Config,
	p Progress) (Image, error) {
	var name reference
	if ref != "" {
		var err error
		if name, err = parseReference(ref); err != nil {
			return Image{}, err
		}
	}
	return s.build(ctx, name, func(b *builder) error {
		source := measure(ctx, r, p, what, size)
		layer, err := b.target.Apply(ctx, source)
		source.close()
		if err != nil {
			return err
		}
		crash.Point("image/unpack")
		// Only the content tells what an archive is of. So all are unpacked the same careful way first.
		if found, err := b.unbundle(ctx, p); found || err != nil {
			return err
		}
		if b.ref.name == "" {
			return errors.New("the archive does not say what the image is called: give it a name")
		}
		b.leftOut = layer.LeftOut
		b.config = config.oci(runtime.GOARCH, digestOf(layer.Digest))
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
	config  oci.Image
	content []byte   // the same as the image's maker wrote it
	digest  string   // of the manifest, if there is one
	leftOut []string // device nodes
}

// build makes an image in a staging directory. fill unpacks into the target and sets the rest of the builder.
func (s *Store) build(ctx context.Context, ref reference, fill func(*builder) error) (_ Image, err error) {
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
	crash.Point("image/stage")
	b := &builder{store: s, ref: ref, dir: stage.dir}
	if err := b.open(); err != nil {
		return Image{}, err
	}
	defer func() { b.target.Close() }()
	if err := fill(b); err != nil {
		return Image{}, err
	}
	size, err := usage(ctx, filepath.Join(b.dir, rootfsName))
	if err != nil {
		return Image{}, err
	}
	sum := sha256.Sum256(b.content)
	made, err := s.commit(ctx, stage, Image{
		ID:           hex.EncodeToString(sum[:])[:idLength],
		Size:         size,
		CreatedAt:    time.Now().UTC(),
		Digest:       b.digest,
		Architecture: b.config.Architecture,
		Config:       configOf(b.config),
	}, b.ref)
	if err == nil && len(b.leftOut) > 0 && s.Note != nil {
		s.Note(&LeftOutError{Nodes: b.leftOut})
	}
	return made, err
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
func usage(ctx context.Context, dir string) (int64, error) {
	var total int64
	linked := make(map[uint64]bool)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err = cmp.Or(err, ctx.Err()); err != nil || !entry.Type().IsRegular() {
			return err
		}
		var stat unix.Stat_t
		if err := unix.Lstat(path, &stat); err != nil {
			return &fs.PathError{Op: "lstat", Path: path, Err: err}
		}
		if stat.Nlink > 1 {
			if linked[stat.Ino] {
				return nil
			}
			linked[stat.Ino] = true
		}
		total += stat.Size
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure image: %w", err)
	}
	return total, nil
}

// digestOf writes a SHA-256 as OCI does.
func digestOf(sum [sha256.Size]byte) digest.Digest {
	return digest.NewDigestFromBytes(digest.SHA256, sum[:])
}
