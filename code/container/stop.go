//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// killPatience is how long the kernel may take to end what was killed.
const killPatience = 20 * time.Second

// Stop asks a container's program to end, and ends it by force if it has not after the grace time.
// A container that does not run is stopped already. One whose monitor is suspended is stopped too, though its exit code
// is recorded only when that is resumed: Note is told so.
func (r *Runtime) Stop(ctx context.Context, id string, grace time.Duration) error {
	process, state, err := r.openProcess(ctx, id)
	if err != nil || process == nil {
		return r.noteSuspended(err)
	}
	defer process.close()
	process.signal(syscall.SIGTERM)
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

// process is a container's PID 1. As long as the descriptor is open, its number is not given to another process.
type process struct{ pidfd int }

// openProcess returns the process of a running container, or nil if it does not run.
func (r *Runtime) openProcess(ctx context.Context, id string) (*process, *State, error) {
	held, state, err := r.lockContainer(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	// Not kept: the monitor needs the lock to record the end.
	defer held.unlock()
	if state.Status != Running {
		return nil, state, nil
	}
	pidfd, err := unix.PidfdOpen(state.PID, 0)
	if err == nil && state.alive() { // so what was opened is the container's process
		return &process{pidfd}, state, nil
	}
	if err == nil {
		unix.Close(pidfd)
	}
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return nil, nil, fmt.Errorf("open process of %s: %w", state.Name, err)
	}
	held.unlock()
	if err := r.awaitEnd(ctx, id); err != nil {
		return nil, state, err
	}
	state, err = r.load(id)
	return nil, state, orNotFound(id, err)
}

func (p *process) close() { unix.Close(p.pidfd) }

func (p *process) signal(signal syscall.Signal) { unix.PidfdSendSignal(p.pidfd, signal, nil, 0) }

// wait waits for the end of the process, for at most a time.
func (p *process) wait(ctx context.Context, limit time.Duration) (ended bool, err error) {
	deadline := time.Now().Add(limit)
	for {
		slice := max(0, min(100*time.Millisecond, time.Until(deadline))) // so that a cancelled context is seen
		// poll reports a pidfd as readable when the process has ended (pidfd_open(2)).
		poll := []unix.PollFd{{Fd: int32(p.pidfd), Events: unix.POLLIN}}
		n, err := unix.Poll(poll, int((slice+time.Millisecond-1)/time.Millisecond))
		switch {
		case err != nil && err != unix.EINTR:
			return false, fmt.Errorf("wait for process: %w", err)
		case n > 0:
			return true, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		case !time.Now().Before(deadline):
			return false, nil
		}
	}
}
