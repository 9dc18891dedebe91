//go:build linux

// Package container takes a container through its life: created, running, stopped, removed.
//
// The other packages each know one mechanism; this one puts them together. [Runtime.Create] mounts the container's root
// filesystem and notes it down. [Runtime.Run] and [Runtime.Start] make everything else that it needs, a cgroup, a network,
// a process in its namespaces, and undo it all if one step fails. [Runtime.Stop] asks the program to end, [Runtime.Remove]
// leaves nothing behind.
//
// Nothing stays in memory: a command does its work and ends. What is known of a container is in its state.json, which is
// written aside, synced and renamed, so that a reader finds the old state or the new one. A lock keeps two commands from
// changing one container at once. While a container runs, one process stays with it, its monitor, which writes the log
// and waits for the exit code: the command itself, or for a container in the background another run of this program.
//
// Any of these can be killed at any moment. Therefore [Open] looks for what was begun and never ended, and clears it away.
//
// See flock(2), rename(2), fsync(2), proc(5), setns(2).
package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/confine"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/overlay"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

// DefaultRoot is where everything is kept, unless the environment variable SHEEP_ROOT says otherwise.
const DefaultRoot = "/var/lib/sheep"

// Runtime is a directory with images and containers.
type Runtime struct {
	Repaired []string // what Open found broken and what it did about it, a sentence each

	// Note is told what is to be known of an operation that went well. It may be nil.
	Note func(error)

	// Interrupted is told of a Ctrl-C that does not end the program of a container in the foreground. It may be nil.
	Interrupted func(Interrupt)

	root   string
	images *image.Store
	leases *bridge.Leases
}

// The networks that a container can have.
const (
	NetworkBridge = "bridge" // an address on the bridge
	NetworkNone   = "none"   // the loopback alone
)

// Options are what the user wants of a container.
type Options struct {
	Name        string            `json:"name"` // made up if empty
	Image       string            `json:"image"`
	Args        []string          `json:"args,omitempty"`       // nil: the image's Cmd
	Entrypoint  []string          `json:"entrypoint,omitempty"` // nil: the image's
	Env         []string          `json:"env,omitempty"`        // NAME=value, after the image's
	User        string            `json:"user,omitempty"`       // empty: the image's
	WorkingDir  string            `json:"working_dir,omitempty"`
	Hostname    string            `json:"hostname,omitempty"` // empty: the short ID
	Limits      cgroup.Limits     `json:"limits"`
	NoLimits    bool              `json:"no_limits,omitempty"` // no cgroup, for hosts without cgroup v2
	Binds       []rootfs.Bind     `json:"binds,omitempty"`
	Ports       []nat.Port        `json:"ports,omitempty"`
	Network     string            `json:"network"` // "": NetworkBridge
	Interactive bool              `json:"interactive,omitempty"`
	Terminal    bool              `json:"terminal,omitempty"`
	Init        bool              `json:"init,omitempty"`
	Remove      bool              `json:"remove,omitempty"` // when it has stopped
	Privileged  bool              `json:"privileged,omitempty"`
	CapAdd      []string          `json:"cap_add,omitempty"`
	CapDrop     []string          `json:"cap_drop,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
}

// Open opens a directory of containers, makes it if it is missing, and repairs what killed commands left in it.
func Open(root string) (*Runtime, error) {
	if root == "" {
		root = os.Getenv("SHEEP_ROOT")
	}
	if root == "" {
		root = DefaultRoot
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", root, err)
	}
	r := attach(root)
	if err := r.missing(); err != nil {
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

// missing refuses a root that has root filesystems of containers but not the directory of their states, as when that was
// moved, or is on a disk that is not mounted: to repair would be to delete what they wrote.
func (r *Runtime) missing() error {
	if exists(r.containers()) {
		return nil
	}
	left, err := overlay.List(r.overlays())
	if err != nil || len(left) == 0 {
		return err
	}
	return fmt.Errorf("%s is missing, but in %s are root filesystems of %d containers: bring it back, or if they can all go "+
		"make it anew with mkdir", r.containers(), r.overlays(), len(left))
}

// attach returns a runtime without looking at its directory: what a monitor needs.
func attach(root string) *Runtime {
	return &Runtime{root: root, leases: bridge.OpenLeases(filepath.Join(root, "leases.json"), subnet())}
}

// subnet is the network that containers get their addresses from.
func subnet() netip.Prefix { return bridge.Default.Gateway.Masked() }

// Images returns the images that containers are made of.
func (r *Runtime) Images() *image.Store { return r.images }

// RemoveImage removes a name of an image, and with its last one the image, unless a container is made of it.
func (r *Runtime) RemoveImage(ref string) error {
	all, err := r.lockContainers() // nobody creates one meanwhile
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
			return fmt.Errorf("image %s is in use: remove the containers made of it first: %s", ref, strings.Join(users, ", "))
		}
		return nil
	})
}

// Root is the directory that everything is kept in.
func (r *Runtime) Root() string { return r.root }

func (r *Runtime) containers() string         { return filepath.Join(r.root, "containers") }
func (r *Runtime) overlays() string           { return filepath.Join(r.root, "overlay") }
func (r *Runtime) directory(id string) string { return filepath.Join(r.containers(), id) }

// overlay is the root filesystem of a container: its image below, its own changes above.
func (r *Runtime) overlay(id, lower string) overlay.Overlay {
	return overlay.Overlay{Lower: lower, Dir: filepath.Join(r.overlays(), id)}
}

// Create makes a container: its directory, its root filesystem, its state. No process runs yet.
func (r *Runtime) Create(_ context.Context, o Options) (*State, error) {
	state, err := r.plan(o)
	if err != nil {
		return nil, err
	}
	if err := r.create(state, r.save); err != nil {
		return nil, err
	}
	return state, nil
}

// create makes what was planned. It calls save last.
func (r *Runtime) create(state *State, save func(*State) error) error {
	// One at a time: no two take one name, and what is half made is seen by nobody.
	all, err := r.lockContainers()
	if err != nil {
		return err
	}
	defer all.unlock()
	if err := r.chooseName(state); err != nil {
		return err
	}
	var undo undoing
	defer undo.run()
	dir := r.directory(state.ID)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("make directory of container in %s: %w", r.containers(), plain(err))
	}
	undo.add(func() error { return os.RemoveAll(dir) })
	point(createDirectory)
	root := r.overlay(state.ID, state.Lower)
	undo.add(root.Remove)
	if err := root.Mount(); err != nil {
		return err
	}
	point(createOverlay)
	if err := save(state); err != nil {
		return err
	}
	point(createSaved)
	undo.forget()
	return nil
}

// plan checks the options, and works out with the image's configuration what will run.
func (r *Runtime) plan(o Options) (*State, error) {
	from, err := r.images.Find(o.Image)
	if err != nil {
		return nil, err
	}
	if o.Network == "" {
		o.Network = NetworkBridge
	}
	if err := check(o); err != nil {
		return nil, err
	}
	state := &State{
		ID: newID(), Name: o.Name, Image: from.Ref(), ImageID: from.ID, Lower: from.Rootfs,
		Status: Created, CreatedAt: time.Now().UTC(), Options: o,
	}
	state.Process = processOf(o, from.Config)
	if err := checkWorkingDir(state.Process.WorkingDir); err != nil {
		return nil, err
	}
	if len(state.Process.Args) == 0 {
		return nil, fmt.Errorf("image %s: %w", state.Image, ErrNoProgram)
	}
	if o.Hostname == "" {
		state.Options.Hostname = state.ShortID()
	}
	return state, nil
}

// profile is what the container's root may do.
func (o Options) profile() confine.Profile {
	profile := confine.Profile{CapAdd: o.CapAdd, CapDrop: o.CapDrop, Privileged: o.Privileged, User: o.User}
	dropped := slices.ContainsFunc(o.CapDrop, func(name string) bool {
		name = strings.TrimPrefix(strings.ToUpper(name), "CAP_")
		return name == "MKNOD" || name == "ALL"
	})
	if !o.NoLimits && !dropped {
		// As in Docker: the cgroup has rules that say which devices can be opened.
		profile.CapAdd = append(slices.Clone(profile.CapAdd), "MKNOD")
	}
	return profile
}

// undoing is what has to be done, last first, if something fails later.
type undoing struct{ steps []func() error }

func (u *undoing) add(step func() error) { u.steps = append(u.steps, step) }

// forget keeps what was done.
func (u *undoing) forget() { u.steps = nil }

// run undoes it. What cannot be undone, the next command tries again.
func (u *undoing) run() {
	for index := len(u.steps) - 1; index >= 0; index-- {
		u.steps[index]()
	}
	u.forget()
}
