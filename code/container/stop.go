//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// killPatience is how long the kernel may take to end what was killed.
const killPatience = 20 * time.Second

// Stop asks a container's program to end, with the signal that the user or its image wants for that, and ends it by
// force if it has not after the grace time. If that is negative, it is the container's own.
// A container that does not run is stopped already. One whose monitor is suspended is stopped too, though its exit code
// is recorded only when that is resumed: Note is told so.
func (r *Runtime) Stop(ctx context.Context, id string, grace time.Duration) error {
	process, state, err := r.openProcess(ctx, id)
	if err != nil || process == nil {
		return r.noteSuspended(err)
	}
	defer process.close()
	if err := process.signal(state.stopSignal()); err != nil {
		return err
	}
	if grace < 0 {
		grace = state.grace()
	}
	point(stopTerm)
	ended, err := process.wait(ctx, grace)
	if err != nil {
		return err
	}
	if !ended {
		if err := r.kill(ctx, process, state); err != nil {
			return err
		}
	}
	return r.noteSuspended(r.awaitEnd(ctx, id))
}

// kill ends all processes of a container.
func (r *Runtime) kill(ctx context.Context, process *process, state *State) error {
	if !state.Options.NoLimits {
		if err := cgroup.Open(state.ID).Kill(); err != nil {
			return err
		}
	} else {
		// Without a cgroup: when PID 1 ends, the kernel kills the others (pid_namespaces(7)).
		process.signal(syscall.SIGKILL)
	}
	point(stopKill)
	ended, err := process.wait(ctx, killPatience)
	if err == nil && !ended {
		err = fmt.Errorf("container %s does not end, though it was killed", state.Name)
	}
	return err
}

// awaitEnd waits until the end is recorded, and records it itself if there is no monitor to do so.
func (r *Runtime) awaitEnd(ctx context.Context, id string) error {
	if !r.awaitMonitor(id) {
		return &unrecordedEndError{r.name(id), durable.Holder(r.activePath(id))}
	}
	point(stopEnded)
	_, err := r.recordMissedEnd(ctx, id, lockDirectory)
	if errors.As(err, new(*NotFoundError)) { // another command has removed it
		return nil
	}
	return err
}
