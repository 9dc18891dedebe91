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
// is noted down only when that goes on: Note is told so.
func (r *Runtime) Stop(ctx context.Context, id string, grace time.Duration) error {
	process, state, err := r.process(id)
	if err != nil || process == nil {
		return r.noted(err)
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
	return r.noted(r.afterEnd(id))
}

// noted makes a note of an error that is only that the monitor is suspended.
func (r *Runtime) noted(err error) error {
	if !isSuspended(err) {
		return err
	}
	if r.Note != nil {
		r.Note(err)
	}
	return nil
}

// unnotedError is the error for a container that has ended, of which the exit code is known to its monitor alone.
type unnotedError struct {
	name    string
	monitor *durable.HeldError
}

func (e *unnotedError) Error() string {
	return fmt.Sprintf("container %s has ended, but its exit code is not noted down: %v", e.name, e.monitor)
}

// isSuspended says whether an error is that the monitor is suspended. That it has not come to it yet is another matter,
// and so is that somebody else has the lock on the container.
func isSuspended(err error) bool {
	var unnoted *unnotedError
	return errors.As(err, &unnoted) && unnoted.monitor.Suspended
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

// afterEnd waits until the end is noted down. If nobody is there to do it, it does.
func (r *Runtime) afterEnd(id string) error {
	if !r.awaitMonitor(id) {
		return &unnotedError{r.name(id), durable.Holder(r.active(id))}
	}
	point(stopEnded)
	_, err := r.endUnseen(id, lock)
	if errors.As(err, new(*NotFoundError)) { // removed by another command
		return nil
	}
	return err
}

// Remove removes a container and all that it has. One that runs is stopped first if force is true.
func (r *Runtime) Remove(ctx context.Context, id string, force bool) error {
	process, state, err := r.process(id)
	if process != nil {
		defer process.close()
		if !force {
			return fmt.Errorf("container %s is running: stop it first, or remove it with -f", state.Name)
		}
		if err := r.kill(ctx, process, state); err != nil {
			return err
		}
		err = r.afterEnd(id)
	}
	// A monitor that is suspended has no lock on the container, only its mark. When it is resumed there is nothing left
	// for it to do.
	if err != nil && !(force && isSuspended(err)) {
		return err
	}
	held, state, err := r.lockContainer(id)
	if process != nil && errors.As(err, new(*NotFoundError)) {
		return nil // it was to be removed when it stops
	}
	if err != nil {
		return err
	}
	defer held.unlock()
	if state.Status == Running && state.alive() {
		return fmt.Errorf("container %s was started again meanwhile", state.Name)
	}
	return r.remove(state)
}

// remove removes a container that does not run. The caller holds the lock.
func (r *Runtime) remove(state *State) error {
	// Without a state it is no container any more, and what is left is for anybody to clear away.
	if err := os.Remove(filepath.Join(r.directory(state.ID), stateFile)); err != nil {
		return fmt.Errorf("remove state of %s in %s: %w", state.Name, r.containers(), plain(err))
	}
	point(removeState)
	return r.clear(state.ID, state)
}

// clear removes what is left of a container without a state. The caller holds the lock.
func (r *Runtime) clear(id string, state *State) error {
	release := func() error { return nil }
	if exists(r.active(id)) {
		release = func() error { return r.release(state) }
	}
	unreleased := release()
	if err := r.overlay(id, state.Lower).Remove(); err != nil {
		return errors.Join(unreleased, err)
	}
	if unreleased != nil { // the disk may have been full, and is no more
		if err := release(); err != nil {
			return err
		}
	}
	point(removeOverlay)
	if err := os.RemoveAll(r.directory(id)); err != nil {
		return fmt.Errorf("remove directory of container in %s: %w", r.containers(), plain(err))
	}
	point(removeDirectory)
	return durable.SyncDirectory(r.containers())
}

// process is a container's PID 1, as long as we hold it: its number cannot become another's meanwhile.
type process struct{ pidfd int }

// process returns the process of a running container, or nil if it does not run.
func (r *Runtime) process(id string) (*process, *State, error) {
	held, state, err := r.lockContainer(id)
	if err != nil {
		return nil, nil, err
	}
	// Not kept: to note down the end, the monitor needs the lock.
	defer held.unlock()
	if state.Status != Running {
		return nil, state, nil
	}
	pidfd, err := unix.PidfdOpen(state.PID, 0)
	if err == nil && state.alive() { // and so it is ours that was opened
		return &process{pidfd}, state, nil
	}
	if err == nil {
		unix.Close(pidfd)
	}
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return nil, nil, fmt.Errorf("open process of %s: %w", state.Name, err)
	}
	held.unlock()
	if err := r.afterEnd(id); err != nil {
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
		slice := max(0, min(100*time.Millisecond, time.Until(deadline))) // then the context is looked at
		// A pidfd can be read, so to say, when the process has ended (pidfd_open(2)).
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
