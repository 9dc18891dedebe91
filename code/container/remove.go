//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// Remove removes a container and all that it has. One that runs is stopped first if force is true.
func (r *Runtime) Remove(ctx context.Context, id string, force bool) error {
	process, state, err := r.openProcess(ctx, id)
	if process != nil {
		defer process.close()
		if !force {
			return fmt.Errorf("container %s is running: stop it first, or remove it with -f", state.Name)
		}
		if err := r.kill(ctx, process, state); err != nil {
			return err
		}
		err = r.awaitEnd(ctx, id)
	}
	// A monitor that is suspended has no lock on the container, only its mark. When it is resumed there is nothing left
	// for it to do.
	if err != nil && !(force && isSuspended(err)) {
		return err
	}
	held, state, err := r.lockContainer(ctx, id)
	if process != nil && errors.As(err, new(*NotFoundError)) {
		return nil // its monitor has removed it, as it was told to
	}
	if err != nil {
		return err
	}
	defer held.unlock()
	if state.Status == Running && state.alive() {
		return fmt.Errorf("container %s was started again in the meantime", state.Name)
	}
	if state.Status == Running { // and its monitor, which is suspended, has not recorded the end
		state.endRun(Stopped, nil)
	}
	return r.remove(state)
}

// remove removes a container that does not run. The caller holds the lock.
func (r *Runtime) remove(state *State) error {
	if err := state.mayBecome(absent); err != nil {
		return err
	}
	// Without a state it is not a container any more: from here on, the next command would clear away what is left.
	if err := os.Remove(filepath.Join(r.directory(state.ID), stateFile)); err != nil {
		return fmt.Errorf("remove state of %s in %s: %w", state.Name, r.containers(), withoutPath(err))
	}
	point(removeState)
	return r.removeRemains(state.ID, state)
}

// removeRemains removes what is left of a container without a state. The caller holds the lock.
func (r *Runtime) removeRemains(id string, state *State) error {
	release := func() error { return nil }
	if exists(r.activePath(id)) {
		release = func() error { return r.release(state) }
	}
	unreleased := release()
	if err := r.overlay(id, state.Lower).Remove(); err != nil {
		return errors.Join(unreleased, err)
	}
	if unreleased != nil { // the disk may have been full, and now has room
		if err := release(); err != nil {
			return err
		}
	}
	point(removeOverlay)
	if err := os.RemoveAll(r.directory(id)); err != nil {
		return fmt.Errorf("remove directory of container in %s: %w", r.containers(), withoutPath(err))
	}
	point(removeDirectory)
	return durable.SyncDirectory(r.containers())
}
