//go:build linux

package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/opencontainers/go-digest"
	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// downloads is how many layers are fetched at the same time.
const downloads = 3

// Pull makes an image of one in a registry. Of an image for several platforms it takes the one for this machine. Only
// with insecure, or from a registry on this machine, plain HTTP is spoken.
func (s *Store) Pull(ctx context.Context, ref string, p Progress, insecure bool) (Image, error) {
	parsed, err := parseReference(ref)
	if err != nil {
		return Image{}, err
	}
	from, err := registry.Open(ctx, parsed.name, "pull", insecure)
	if err != nil {
		return Image{}, explain("pull", parsed, from, err)
	}
	m, digest, err := findManifest(ctx, from, parsed.tag)
	if err != nil {
		return Image{}, explain("pull", parsed, from, err)
	}
	return s.build(ctx, parsed, func(b *builder) error {
		dir := filepath.Join(b.dir, bundleName)
		if err := os.MkdirAll(filepath.Join(dir, "blobs/sha256"), 0o700); err != nil {
			return fmt.Errorf("make room for layers: %w", err)
		}
		all, err := s.fetch(ctx, from, m, dir, "pull "+ref, p)
		if err != nil {
			// One of its parts may be missing in the registry, though the image is there.
			return explain("pull the parts of", parsed, from, err)
		}
		crash.Point("image/fetch")
		root, err := os.OpenRoot(dir)
		if err != nil {
			return fmt.Errorf("open layers: %w", err)
		}
		defer root.Close()
		all.digest = digest
		if err := b.assemble(ctx, bundle{root}, all, p); err != nil {
			return err
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove layers: %w", err)
		}
		return nil
	})
}

// maxIndexes is how many indexes may be nested, each in the one before: more than any image has.
const maxIndexes = 4

// findManifest asks for a manifest, and goes on asking while it gets an index. The digest is of the first that it got:
// that is what the tag points to.
func findManifest(ctx context.Context, from *registry.Repository, reference string) (m oci.Manifest, digest string,
	err error) {
	for range maxIndexes {
		found, err := from.Manifest(ctx, reference)
		if err != nil {
			return m, "", err
		}
		digest = cmp.Or(digest, found.Digest)
		if !isIndex(found.MediaType) {
			if err := decode(found.Content, &m); err != nil {
				return m, "", fmt.Errorf("manifest: %w", err)
			}
			return m, digest, nil
		}
		var index oci.Index
		if err := decode(found.Content, &index); err != nil {
			return m, "", fmt.Errorf("index: %w", err)
		}
		chosen, err := choose(index.Manifests, oci.Platform{OS: "linux", Architecture: runtime.GOARCH})
		if err == nil {
			_, err = blobOf(chosen) // it may point to nothing else
		}
		if err != nil {
			return m, "", fmt.Errorf("index: %w", err)
		}
		reference = string(chosen.Digest)
	}
	return m, "", fmt.Errorf("index: nested more than %d levels deep", maxIndexes)
}

// choose finds the manifest for a platform. Of several variants it takes the one that asks least of the processor: of
// ARM v6 and v7 the former, and amd64 without v3. What does not say for whom it is may be for all.
func choose(offers []oci.Descriptor, want oci.Platform) (oci.Descriptor, error) {
	var found []oci.Descriptor
	var others []string
	for _, d := range offers {
		switch p := cmp.Or(d.Platform, &want); {
		case p.OS == want.OS && p.Architecture == want.Architecture:
			found = append(found, d)
		case p.OS != "unknown": // which is how builders attach a description of what they did
			others = append(others, p.OS+"/"+p.Architecture)
		}
	}
	if len(found) == 0 {
		return oci.Descriptor{}, fmt.Errorf("no image for %s/%s, %s", want.OS, want.Architecture, otherwise(others))
	}
	return slices.MinFunc(found, func(a, b oci.Descriptor) int {
		return cmp.Compare(variant(a), variant(b))
	}), nil
}

// variant is what a manifest asks of the processor, in an order. It is last if it does not even say for which.
func variant(d oci.Descriptor) string {
	if d.Platform == nil {
		return "\xff"
	}
	return d.Platform.Variant
}

// fetch downloads the parts of an image into a directory, each checked against its digest.
func (s *Store) fetch(ctx context.Context, from *registry.Repository, m oci.Manifest, dir, what string,
	p Progress) (*parts, error) {
	all, err := partsOf(m, "")
	if err != nil {
		return nil, err
	}
	if m.Config.Size < 0 || m.Config.Size > maxDocument {
		return nil, fmt.Errorf("image configuration: a size of %d bytes", m.Config.Size)
	}
	layers, total, err := download(m.Layers, s.Limits.Bytes)
	if err != nil {
		return nil, err
	}
	if err := fetchBlob(ctx, from, m.Config, dir, func(int64) {}); err != nil {
		return nil, fmt.Errorf("image configuration: %w", err)
	}
	return all, fetchLayers(ctx, from, layers, dir, measure(ctx, nil, p, what, total))
}

// download lists the layers to fetch, each once, and their size together. A stranger wrote the numbers.
func download(all []oci.Descriptor, limit int64) (layers []oci.Descriptor, total int64, err error) {
	if len(all) > maxLayers {
		return nil, 0, fmt.Errorf("manifest: %d layers", len(all))
	}
	if limit == 0 {
		limit = math.MaxInt64
	}
	sizes := make(map[digest.Digest]int64)
	for _, layer := range all {
		size, known := sizes[layer.Digest]
		switch {
		case layer.Size < 0 || known && size != layer.Size:
			return nil, 0, fmt.Errorf("layer %s: a size of %d bytes", layer.Digest, layer.Size)
		case len(layer.URLs) > 0:
			return nil, 0, fmt.Errorf("layer %s: it is not in the registry but elsewhere (%.100q), "+
				"where Sheep does not go", layer.Digest, layer.URLs[0])
		case known:
			continue
		case layer.Size > limit-total:
			return nil, 0, fmt.Errorf("the layers are larger than %d bytes together", limit)
		}
		sizes[layer.Digest] = layer.Size
		layers, total = append(layers, layer), total+layer.Size
	}
	return layers, total, nil
}

// fetchLayers downloads some layers at the same time. The first error stops all.
func fetchLayers(ctx context.Context, from *registry.Repository, layers []oci.Descriptor, dir string,
	progress *meter) error {
	defer progress.close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	free := make(chan struct{}, downloads)
	var group sync.WaitGroup
	for _, layer := range layers {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			if err := fetchBlob(ctx, from, layer, dir, progress.advance); err != nil {
				cancel(fmt.Errorf("layer %s: %w", layer.Digest, err))
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

// fetchBlob downloads one blob. The reader compares size and digest, and fails at the end if they are not what the
// manifest says.
func fetchBlob(ctx context.Context, from *registry.Repository, d oci.Descriptor, dir string,
	advance func(int64)) error {
	to, err := blobOf(d)
	if err != nil {
		return err
	}
	body, err := from.Blob(ctx, to.digest, d.Size)
	if err != nil {
		return err
	}
	defer body.Close()
	file, err := os.OpenFile(filepath.Join(dir, to.name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{file}, &advancing{source: body, advance: advance}, make([]byte, 1<<18))
	return errors.Join(err, file.Close())
}
