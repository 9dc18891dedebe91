//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/stdio"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
)

// wait waits for the end of the program, and with it of everything that ran in the container.
func (run *run) wait() (int, error) {
	code, err := run.child.Wait()
	// PID 1 ends last, so no process is left that could write (pid_namespaces(7)).
	drained := make(chan struct{})
	go func() {
		run.streams.Drain()
		close(drained)
	}()
	select {
	case <-drained:
	case <-time.After(stdio.DrainTime):
		// A slow reader, such as a pager, must not delay the recorded end.
	}
	point(endWaited)
	unrecorded := run.recordEnd(code)
	<-drained
	if unrecorded != nil && run.runtime.Note != nil {
		run.runtime.Note(fmt.Errorf("container %s has ended with exit code %d, which cannot be noted down: %w",
			run.state.Name, code, unrecorded))
		unrecorded = nil // the program's exit code is what the user asked for
	}
	return code, errors.Join(err, unrecorded)
}

// recordEnd does what is left to do when all processes are gone.
func (run *run) recordEnd(code int) error {
	defer run.active.Close()
	err := run.record(code)
	if err != nil {
		noteExit(run.active, code)
	}
	return err
}

func (run *run) record(code int) error {
	// However long it takes: only this process knows the exit code.
	ctx := context.Background()
	held, state, err := run.runtime.lockContainerWith(ctx, lockEvenIfSuspended, run.state.ID)
	if err != nil {
		run.runtime.release(run.state)
		if errors.As(err, new(*NotFoundError)) { // it was removed while this process was suspended
			return nil
		}
		return err
	}
	defer held.unlock()
	if state.lost {
		state = run.state // nobody else has it any more
	}
	if state.Status == Running && (state.PID != run.state.PID || state.StartTime != run.state.StartTime) {
		return nil // it was started again in the meantime, and what it has now belongs to that run
	}
	return run.runtime.markStopped(state, &code)
}

// markStopped makes a stopped container of a running one whose processes are gone, and clears away what it had for its
// run. code is nil if no monitor saw the end. The caller holds the lock.
func (r *Runtime) markStopped(state *State, code *int) error {
	if !state.Options.NoLimits {
		kills, err := cgroup.Open(state.ID).OOMKills()
		state.OOMKilled = err == nil && kills > 0 // the group may be gone already
	}
	state.FinishedAt = time.Now().UTC()
	if code == nil {
		code = r.notedExit(state.ID)
	}
	if code == nil {
		state.Error = "its monitor was killed, so its exit code is not known"
	}
	state.endRun(Stopped, code)
	if state.Options.Remove {
		if err := r.release(state); err != nil {
			return err
		}
		return r.remove(state)
	}
	// First what cannot be found out again. The rest the next command could do as well.
	if err := r.save(state); err != nil {
		return err
	}
	point(endSaved)
	return r.release(state)
}

// release gives back what a container has only while it runs. Part of that may have been done before. The address is
// released when nothing can be sent to it any more, and the active file is removed last: until then, the next command
// tries again.
func (r *Runtime) release(state *State) error {
	id, options := state.ID, state.Options
	var all sync.WaitGroup // each takes the kernel a while
	var unpublished, disconnected, ungrouped, released error
	if len(options.Ports) > 0 {
		all.Go(func() { unpublished = nat.Unpublish(id); point(endUnpublished) })
	}
	if options.Network == NetworkBridge {
		all.Go(func() { disconnected = bridge.Disconnect(id); point(endDisconnected) })
	}
	if !options.NoLimits {
		all.Go(func() { ungrouped = cgroup.Open(id).Remove(); point(endCgroup) })
	}
	all.Wait()
	if options.Network == NetworkBridge && unpublished == nil && disconnected == nil {
		released = r.leases.Release(id)
		point(endReleased)
	}
	if err := errors.Join(unpublished, disconnected, ungrouped, released); err != nil {
		return fmt.Errorf("clear away what container %s had: %w", state.Name, err)
	}
	if err := os.Remove(r.activePath(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	point(endActive)
	return nil
}

// endRun clears the fields that only a running container has, after a run or a failed start.
// next is the status from now on: that before the start if it failed.
func (s *State) endRun(next Status, code *int) {
	if s.Status == Running { // a start may fail before it is
		s.Status = next
	}
	s.PID, s.StartTime, s.Boot, s.Address = 0, 0, "", ""
	s.ExitCode = code
}
