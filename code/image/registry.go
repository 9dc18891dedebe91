//go:build linux

package image

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// downloads is how many layers are fetched at the same time.
const downloads = 3

// explain puts what a registry answers into words.
func explain(doing string, ref reference, from *registry.Repository, err error) error {
	var answer *registry.Error
	var operation *net.OpError
	var lookup *net.DNSError
	missing := errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
	switch {
	case missing && doing == "pull":
		return fmt.Errorf("%s %s: the registry has no such image: %w", doing, ref, err)
	case missing && doing == "push":
		return fmt.Errorf("%s %s: the registry has no place for it, which some want made first: %w", doing, ref, err)
	case errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden):
		return fmt.Errorf("%s %s: the registry does not allow it (passwords are read from ~/.docker/config.json): %w", doing,
			ref, err)
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return fmt.Errorf("%s %s: the name of the registry, %s, is unknown: is it right? %w", doing, ref, lookup.Name, err)
	case errors.As(err, &lookup):
		return fmt.Errorf("%s %s: the name of the registry, %s, cannot be looked up: %w", doing, ref, lookup.Name, err)
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%s %s: the registry at %s speaks plain HTTP: %w", doing, ref, from.Host, registry.ErrPlainHTTP)
	case errors.As(err, &operation) && operation.Op == "dial":
		return fmt.Errorf("%s %s: no registry at %s: %w", doing, ref, from.Host, err)
	}
	return fmt.Errorf("%s %s: %w", doing, ref, err)
}

// Pull makes an image of one in a registry. Of an image for several platforms it takes the one for this machine. Only with
// insecure, or from a registry on this machine, plain HTTP is spoken.
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
	return s.build(parsed, func(b *builder) error {
		dir := filepath.Join(b.dir, bundleName)
		if err := os.MkdirAll(filepath.Join(dir, "blobs/sha256"), 0o700); err != nil {
			return fmt.Errorf("make room for layers: %w", err)
		}
		all, err := s.fetch(ctx, from, m, dir, "pull "+ref, p)
		if err != nil {
			return explain("pull the parts of", parsed, from, err) // of which one may be missing, and yet there is an image
		}
		crash.Point("image-fetch")
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

// findManifest asks for a manifest, and goes on asking while it gets an index. The digest is of the first that it got: that
// is what the tag points to.
func findManifest(ctx context.Context, from *registry.Repository, reference string) (m ociManifest, digest string, err error) {
	for range maxIndexes {
		found, err := from.Manifest(ctx, reference)
		if err != nil {
			return m, "", err
		}
		digest = cmp.Or(digest, found.Digest)
		if !(descriptor{MediaType: found.MediaType}).isIndex() {
			if err := json.Unmarshal(found.Content, &m); err != nil {
				return m, "", fmt.Errorf("manifest: %w", err)
			}
			return m, digest, nil
		}
		var index ociIndex
		if err := json.Unmarshal(found.Content, &index); err != nil {
			return m, "", fmt.Errorf("index: %w", err)
		}
		chosen, err := index.choose(platform{OS: "linux", Architecture: runtime.GOARCH})
		if err == nil {
			_, err = chosen.blob() // it may point to nothing else
		}
		if err != nil {
			return m, "", fmt.Errorf("index: %w", err)
		}
		reference = chosen.Digest
	}
	return m, "", fmt.Errorf("index: nested more than %d levels deep", maxIndexes)
}

// choose finds the manifest for a platform. Of several variants it takes the one that asks least of the processor: of
// ARM v6 and v7 the former, and amd64 without v3. What does not say for whom it is may be for all.
func (i ociIndex) choose(want platform) (descriptor, error) {
	var found []descriptor
	var others []string
	for _, d := range i.Manifests {
		switch p := cmp.Or(d.Platform, &want); {
		case p.OS == want.OS && p.Architecture == want.Architecture:
			found = append(found, d)
		case p.OS != "unknown": // which is how builders attach a description of what they did
			others = append(others, p.OS+"/"+p.Architecture)
		}
	}
	if len(found) == 0 {
		return descriptor{}, fmt.Errorf("no image for %s/%s, %s", want.OS, want.Architecture, otherwise(others))
	}
	return slices.MinFunc(found, func(a, b descriptor) int { return cmp.Compare(a.variant(), b.variant()) }), nil
}

// variant is what a manifest asks of the processor, in an order. It is last if it does not even say for which.
func (d descriptor) variant() string {
	if d.Platform == nil {
		return "\xff"
	}
	return d.Platform.Variant
}

// fetch downloads the parts of an image into a directory, each checked against its digest.
func (s *Store) fetch(ctx context.Context, from *registry.Repository, m ociManifest, dir, what string,
	p Progress) (*parts, error) {
	all, err := m.parts("")
	if err != nil {
		return nil, err
	}
	if m.Config.Size < 0 || m.Config.Size > maxDocument {
		return nil, fmt.Errorf("image configuration: a size of %d bytes", m.Config.Size)
	}
	layers, total, err := m.download(s.Limits.Bytes)
	if err != nil {
		return nil, err
	}
	if err := fetchBlob(ctx, from, m.Config, dir, func(int64) {}); err != nil {
		return nil, fmt.Errorf("image configuration: %w", err)
	}
	return all, fetchLayers(ctx, from, layers, dir, measure(ctx, nil, p, what, total))
}

// download lists the layers to fetch, each once, and their size together. A stranger wrote the numbers.
func (m ociManifest) download(limit int64) (layers []descriptor, total int64, err error) {
	if len(m.Layers) > maxLayers {
		return nil, 0, fmt.Errorf("manifest: %d layers", len(m.Layers))
	}
	if limit == 0 {
		limit = math.MaxInt64
	}
	sizes := make(map[string]int64)
	for _, layer := range m.Layers {
		size, known := sizes[layer.Digest]
		switch {
		case layer.Size < 0 || known && size != layer.Size:
			return nil, 0, fmt.Errorf("layer %s: a size of %d bytes", layer.Digest, layer.Size)
		case len(layer.URLs) > 0:
			return nil, 0, fmt.Errorf("layer %s: it is not in the registry but elsewhere (%.100q), where Sheep does not go",
				layer.Digest, layer.URLs[0])
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
func fetchLayers(ctx context.Context, from *registry.Repository, layers []descriptor, dir string, progress *meter) error {
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
func fetchBlob(ctx context.Context, from *registry.Repository, d descriptor, dir string, advance func(int64)) error {
	to, err := d.blob()
	if err != nil {
		return err
	}
	body, err := from.Blob(ctx, d.Digest, d.Size)
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

// advancing is a reader that tells how far it is.
type advancing struct {
	source  io.Reader
	advance func(int64)
}

func (a *advancing) Read(buffer []byte) (int, error) {
	n, err := a.source.Read(buffer)
	a.advance(int64(n))
	return n, err
}

// Push puts an image into a registry, under its own name, and returns the digest of its manifest. The layers that it once
// had are gone, so it has one.
func (s *Store) Push(ctx context.Context, ref string, p Progress, insecure bool) (string, error) {
	parsed, err := parseReference(ref)
	if err != nil {
		return "", err
	}
	image, err := s.Find(ref)
	if err != nil {
		return "", err
	}
	to, err := registry.Open(ctx, parsed.name, "pull,push", insecure)
	if err != nil {
		return "", explain("push", parsed, to, err)
	}
	stage, err := s.stage()
	if err != nil {
		return "", err
	}
	digest, err := push(ctx, image, parsed, stage.dir, to, p)
	return digest, errors.Join(err, stage.remove())
}

// push packs an image in a directory and sends it.
func push(ctx context.Context, image Image, ref reference, dir string, to *registry.Repository, p Progress) (string, error) {
	packed, err := pack(ctx, image, filepath.Join(dir, "layer.tar.gz"), p)
	if err != nil {
		return "", err
	}
	config, err := json.Marshal(image.Config.ociConfig(image.Architecture, packed.diffID))
	if err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	manifest, err := json.Marshal(ociManifest{
		SchemaVersion: 2,
		MediaType:     registry.OCIManifest,
		Config:        descriptor{MediaType: ociConfigType, Digest: digest(sha256.Sum256(config)), Size: int64(len(config))},
		Layers:        []descriptor{{MediaType: ociLayerType, Digest: packed.digest, Size: packed.size}},
	})
	if err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	var progress *meter // of what is sent, if the registry does not have it
	opened := sync.OnceFunc(func() { progress = measure(ctx, nil, p, "push "+ref.String(), packed.size) })
	err = to.PutBlob(ctx, packed.digest, packed.size, func() (io.ReadCloser, error) {
		opened()
		return packed.open(progress)
	})
	if err == nil && progress == nil {
		progress = measure(ctx, nil, p, "push "+ref.String()+": is there already", 0)
	}
	if progress != nil {
		defer progress.close()
	}
	if err == nil {
		err = to.PutBlob(ctx, digest(sha256.Sum256(config)), int64(len(config)), func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(config)), nil
		})
	}
	if err == nil {
		err = to.PutManifest(ctx, ref.tag, registry.OCIManifest, manifest)
	}
	if err != nil {
		return "", explain("push", ref, to, err)
	}
	return digest(sha256.Sum256(manifest)), nil
}

// layer is the packed root filesystem of an image.
type layer struct {
	file           string
	size           int64
	digest, diffID string // packed and unpacked
	sent           atomic.Int64
}

// pack writes the root filesystem of an image into a compressed archive.
func pack(ctx context.Context, image Image, file string, p Progress) (*layer, error) {
	progress := measure(ctx, nil, p, "pack "+image.Ref(), image.Size)
	defer progress.close()
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pack image: %w", err)
	}
	defer out.Close()
	inside, outside := sha256.New(), sha256.New()
	packed := gzip.NewWriter(io.MultiWriter(out, outside))
	err = archive.Pack(ctx, image.Rootfs, io.MultiWriter(packed, inside), progress.advance)
	if err == nil {
		err = packed.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack image: %w", err)
	}
	info, err := out.Stat()
	if err != nil {
		return nil, fmt.Errorf("pack image: %w", err)
	}
	return &layer{
		file:   file,
		size:   info.Size(),
		digest: digest([sha256.Size]byte(outside.Sum(nil))),
		diffID: digest([sha256.Size]byte(inside.Sum(nil))),
	}, nil
}

// open opens the archive to send it. Who sends it again begins anew, and so does the progress.
func (l *layer) open(progress *meter) (io.ReadCloser, error) {
	file, err := os.Open(l.file)
	if err != nil {
		return nil, err
	}
	progress.advance(-l.sent.Swap(0))
	return struct {
		io.Reader
		io.Closer
	}{&advancing{file, func(n int64) {
		l.sent.Add(n)
		progress.advance(n)
	}}, file}, nil
}
