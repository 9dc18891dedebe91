//go:build linux

package container

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/overlay"
)

// repair clears away what commands left that were killed. It takes the lock on all containers, so that none is being
// created; and a container that another command has locked is left to that. If the lock on all is held by a suspended
// command, there is no repair now: that is not a reason to refuse a look at them.
func (r *Runtime) repair() error {
	all, err := lockUnlessSuspended(r.containers())
	if errors.Is(err, durable.ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	defer all.unlock()
	ids, err := r.ids()
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, id := range ids {
		known[id] = true
		begun := exists(r.activePath(id))
		whole := exists(filepath.Join(r.directory(id), stateFile))
		if whole && !begun {
			continue // the usual case, and cheap
		}
		held, err := tryLockDirectory(r.directory(id))
		if errors.Is(err, durable.ErrLocked) || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := r.repairOne(id); err != nil {
			r.report("container %s cannot be repaired: %v", r.name(id), err)
		}
		held.unlock()
	}
	return r.repairOrphans(known)
}

// repairOne repairs a container that is half made, half removed, or whose run did not end as it should.
func (r *Runtime) repairOne(id string) error {
	state, err := r.load(id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := r.removeRemains(id, unknownState(id)); err != nil {
			return err
		}
		r.report("removed container %s, which was half made or half removed", short(id))
	case err != nil:
		return err
	case r.hasMonitor(id), state.alive(): // it runs, with a monitor or without
	case state.Status == Running:
		if err := r.markStopped(state, nil); err != nil {
			return err
		}
		if state.ExitCode != nil {
			r.report("container %s has ended with exit code %d, which is noted down only now", state.Name,
				*state.ExitCode)
			return nil
		}
		r.report("container %s has ended, but its monitor was killed: its exit code is not known", state.Name)
	case exists(r.activePath(id)):
		if err := r.release(state); err != nil {
			return err
		}
		r.report("cleared away what a killed command left of container %s", state.Name)
	}
	return nil
}

// repairOrphans clears away what is left of containers whose directory is gone, which none of this program's commands
// does. A container has a root filesystem as long as it has a directory, and an address as long as it is on the
// bridge. To look for these two costs next to nothing; where one is found, the rest may be there as well.
func (r *Runtime) repairOrphans(known map[string]bool) error {
	orphans, err := overlay.List(r.overlays())
	if err != nil {
		return err
	}
	leases, _ := r.leases.All() // if they cannot be read, the next start says why
	orphans = slices.AppendSeq(orphans, maps.Keys(leases))
	slices.Sort(orphans)
	for _, id := range slices.Compact(orphans) {
		if !validID(id) || known[id] {
			continue
		}
		state := unknownState(id)
		if err := errors.Join(r.release(state), r.overlay(id, "").Remove()); err != nil {
			r.report("container %s is gone, but not all that it had: %v", state.Name, err)
			continue
		}
		r.report("cleared away what container %s had, whose directory is gone", state.Name)
	}
	return nil
}

func (r *Runtime) report(format string, arguments ...any) {
	r.Repaired = append(r.Repaired, fmt.Sprintf(format, arguments...))
}
