//go:build linux

package container

import (
	"context"
	"fmt"
	"os"
	"time"
)

// Create makes a container: its directory, its root filesystem, its state. No process runs yet.
func (r *Runtime) Create(ctx context.Context, o Options) (*State, error) {
	state, err := r.plan(o)
	if err != nil {
		return nil, err
	}
	if err := r.create(ctx, state, r.save); err != nil {
		return nil, err
	}
	return state, nil
}

// create makes what was planned. It calls save last.
func (r *Runtime) create(ctx context.Context, state *State, save func(*State) error) error {
	// One at a time: no two take the same name, and no other command sees what is half made.
	all, err := r.lockContainers(ctx)
	if err != nil {
		return err
	}
	defer all.unlock()
	if err := r.chooseName(state); err != nil {
		return err
	}
	var undo rollback
	defer undo.run()
	dir := r.directory(state.ID)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("make directory of container in %s: %w", r.containers(), withoutPath(err))
	}
	undo.add(func() error { return os.RemoveAll(dir) })
	point(createDirectory)
	root := r.overlay(state.ID, state.Lower)
	undo.add(root.Remove)
	if err := root.Mount(); err != nil {
		return err
	}
	point(createOverlay)
	if err := context.Cause(ctx); err != nil {
		return err
	}
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
		CreatedAt: time.Now().UTC(), Options: o,
	}
	state.Process = processOf(o, from.Config)
	if err := checkWorkingDir(state.Process.WorkingDir); err != nil {
		return nil, err
	}
	if len(state.Process.Args) == 0 {
		return nil, fmt.Errorf("image %s: %w", state.Image, ErrNoProgram)
	}
	if err := state.become(Created); err != nil {
		return nil, err
	}
	if o.Hostname == "" {
		state.Options.Hostname = state.ShortID()
	}
	return state, nil
}

// rollback is what has to be done, last first, if something fails later.
type rollback struct{ steps []func() error }

func (u *rollback) add(step func() error) { u.steps = append(u.steps, step) }

// forget keeps what was done.
func (u *rollback) forget() { u.steps = nil }

// run undoes it. What cannot be undone, the next command tries again.
func (u *rollback) run() {
	for index := len(u.steps) - 1; index >= 0; index-- {
		u.steps[index]()
	}
	u.forget()
}
