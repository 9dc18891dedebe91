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
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

const (
	bundleName  = "bundle"
	maxDocument = registry.MaxDocument // of JSON: config, manifest, index
	maxLayers   = 1000
)

// dockerImage is an element of manifest.json in what `docker save` writes.
type dockerImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// isIndex reports whether a document of a media type lists images, rather than being the manifest of one.
func isIndex(mediaType string) bool {
	return mediaType == oci.MediaTypeImageIndex || mediaType == registry.DockerList
}

// bundle is a directory with the parts of an image: its configuration and its layers, still packed. Names in it come from
// documents that a stranger wrote; [os.Root] keeps them inside.
type bundle struct{ root *os.Root }

// blob is a file of a bundle, with the digest it must have, if one is told.
type blob struct{ name, digest string }

// blobOf is where an OCI layout keeps what a descriptor points to. [digest.Digest.Validate] would allow SHA-512 and forms
// that are not registered; nothing here could check those.
//
// [digest.Digest.Validate]: https://pkg.go.dev/github.com/opencontainers/go-digest#Digest.Validate
func blobOf(d oci.Descriptor) (blob, error) {
	sum := string(d.Digest)
	if !registry.IsDigest(sum) {
		return blob{}, fmt.Errorf("%.100q is not a digest that is known here: sha256 is", sum)
	}
	return blob{path.Join(oci.ImageBlobsDir, "sha256", strings.TrimPrefix(sum, "sha256:")), sum}, nil
}

// open opens a blob. What is no regular file could block us, or never end.
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

// parts is what to make an image of.
type parts struct {
	config blob
	layers []blob
	names  []string // that the archive gives the image
	digest string   // of the manifest
}

// find finds an image in a bundle; nil if the files are no bundle. With several images the reference decides.
func (b bundle) find(ref reference) (*parts, error) {
	if b.has(oci.ImageLayoutFile) && b.has(oci.ImageIndexFile) {
		return b.findOCI(ref)
	}
	if !b.has("manifest.json") {
		return nil, nil
	}
	var images []dockerImage
	_, err := b.document(blob{name: "manifest.json"}, &images)
	if err != nil || len(images) == 0 || images[0].Config == "" {
		return nil, nil // a root filesystem may have a manifest.json too, about something else
	}
	return b.findDocker(ref, images)
}

// has tells whether a regular file is there.
func (b bundle) has(name string) bool {
	info, err := b.root.Lstat(name)
	return err == nil && info.Mode().IsRegular()
}

// findDocker chooses among the images of `docker save`.
func (b bundle) findDocker(ref reference, images []dockerImage) (*parts, error) {
	var names []string
	var found []dockerImage
	for _, image := range images {
		names = append(names, image.RepoTags...)
		if len(images) == 1 || slices.ContainsFunc(image.RepoTags, ref.matches) {
			found = append(found, image)
		}
	}
	if len(found) != 1 {
		return nil, several(names)
	}
	all := &parts{config: dockerBlob(found[0].Config), names: found[0].RepoTags}
	for _, layer := range found[0].Layers {
		all.layers = append(all.layers, dockerBlob(layer))
	}
	return all, nil
}

// dockerBlob is a blob by its name; since 2023 the name is a digest.
func dockerBlob(name string) blob {
	if sum := "sha256:" + path.Base(name); path.Dir(name) == "blobs/sha256" && registry.IsDigest(sum) {
		return blob{name, sum}
	}
	return blob{name: name}
}

// findOCI chooses among the images of an OCI layout.
func (b bundle) findOCI(ref reference) (*parts, error) {
	search := ociSearch{bundle: b, seen: make(map[digest.Digest]bool)}
	if err := search.index(blob{name: oci.ImageIndexFile}, nil); err != nil {
		return nil, err
	}
	found := search.found
	if len(found) == 0 {
		return nil, fmt.Errorf("the archive has no image for linux/%s, %s", runtime.GOARCH, otherwise(search.others))
	}
	if len(found) > 1 {
		found = slices.DeleteFunc(slices.Clone(found), func(c candidate) bool { return !slices.ContainsFunc(c.names, ref.matches) })
	}
	if len(found) != 1 {
		var names []string
		for _, c := range search.found {
			names = append(names, c.names...)
		}
		return nil, several(names)
	}
	from, err := blobOf(found[0].Descriptor)
	if err != nil {
		return nil, err
	}
	var m oci.Manifest
	if _, err := b.document(from, &m); err != nil {
		return nil, err
	}
	all, err := partsOf(m, from.digest)
	if err == nil {
		all.names = found[0].names
	}
	return all, err
}

// partsOf takes a manifest apart.
func partsOf(m oci.Manifest, digest string) (*parts, error) {
	config, err := blobOf(m.Config)
	if err != nil {
		return nil, fmt.Errorf("image configuration: %w", err)
	}
	all := &parts{config: config, digest: digest}
	for _, layer := range m.Layers {
		from, err := blobOf(layer)
		if err != nil {
			return nil, fmt.Errorf("layer: %w", err)
		}
		all.layers = append(all.layers, from)
	}
	return all, nil
}

// ociSearch walks through indexes. Each is read once, so no nesting of them takes long.
type ociSearch struct {
	bundle
	seen   map[digest.Digest]bool
	found  []candidate
	others []string // platforms
}

// candidate is an image for this platform.
type candidate struct {
	oci.Descriptor
	names []string
}

func (s *ociSearch) index(from blob, names []string) error {
	var index oci.Index
	if _, err := s.document(from, &index); err != nil {
		return err
	}
	for _, d := range index.Manifests {
		own := names
		for _, key := range []string{"io.containerd.image.name", oci.AnnotationRefName} {
			if name := d.Annotations[key]; name != "" {
				own = append(slices.Clip(own), name)
			}
		}
		if p := d.Platform; p != nil && (p.OS != "linux" || p.Architecture != runtime.GOARCH) {
			s.others = append(s.others, p.OS+"/"+p.Architecture)
			continue
		}
		if s.seen[d.Digest] {
			for index, c := range s.found {
				if c.Digest == d.Digest {
					s.found[index].names = append(c.names, own...)
				}
			}
			continue
		}
		s.seen[d.Digest] = true
		if !isIndex(d.MediaType) {
			s.found = append(s.found, candidate{d, own})
			continue
		}
		if len(s.seen) > maxLayers {
			return &EntryError{Entry: from.name, Reason: fmt.Sprintf("more than %d documents", maxLayers)}
		}
		next, err := blobOf(d)
		if err == nil {
			err = s.index(next, own)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// matches tells whether a name in an archive means this one: with or without a host before it, or the tag alone.
func (r reference) matches(name string) bool {
	return name == r.String() || name == r.tag || strings.HasSuffix(name, "/"+r.String())
}

// several is the error for an archive of several images.
func several(names []string) error {
	return fmt.Errorf("the archive has several images (%s): import it under the name of one of them", some(names))
}

// some lists names that a stranger chose, and how many: each once, quoted, and not too long.
func some(names []string) string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	var quoted []string
	for _, name := range names[:min(len(names), 20)] {
		quoted = append(quoted, fmt.Sprintf("%.100q", name))
	}
	if len(quoted) < len(names) {
		quoted = append(quoted, "…")
	}
	return strings.Join(quoted, ", ")
}

// otherwise says which platforms there is an image for, if not for this one.
func otherwise(platforms []string) string {
	if len(platforms) == 0 {
		return "nor for any other platform"
	}
	return "only for " + some(platforms)
}

// reference is the name that the archive gives the image. What Docker calls by the name alone is docker.io/library/name.
func (p *parts) reference() (reference, error) {
	for _, name := range p.names {
		short := strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
		if ref, err := parseReference(short); err == nil && strings.ContainsAny(name, ":/") { // else it is but a tag
			return ref, nil
		}
	}
	return reference{}, errors.New("the archive does not say what the image is called: give it a name")
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
	crash.Point("image-unbundle")
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
		crash.Point("image-layer")
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
	layer, err := b.target.Apply(ctx, source)
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
