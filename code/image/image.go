//go:build linux

// Package image (chapter 8) keeps images: root filesystems that containers start from, with what their makers say about
// them.
//
// Read first: [Store.Import] and build in import.go, then [archive.Target] for what happens to one entry of an archive,
// then commit in store.go, the moment from which an image exists. Layouts (layout.go, bundle.go), registries (pull.go,
// push.go) and the host's programs (bootstrap.go, elf.go) come to the same build.
//
// An image is a directory, named by its id:
//
//	/var/lib/sheep/images/4f1c0a9d2b7e/manifest.json   what it is called, and how to run it
//	/var/lib/sheep/images/4f1c0a9d2b7e/rootfs/         the files, owner root, mode 0755
//
// [Store.Import] takes them from a tar archive of a root filesystem, from `docker save`, or from an OCI layout;
// [Store.Pull] from a registry; [Store.Bootstrap] from the host's own programs. All of them unpack into a directory of
// the same file system that nothing else looks at, sync it, and rename it: an image is there as a whole or not at all.
// What a killed command leaves is removed by the next [Open].
//
// The id is what Docker shows: the first twelve digits of the SHA-256 of the image's configuration, which in turn holds
// the SHA-256 of every layer. Equal ids are equal content, so an image is kept once under however many names.
//
// Docker keeps layers and shares them between images. Sheep keeps one root filesystem for each image: simple, and ready
// to be the lower directory of an overlay, but what two images have in common lies on the disk twice, and is pushed
// twice.
//
// An image may hold set-user-ID programs, so only root gets into the directory of images.
//
// # Caveats
//
// An operation ends soon after its context does, except while it waits for the lock of the store or syncs an image.
// What is in a root filesystem is not checked again after it was put in place.
package image

import (
	"maps"
	"slices"
	"time"

	"github.com/opencontainers/go-digest"
	oci "github.com/opencontainers/image-spec/specs-go/v1"
)

// Image is one image under one of its names.
type Image struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"` // empty: another image has taken its name
	Tag       string    `json:"tag"`
	Size      int64     `json:"size"` // of its files, in bytes
	CreatedAt time.Time `json:"created_at"`
	Rootfs    string    `json:"rootfs"`           // the directory
	Digest    string    `json:"digest,omitempty"` // of the manifest in the registry that it was pulled from

	// Architecture is what its programs are made for, in Go's words, which are OCI's.
	Architecture string `json:"architecture,omitempty"`
	Config       Config `json:"config"`
}

// Config is what the maker of an image says about running it.
type Config struct {
	Env          []string          `json:"env,omitempty"`
	Entrypoint   []string          `json:"entrypoint,omitempty"`
	Cmd          []string          `json:"cmd,omitempty"`
	WorkingDir   string            `json:"working_dir,omitempty"`
	User         string            `json:"user,omitempty"`
	ExposedPorts []string          `json:"exposed_ports,omitempty"`
	Volumes      []string          `json:"volumes,omitempty"`
	StopSignal   string            `json:"stop_signal,omitempty"` // what asks the program to end
	Labels       map[string]string `json:"labels,omitempty"`
}

// Ref is the name and tag to find the image by; an image without a name has its id.
func (i Image) Ref() string {
	if i.Name == "" {
		return i.ID
	}
	return reference{i.Name, i.Tag}.String()
}

// configOf is the part of an image's configuration that runs containers.
func configOf(i oci.Image) Config {
	return Config{
		Env:          i.Config.Env,
		Entrypoint:   i.Config.Entrypoint,
		Cmd:          i.Config.Cmd,
		WorkingDir:   i.Config.WorkingDir,
		User:         i.Config.User,
		ExposedPorts: slices.Sorted(maps.Keys(i.Config.ExposedPorts)),
		Volumes:      slices.Sorted(maps.Keys(i.Config.Volumes)),
		StopSignal:   i.Config.StopSignal,
		Labels:       i.Config.Labels,
	}
}

// oci is the way back: the configuration of an image for an architecture, whose layers have these digests unpacked.
func (c Config) oci(architecture string, layers ...digest.Digest) oci.Image {
	return oci.Image{
		Platform: oci.Platform{Architecture: architecture, OS: "linux"},
		Config: oci.ImageConfig{
			User:         c.User,
			ExposedPorts: keys(c.ExposedPorts),
			Volumes:      keys(c.Volumes),
			StopSignal:   c.StopSignal,
			Env:          c.Env,
			Entrypoint:   c.Entrypoint,
			Cmd:          c.Cmd,
			WorkingDir:   c.WorkingDir,
			Labels:       c.Labels,
		},
		RootFS: oci.RootFS{Type: "layers", DiffIDs: layers},
	}
}

// keys are texts as OCI writes a set of them.
func keys(texts []string) map[string]struct{} {
	set := make(map[string]struct{})
	for _, text := range texts {
		set[text] = struct{}{}
	}
	return set
}
