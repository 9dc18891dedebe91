//go:build linux

// Package container (chapter 9) takes a container through its life: created, running, stopped, removed.
//
// Read status.go first, which has the legal changes of status as one table, then [Runtime.Create] in create.go and
// [Runtime.Run] in run.go. What runs in the child is in package inside, what carries input, output and logs in
// package stdio. suspended.go can be left out: without it, a command that is suspended by Ctrl-Z would make others
// wait.
//
// The other packages each know one mechanism; this one puts them together. [Runtime.Create] mounts the container's
// root filesystem and saves its state. [Runtime.Run] and [Runtime.Start] make everything else that it needs, a
// cgroup, a network, a process in its namespaces, and undo it all if one step fails. [Runtime.Stop] asks the program
// to end, [Runtime.Remove] leaves nothing behind.
//
// Nothing stays in memory: a command does its work and ends. What is known of a container is in its state.json, which
// is written aside, synced and renamed, so that a reader finds the old state or the new one. A lock keeps two
// commands from changing one container at the same time. While a container runs, one process stays with it, its
// monitor, which writes the log and waits for the exit code: the command itself, or for a container in the background
// another run of this program.
//
// Any of these can be killed at any moment. Therefore [Open] looks for what was begun and never ended, and clears it
// away.
//
// # Caveats
//
// When a monitor is killed, the container goes on, but its output from then on and its exit code are lost. Cancelling
// the context of [Runtime.Start] too late leaves the container running. Errors in giving back what a failed start had
// are not reported: the next Open tries again.
//
// See flock(2), rename(2), fsync(2), proc(5), setns(2).
package container

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/stdio"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/overlay"
)

// DefaultRoot is where everything is kept, unless the environment variable SHEEP_ROOT, or SHEEP_DATA_DIR, which is
// another name of it, says otherwise.
const DefaultRoot = "/var/lib/sheep"

// Runtime is a directory with images and containers.
type Runtime struct {
	Repaired []string // what Open found broken and what it did about it, a sentence each

	// Note is called with what the user should know of an operation that went well. It may be nil.
	Note func(error)

	// Interrupted is told of a Ctrl-C that does not end the program of a container in the foreground. It may be nil.
	Interrupted func(Interrupt)

	root   string
	images *image.Store
	leases *bridge.Leases
}

// Streams are the files of the user that a program's standard streams are connected with. Any may be nil.
type Streams = stdio.Streams

// Interrupt is what there is to say of a Ctrl-C that did not end a program.
type Interrupt = stdio.Interrupt

// Open opens a directory of containers, makes it if it is missing, and repairs what killed commands left in it.
func Open(root string) (*Runtime, error) {
	if root == "" {
		var err error
		if root, err = rootOfUser(); err != nil {
			return nil, err
		}
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", root, err)
	}
	r := newRuntime(root)
	if err := r.checkNotMoved(); err != nil {
		return nil, err
	}
	for _, dir := range []string{root, r.containers(), r.overlays()} {
		// What is below belongs to containers: programs of the host have no business there.
		if err := os.Mkdir(dir, 0o710); err != nil && !errors.Is(err, fs.ErrExist) {
			if err := os.MkdirAll(dir, 0o710); err != nil {
				return nil, fmt.Errorf("make directory of containers: %w", err)
			}
		}
	}
	if r.images, err = image.Open(filepath.Join(root, "images")); err != nil {
		return nil, err
	}
	return r, r.repair()
}

// rootOfUser is the directory that the environment names.
func rootOfUser() (string, error) {
	root, other := os.Getenv("SHEEP_ROOT"), os.Getenv("SHEEP_DATA_DIR")
	if root != "" && other != "" && filepath.Clean(root) != filepath.Clean(other) {
		return "", fmt.Errorf("SHEEP_ROOT is %s, and SHEEP_DATA_DIR, another name of it, is %s: unset one", root, other)
	}
	return cmp.Or(root, other, DefaultRoot), nil
}

// checkNotMoved refuses a root that has root filesystems of containers but not the directory of their states, as when
// that was moved, or is on a disk that is not mounted: to repair would be to delete what they wrote.
func (r *Runtime) checkNotMoved() error {
	if exists(r.containers()) {
		return nil
	}
	left, err := overlay.List(r.overlays())
	if err != nil || len(left) == 0 {
		return err
	}
	return fmt.Errorf("%s is missing, but in %s are root filesystems of %d containers: bring it back, "+
		"or if they can all go make it again with mkdir", r.containers(), r.overlays(), len(left))
}

// newRuntime returns a runtime without looking at its directory: what a monitor needs.
func newRuntime(root string) *Runtime {
	return &Runtime{root: root, leases: bridge.OpenLeases(filepath.Join(root, "leases.json"), subnet())}
}

// subnet is the network that containers get their addresses from.
func subnet() netip.Prefix { return bridge.Default.Gateway.Masked() }

// Images returns the images that containers are made of.
func (r *Runtime) Images() *image.Store { return r.images }

// RemoveImage removes a name of an image, and with its last one the image, unless a container is made of it.
func (r *Runtime) RemoveImage(ref string) error {
	all, err := r.lockContainers(context.Background()) // until the end, none can be created
	if err != nil {
		return err
	}
	defer all.unlock()
	return r.images.Remove(ref, func(wanted image.Image) error {
		states, err := r.List()
		if err != nil {
			return err
		}
		var users []string
		for _, state := range states {
			if state.ImageID == wanted.ID {
				users = append(users, state.Name)
			}
		}
		if len(users) > 0 {
			return fmt.Errorf("image %s is in use: remove the containers made of it first: %s", ref,
				strings.Join(users, ", "))
		}
		return nil
	})
}

func (r *Runtime) containers() string { return filepath.Join(r.root, "containers") }

func (r *Runtime) overlays() string { return filepath.Join(r.root, "overlay") }

func (r *Runtime) directory(id string) string { return filepath.Join(r.containers(), id) }

// overlay is the root filesystem of a container: its image below, its own changes above.
func (r *Runtime) overlay(id, lower string) overlay.Overlay {
	return overlay.Overlay{Lower: lower, Dir: filepath.Join(r.overlays(), id)}
}
