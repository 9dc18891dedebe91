//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// This file is all that the package needs because a monitor may be suspended. The monitor of a container in the
// foreground is the command that the user typed, and Ctrl-Z stops it like any job of a shell: it keeps its locks, and
// cannot record the end of its container, until it is resumed. Other commands do not wait for that. They go on without
// the lock where they only look, and otherwise say which process to resume.
//
// Were every monitor in a session of its own, as conmon and containerd-shim are, Ctrl-Z would reach none, and whatever
// follows could be left out.

// How long a monitor has to record the end of its container. On a busy machine that can take long. But one that is
// suspended takes until it is resumed: no command waits for that.
const (
	monitorPatience   = time.Minute
	suspendedPatience = time.Second
)

// lockUnlessSuspended is for commands that only look. They do not give a suspended process even the time to be
// resumed. Its error is durable.ErrLocked.
func lockUnlessSuspended(name string) (*directoryLock, error) {
	held, err := tryLockDirectory(name)
	if !errors.Is(err, durable.ErrLocked) {
		return held, err
	}
	if holder := durable.Holder(name); holder.Suspended {
		return nil, holder
	}
	return lockDirectory(name)
}

// lockEvenIfSuspended is for the monitor itself. It alone knows the exit code, so it waits for a suspended process too.
func lockEvenIfSuspended(name string) (*directoryLock, error) {
	return newDirectoryLock(durable.LockDirectoryFromAnybody(name))
}

// monitorSuspended reports whether a container's monitor is stopped by a signal.
func (r *Runtime) monitorSuspended(id string) bool {
	return durable.Holder(r.activePath(id)).Suspended
}

// awaitMonitor waits until no monitor is with a container any more. It returns false if one still is.
func (r *Runtime) awaitMonitor(id string) bool {
	began, pause := time.Now(), 2*time.Millisecond
	for ; r.hasMonitor(id); time.Sleep(pause) {
		waited := time.Since(began)
		if waited <= suspendedPatience {
			continue
		}
		if waited > monitorPatience || r.monitorSuspended(id) {
			return false
		}
		pause = 50 * time.Millisecond
	}
	return true
}

// isSuspended reports whether an error is that the monitor is suspended. A monitor that is only slow, and another
// process that has the lock on the container, are different matters.
func isSuspended(err error) bool {
	var unrecorded *unrecordedEndError
	return errors.As(err, &unrecorded) && unrecorded.monitor.Suspended
}

// noteSuspended passes an error that is only that the monitor is suspended to Note, and returns any other.
func (r *Runtime) noteSuspended(err error) error {
	if !isSuspended(err) {
		return err
	}
	if r.Note != nil {
		r.Note(err)
	}
	return nil
}

// markEnded says in a state that is only shown that the container has ended, and that its monitor is suspended.
func (s *State) markEnded() *State {
	s.ended = true
	s.Error = "it has ended, but its monitor is suspended: its exit code comes when that is resumed"
	return s
}

// recordEndUnlessSuspended is recordMissedEnd for commands that only look, which a suspended process does not hold up.
func (r *Runtime) recordEndUnlessSuspended(before *State) (*State, error) {
	state, err := r.recordMissedEnd(context.Background(), before.ID, lockUnlessSuspended)
	switch {
	case errors.Is(err, durable.ErrLocked):
		before.ended = true
		before.Error = fmt.Sprintf("it has ended, which cannot be noted down: %v", err)
		return before, nil
	case errors.As(err, new(*NotFoundError)): // the user did not ask for this one by name
		return nil, fs.ErrNotExist
	}
	return state, err
}
