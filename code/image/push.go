//go:build linux

package image

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
)

// Push puts an image into a registry, under its own name, and returns the digest of its manifest. The layers that it
// once had are gone, so it has one.
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
func push(
	ctx context.Context, image Image, ref reference, dir string, to *registry.Repository, p Progress,
) (string, error) {
	packed, err := pack(ctx, image, filepath.Join(dir, "layer.tar.gz"), p)
	if err != nil {
		return "", err
	}
	config, err := json.Marshal(image.Config.oci(image.Architecture, packed.diffID))
	if err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	manifest, err := json.Marshal(oci.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2},
		MediaType: oci.MediaTypeImageManifest,
		Config: oci.Descriptor{
			MediaType: oci.MediaTypeImageConfig,
			Digest:    digest.FromBytes(config),
			Size:      int64(len(config)),
		},
		Layers: []oci.Descriptor{{
			MediaType: oci.MediaTypeImageLayerGzip,
			Digest:    packed.digest,
			Size:      packed.size,
		}},
	})
	if err != nil {
		return "", fmt.Errorf("push %s: %w", ref, err)
	}
	var progress *meter // of what is sent, if the registry does not have it
	opened := sync.OnceFunc(func() { progress = measure(ctx, nil, p, "push "+ref.String(), packed.size) })
	err = to.PutBlob(ctx, string(packed.digest), packed.size, func() (io.ReadCloser, error) {
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
		err = to.PutBlob(ctx, string(digest.FromBytes(config)), int64(len(config)), func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(config)), nil
		})
	}
	if err == nil {
		err = to.PutManifest(ctx, ref.tag, oci.MediaTypeImageManifest, manifest)
	}
	if err != nil {
		return "", explain("push", ref, to, err)
	}
	return string(digest.FromBytes(manifest)), nil
}

// layer is the packed root filesystem of an image.
type layer struct {
	file           string
	size           int64
	digest, diffID digest.Digest // packed and unpacked
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
		digest: digest.NewDigest(digest.SHA256, outside),
		diffID: digest.NewDigest(digest.SHA256, inside),
	}, nil
}

// open opens the archive to send it. Sending it again starts over, and so does the progress.
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
