//go:build linux

package image

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"compress/gzip"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// downloads is how many layers are fetched at the same time.
const downloads = 3

// region: registry

// registry is an image in a registry, and how to talk to it (OCI distribution specification). Without a host in its name
// that is Docker's. Passwords come from where `docker login` and `podman login` put them.
type registry struct {
	ref     name.Reference
	options []remote.Option
}

// reach says how to reach an image. Only with insecure, or on this machine, is plain HTTP spoken.
func reach(ctx context.Context, ref reference, insecure bool) (*registry, error) {
	var options []name.Option
	if insecure {
		options = append(options, name.Insecure)
	}
	parsed, err := name.ParseReference(ref.String(), options...)
	if err != nil {
		return nil, err
	}
	through := remote.DefaultTransport.(*http.Transport).Clone()
	through.TLSClientConfig = &tls.Config{InsecureSkipVerify: insecure}
	return &registry{parsed, []remote.Option{
		remote.WithContext(ctx),
		remote.WithTransport(guard{through, insecure}),
		remote.WithAuthFromKeychain(authn.DefaultKeychain),
		remote.WithPlatform(v1.Platform{OS: "linux", Architecture: runtime.GOARCH}),
		remote.WithUserAgent("sheep"),
	}}, nil
}

// guard keeps passwords and images from going over the network unencrypted.
type guard struct {
	http.RoundTripper
	insecure bool
}

func (g guard) RoundTrip(request *http.Request) (*http.Response, error) {
	host := request.URL.Hostname()
	if address, err := netip.ParseAddr(host); request.URL.Scheme != "https" && !g.insecure && host != "localhost" &&
		(err != nil || !address.IsLoopback()) {
		return nil, fmt.Errorf("%s is not asked without encryption (--insecure allows it)", request.URL.Host)
	}
	return g.RoundTripper.RoundTrip(request)
}

// explain puts what a registry answers into words.
func (r *registry) explain(doing string, err error) error {
	var answer *transport.Error
	var operation *net.OpError
	switch {
	case errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s %s: the registry has no such image: %w", doing, r.ref, err)
	case errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden):
		return fmt.Errorf("%s %s: the registry does not allow it (passwords are read from ~/.docker/config.json): %w",
			doing, r.ref, err)
	case errors.As(err, &operation) && operation.Op == "dial":
		return fmt.Errorf("%s %s: no registry at %s: %w", doing, r.ref, r.ref.Context().RegistryStr(), err)
	}
	return fmt.Errorf("%s %s: %w", doing, r.ref, err)
}

// endregion

// region: pull

// Pull makes an image of one in a registry. Of an image for several platforms it takes the one for this machine.
func (s *Store) Pull(ctx context.Context, ref string, p Progress, insecure bool) (Image, error) {
	parsed, err := parseReference(ref)
	if err != nil {
		return Image{}, err
	}
	from, err := reach(ctx, parsed, insecure)
	if err != nil {
		return Image{}, fmt.Errorf("pull %s: %w", ref, err)
	}
	found, err := remote.Get(from.ref, from.options...)
	if err != nil {
		return Image{}, from.explain("pull", err)
	}
	image, err := found.Image()
	if err != nil {
		return Image{}, from.explain("pull", err)
	}
	return s.build(parsed, func(b *builder) error {
		dir := filepath.Join(b.dir, bundleName)
		if err := os.MkdirAll(filepath.Join(dir, "blobs/sha256"), 0o700); err != nil {
			return fmt.Errorf("make room for layers: %w", err)
		}
		all, err := s.fetch(ctx, image, dir, "pull "+ref, p)
		if err != nil {
			return from.explain("pull", err)
		}
		crash.Point("image-fetch")
		root, err := os.OpenRoot(dir)
		if err != nil {
			return fmt.Errorf("open layers: %w", err)
		}
		defer root.Close()
		all.digest = found.Digest.String()
		if err := b.assemble(ctx, bundle{root}, all, p); err != nil {
			return err
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove layers: %w", err)
		}
		return nil
	})
}

// fetch downloads the parts of an image into a directory, each checked against its digest.
func (s *Store) fetch(ctx context.Context, image v1.Image, dir, what string, p Progress) (*parts, error) {
	content, err := image.RawManifest()
	if err != nil {
		return nil, err
	}
	var m ociManifest
	if err := json.Unmarshal(content, &m); err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	all, err := m.parts("")
	if err != nil {
		return nil, err
	}
	if m.Config.Size < 0 || m.Config.Size > maxDocument {
		return nil, fmt.Errorf("image configuration: a size of %d bytes", m.Config.Size)
	}
	if len(m.Layers) > maxLayers {
		return nil, fmt.Errorf("manifest: %d layers", len(m.Layers))
	}
	config, err := image.RawConfigFile()
	if err != nil {
		return nil, fmt.Errorf("image configuration: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, all.config.name), config, 0o600); err != nil {
		return nil, fmt.Errorf("keep image configuration: %w", err)
	}
	unique := make(map[string]descriptor)
	total := int64(0)
	for _, layer := range m.Layers {
		if _, known := unique[layer.Digest]; !known {
			total += layer.Size
		}
		if unique[layer.Digest] = layer; layer.Size < 0 { // which stands for any size in package remote
			return nil, fmt.Errorf("layer %s: a size of %d bytes", layer.Digest, layer.Size)
		}
		if s.Limits.Bytes > 0 && total > s.Limits.Bytes {
			return nil, fmt.Errorf("the layers are larger than %d bytes together", s.Limits.Bytes)
		}
	}
	return all, fetchLayers(ctx, image, unique, dir, measure(ctx, nil, p, what, total))
}

// fetchLayers downloads some layers at the same time. The first error stops all.
func fetchLayers(ctx context.Context, image v1.Image, layers map[string]descriptor, dir string, progress *meter) error {
	defer progress.close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	free := make(chan struct{}, downloads)
	var group sync.WaitGroup
	for _, layer := range layers {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			if err := fetchLayer(ctx, image, layer, dir, progress); err != nil {
				cancel(fmt.Errorf("layer %s: %w", layer.Digest, err))
			}
		})
	}
	group.Wait()
	return context.Cause(ctx)
}

// fetchLayer downloads one layer. The reader that remote gives compares size and digest, and fails at the end if they
// are not what the manifest says.
func fetchLayer(ctx context.Context, image v1.Image, d descriptor, dir string, progress *meter) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	hash, err := v1.NewHash(d.Digest)
	if err != nil {
		return err
	}
	layer, err := image.LayerByDigest(hash)
	if err != nil {
		return err
	}
	body, err := layer.Compressed()
	if err != nil {
		return err
	}
	defer body.Close()
	// The request has the context of the whole pull. This one ends when another layer fails.
	defer context.AfterFunc(ctx, func() { body.Close() })()
	to, err := d.blob()
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(dir, to.name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{file}, advancing{body, progress}, make([]byte, 1<<18))
	return errors.Join(err, file.Close())
}

// advancing is a reader that tells a progress.
type advancing struct {
	source   io.Reader
	progress *meter
}

func (a advancing) Read(buffer []byte) (int, error) {
	n, err := a.source.Read(buffer)
	a.progress.advance(int64(n))
	return n, err
}

// endregion

// region: push

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
	to, err := reach(ctx, parsed, insecure)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	stage, err := s.stage()
	if err != nil {
		return "", err
	}
	digest, err := push(ctx, image, stage.dir, to, p)
	return digest, errors.Join(err, stage.remove())
}

// push packs an image in a directory and sends it.
func push(ctx context.Context, image Image, dir string, to *registry, p Progress) (string, error) {
	packed, err := pack(ctx, image, filepath.Join(dir, "layer.tar.gz"), p)
	if err != nil {
		return "", err
	}
	packed.progress = measure(ctx, nil, p, "push "+to.ref.String(), packed.size)
	defer packed.progress.close()
	core, err := newPushed(image, packed)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", to.ref, err)
	}
	whole, err := partial.CompressedToImage(core)
	if err != nil {
		return "", fmt.Errorf("push %s: %w", to.ref, err)
	}
	if err := remote.Write(to.ref, whole, to.options...); err != nil {
		return "", to.explain("push", err)
	}
	hash, err := whole.Digest()
	return hash.String(), err
}

// layer is the packed root filesystem of an image.
type layer struct {
	file           string
	size           int64
	digest, diffID v1.Hash // packed and unpacked
	progress       *meter
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
	l := &layer{file: file, size: info.Size()}
	l.digest, err = v1.NewHash(digest([sha256.Size]byte(outside.Sum(nil))))
	if err == nil {
		l.diffID, err = v1.NewHash(digest([sha256.Size]byte(inside.Sum(nil))))
	}
	return l, err
}

func (l *layer) Digest() (v1.Hash, error) { return l.digest, nil }
func (l *layer) DiffID() (v1.Hash, error) { return l.diffID, nil }
func (l *layer) Size() (int64, error)     { return l.size, nil }

func (l *layer) MediaType() (types.MediaType, error) { return types.OCILayer, nil }

// Compressed reads the archive; whoever sends it advances the progress.
func (l *layer) Compressed() (io.ReadCloser, error) {
	file, err := os.Open(l.file)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{advancing{file, l.progress}, file}, nil
}

// pushed is an image of one layer, as remote wants it.
type pushed struct {
	config, manifest []byte
	layer            *layer
}

// newPushed writes configuration and manifest.
func newPushed(image Image, packed *layer) (*pushed, error) {
	config, err := json.Marshal(image.Config.ociConfig(image.Architecture, packed.diffID.String()))
	if err != nil {
		return nil, err
	}
	manifest, err := json.Marshal(ociManifest{
		SchemaVersion: 2,
		MediaType:     string(types.OCIManifestSchema1),
		Config: descriptor{
			MediaType: string(types.OCIConfigJSON),
			Digest:    digest(sha256.Sum256(config)),
			Size:      int64(len(config)),
		},
		Layers: []descriptor{{
			MediaType: string(types.OCILayer),
			Digest:    packed.digest.String(),
			Size:      packed.size,
		}},
	})
	return &pushed{config, manifest, packed}, err
}

func (p *pushed) RawConfigFile() ([]byte, error)      { return p.config, nil }
func (p *pushed) RawManifest() ([]byte, error)        { return p.manifest, nil }
func (p *pushed) MediaType() (types.MediaType, error) { return types.OCIManifestSchema1, nil }
func (p *pushed) LayerByDigest(hash v1.Hash) (partial.CompressedLayer, error) {
	if hash != p.layer.digest {
		return nil, fmt.Errorf("no layer %s", hash)
	}
	return p.layer, nil
}

// endregion
