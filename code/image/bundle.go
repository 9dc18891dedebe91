//go:build linux

package image

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

const (
	bundleName  = "bundle"
	maxDocument = registry.MaxDocument // of JSON: config, manifest, index
	maxLayers   = 1000
)

// bundle is a directory with the parts of an image: its configuration and its layers, still packed. Names in it come
// from documents that a stranger wrote; [os.Root] keeps them inside.
type bundle struct{ root *os.Root }

// blob is a file of a bundle, with the digest it must have, if one is told.
type blob struct{ name, digest string }

// open opens a blob. Anything but a regular file could block, or never end.
func (b bundle) open(name string) (*os.File, int64, error) {
	info, err := b.root.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, 0, &EntryError{Entry: name, Reason: "the archive refers to it, but it is not there"}
	case err != nil:
		return nil, 0, &EntryError{Entry: name, Reason: errors.Unwrap(err).Error()}
	case !info.Mode().IsRegular():
		return nil, 0, &EntryError{Entry: name, Reason: "not a regular file"}
	}
	file, err := b.root.Open(name)
	if err != nil {
		return nil, 0, fmt.Errorf("open part of image: %w", err)
	}
	return file, info.Size(), nil
}

// document reads a blob that is JSON, and checks its digest.
func (b bundle) document(from blob, into any) ([]byte, error) {
	file, size, err := b.open(from.name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if size > maxDocument {
		return nil, &EntryError{Entry: from.name, Reason: fmt.Sprintf("larger than %d bytes", maxDocument)}
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read part of image: %w", err)
	}
	if err := from.check(sha256.Sum256(content)); err != nil {
		return nil, err
	}
	if err := decode(content, into); err != nil {
		return nil, &EntryError{Entry: from.name, Reason: err.Error()}
	}
	return content, nil
}

// decode reads a document of JSON. Its error may quote a value, which a stranger may have made long.
func decode(content []byte, into any) error {
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%.200s", err.Error())
	}
	return nil
}

// check compares the digest of what was read with what it must be.
func (b blob) check(sum [sha256.Size]byte) error {
	if is := string(digestOf(sum)); b.digest != "" && is != b.digest {
		return &EntryError{Entry: b.name, Reason: fmt.Sprintf("digest mismatch: it is %s and must be %s", is, b.digest)}
	}
	return nil
}

// unbundle looks at what was unpacked. If it is the parts of an image, they move aside and the image is assembled.
func (b *builder) unbundle(ctx context.Context, p Progress) (found bool, err error) {
	rootfs := filepath.Join(b.dir, rootfsName)
	root, err := os.OpenRoot(rootfs)
	if err != nil {
		return false, fmt.Errorf("look into archive: %w", err)
	}
	defer root.Close()
	all, err := bundle{root}.find(b.ref)
	if all == nil || err != nil {
		return false, err
	}
	if b.ref.name == "" {
		if b.ref, err = all.reference(); err != nil {
			return false, err
		}
	}
	b.target.Close()
	aside := filepath.Join(b.dir, bundleName)
	if err := os.Rename(rootfs, aside); err != nil {
		return false, fmt.Errorf("move archive aside: %w", err)
	}
	crash.Point("image/unbundle")
	if err := b.open(); err != nil {
		return false, err
	}
	if err := b.assemble(ctx, bundle{root}, all, p); err != nil {
		return false, err
	}
	if err := os.RemoveAll(aside); err != nil {
		return false, fmt.Errorf("remove archive: %w", err)
	}
	return true, nil
}

// assemble makes the root filesystem of the layers of an image, and checks every digest on the way.
func (b *builder) assemble(ctx context.Context, from bundle, all *parts, p Progress) error {
	var config oci.Image
	content, err := from.document(all.config, &config)
	if err != nil {
		return err
	}
	if config.OS != "" && config.OS != "linux" {
		return fmt.Errorf("the image is made for %.100q, not for linux", config.OS)
	}
	if len(all.layers) > maxLayers || len(config.RootFS.DiffIDs) != len(all.layers) {
		return &EntryError{Entry: all.config.name, Reason: fmt.Sprintf("%d layers, and digests of %d", len(all.layers),
			len(config.RootFS.DiffIDs))}
	}
	for index, layer := range all.layers {
		what := fmt.Sprintf("unpack layer %d of %d", index+1, len(all.layers))
		sum, err := b.layer(ctx, from, layer, what, p)
		if err != nil {
			return err
		}
		crash.Point("image/layer")
		if want := string(config.RootFS.DiffIDs[index]); sum != want {
			return &EntryError{Entry: layer.name, Reason: fmt.Sprintf(
				"digest mismatch: unpacked it is %s and must be %.100q", sum, want)}
		}
	}
	b.config, b.content, b.digest = config, content, all.digest
	return nil
}

// layer unpacks one layer and returns the digest of what was packed in it.
func (b *builder) layer(ctx context.Context, from bundle, packed blob, what string, p Progress) (string, error) {
	file, size, err := from.open(packed.name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	source := measure(ctx, file, p, what, size)
	defer source.close()
	source.hash = sha256.New()
	layer, err := b.target.ApplyChecked(ctx, source)
	if ctx.Err() != nil {
		return "", ctx.Err() // a digest of the whole layer would be in the way
	}
	if err != nil {
		// A layer that was tampered with may fail in many ways. The digest is what tells.
		if tampered := from.verify(packed); tampered != nil {
			return "", tampered
		}
		return "", fmt.Errorf("layer %s: %w", packed.name, err)
	}
	b.leftOut = append(b.leftOut, layer.LeftOut...)
	return string(digestOf(layer.Digest)), packed.check([sha256.Size]byte(source.hash.Sum(nil)))
}

// verify reads a blob for the sake of its digest.
func (b bundle) verify(packed blob) error {
	file, _, err := b.open(packed.name)
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return fmt.Errorf("read part of image: %w", err)
	}
	return packed.check([sha256.Size]byte(sum.Sum(nil)))
}
