//go:build linux

package image

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	oci "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
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

// blobOf is where an OCI layout keeps what a descriptor points to. [digest.Digest.Validate] would allow SHA-512 and
// forms that are not registered; nothing here could check those.
//
// [digest.Digest.Validate]: https://pkg.go.dev/github.com/opencontainers/go-digest#Digest.Validate
func blobOf(d oci.Descriptor) (blob, error) {
	sum := string(d.Digest)
	if !registry.IsDigest(sum) {
		return blob{}, fmt.Errorf("%.100q is not a digest that is known here: sha256 is", sum)
	}
	return blob{path.Join(oci.ImageBlobsDir, "sha256", strings.TrimPrefix(sum, "sha256:")), sum}, nil
}

// parts is what to make an image of.
type parts struct {
	config blob
	layers []blob
	names  []string // that the archive gives the image
	digest string   // of the manifest
}

// find finds an image in a bundle; nil if the files are not a bundle. With several images the reference decides.
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

// has reports whether a regular file is there.
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
	if !oneImage(found) {
		found = slices.DeleteFunc(slices.Clone(found), func(c candidate) bool {
			return !slices.ContainsFunc(c.names, ref.matches)
		})
	}
	if !oneImage(found) {
		var names []string
		for _, c := range search.found {
			names = append(names, c.names...)
		}
		return nil, several(names)
	}
	// Several of one name are for several kinds of this processor, as pull finds them in a registry.
	chosen := slices.MinFunc(found, func(a, b candidate) int {
		return cmp.Compare(variant(a.Descriptor), variant(b.Descriptor))
	})
	from, err := blobOf(chosen.Descriptor)
	if err != nil {
		return nil, err
	}
	var m oci.Manifest
	if _, err := b.document(from, &m); err != nil {
		return nil, err
	}
	all, err := partsOf(m, from.digest)
	if err == nil {
		all.names = chosen.names
	}
	return all, err
}

// oneImage reports whether candidates are one image: they have the same names, or without names are for different
// variants of the processor.
func oneImage(all []candidate) bool {
	names := func(c candidate) []string { return slices.Compact(slices.Sorted(slices.Values(c.names))) }
	variants := make(map[string]bool)
	for _, c := range all {
		if !slices.Equal(names(c), names(all[0])) || len(c.names) == 0 && variants[variant(c.Descriptor)] {
			return false
		}
		variants[variant(c.Descriptor)] = true
	}
	return len(all) > 0
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

// matches reports whether a name in an archive means this one: with or without a host before it, or the tag alone.
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

// reference is the name that the archive gives the image.
func (p *parts) reference() (reference, error) {
	for _, name := range p.names {
		if ref, err := parseReference(name); err == nil && strings.ContainsAny(name, ":/") { // else it is but a tag
			return ref, nil
		}
	}
	return reference{}, errors.New("the archive does not say what the image is called: give it a name")
}
