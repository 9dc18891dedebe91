//go:build linux

// Package image keeps images: root filesystems that containers start from, with what their makers say about them.
//
// An image is a directory, named by its id:
//
//	/var/lib/sheep/images/4f1c0a9d2b7e/manifest.json   what it is called, and how to run it
//	/var/lib/sheep/images/4f1c0a9d2b7e/rootfs/         the files, owner root, mode 0755
//
// [Store.Import] takes them from a tar archive of a root filesystem, from `docker save`, or from an OCI layout;
// [Store.Pull] from a registry; [Store.Bootstrap] from the host's own programs. All of them unpack into a directory of the
// same file system that nobody looks at, sync it, and rename it: an image is there as a whole or not at all. What a killed
// command leaves is removed by the next [Open].
//
// The id is what Docker shows: the first twelve digits of the SHA-256 of the image's configuration, which in turn holds
// the SHA-256 of every layer. Equal ids are equal content, so an image is kept once under however many names.
//
// Docker keeps layers and shares them between images. Sheep keeps one root filesystem for each image: simple, and ready to
// be the lower directory of an overlay, but what two images have in common lies on the disk twice, and is pushed twice.
//
// An image may hold set-user-ID programs, so only root gets into the directory of images.
package image

import (
	"maps"
	"slices"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
)

// EntryError says what in an archive is refused, by name, and why.
type EntryError = archive.EntryError

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
	Labels       map[string]string `json:"labels,omitempty"`
}

// Ref is the name and tag to find the image by; an image without a name has its id.
func (i Image) Ref() string {
	if i.Name == "" {
		return i.ID
	}
	return reference{i.Name, i.Tag}.String()
}

// Progress hears how far an operation is. The methods of one operation are called from one goroutine at a time.
type Progress interface {
	Start(what string, total int64) // bytes; 0: nobody knows
	Advance(n int64)
	Done()
}

// ociConfig is the configuration of an image as the OCI image specification has it (config.md), and Docker.
type ociConfig struct {
	Architecture string    `json:"architecture"`
	OS           string    `json:"os"`
	Config       ociRun    `json:"config"`
	RootFS       ociLayers `json:"rootfs"`
}

type ociRun struct {
	User         string              `json:"User,omitempty"`
	ExposedPorts map[string]struct{} `json:"ExposedPorts,omitempty"`
	Env          []string            `json:"Env,omitempty"`
	Entrypoint   []string            `json:"Entrypoint,omitempty"`
	Cmd          []string            `json:"Cmd,omitempty"`
	WorkingDir   string              `json:"WorkingDir,omitempty"`
	Labels       map[string]string   `json:"Labels,omitempty"`
}

type ociLayers struct {
	Type    string   `json:"type"`
	DiffIDs []string `json:"diff_ids"`
}

// config is the part that runs containers.
func (c ociConfig) config() Config {
	return Config{
		Env:          c.Config.Env,
		Entrypoint:   c.Config.Entrypoint,
		Cmd:          c.Config.Cmd,
		WorkingDir:   c.Config.WorkingDir,
		User:         c.Config.User,
		ExposedPorts: slices.Sorted(maps.Keys(c.Config.ExposedPorts)),
		Labels:       c.Config.Labels,
	}
}

// ociConfig is the way back.
func (c Config) ociConfig(architecture string, layers ...string) ociConfig {
	ports := make(map[string]struct{})
	for _, port := range c.ExposedPorts {
		ports[port] = struct{}{}
	}
	return ociConfig{
		Architecture: architecture,
		OS:           "linux",
		Config:       ociRun{c.User, ports, c.Env, c.Entrypoint, c.Cmd, c.WorkingDir, c.Labels},
		RootFS:       ociLayers{"layers", layers},
	}
}
