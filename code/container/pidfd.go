//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

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
	if state.lost && state.Status != Running && r.hasMonitor(id) {
		return nil, state, &lostError{state, durable.Holder(r.activePath(id))}
	}
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

// signal sends a signal. One that comes after the end has nobody to go to.
func (p *process) signal(signal syscall.Signal) error {
	if err := unix.PidfdSendSignal(p.pidfd, signal, nil, 0); err != nil && err != unix.ESRCH {
		return fmt.Errorf("send %v: %w", signal, err)
	}
	return nil
}

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
