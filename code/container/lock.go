//go:build linux

package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// locked is a lock on a directory. The directory itself is what is locked: a file made for that
// would have to be removed again, while others wait for it.
type locked struct{ dir *os.File }

// lock waits for the lock on a directory, but not for a process that is suspended: its error is a
// durable.HeldError then.
func lock(name string) (*locked, error) { return lockedBy(durable.LockDirectory(name)) }

// lockFromAnybody waits for that one, too.
func lockFromAnybody(name string) (*locked, error) {
	return lockedBy(durable.LockDirectoryFromAnybody(name))
}

// tryLock does not wait; its error is durable.ErrLocked.
func tryLock(name string) (*locked, error) { return lockedBy(durable.TryLockDirectory(name)) }

// lockToLook is for commands that only look. They do not give a suspended process even the time to be
// resumed. Its error is durable.ErrLocked.
func lockToLook(name string) (*locked, error) {
	held, err := tryLock(name)
	if !errors.Is(err, durable.ErrLocked) {
		return held, err
	}
	if holder := durable.Holder(name); holder.Suspended {
		return nil, holder
	}
	return lock(name)
}

func lockedBy(dir *os.File, err error) (*locked, error) {
	if err != nil {
		return nil, err
	}
	return &locked{dir}, nil
}

func (l *locked) unlock() { l.dir.Close() }

// lockContainers waits for the lock on all containers.
func (r *Runtime) lockContainers() (*locked, error) {
	held, err := lock(r.containers())
	if errors.Is(err, durable.ErrLocked) {
		err = fmt.Errorf("lock all containers: %w", plain(err))
	}
	return held, err
}

// lockContainer waits for the lock on a container and returns its state as it is then.
func (r *Runtime) lockContainer(id string) (*locked, *State, error) { return r.lockBy(lock, id) }

func (r *Runtime) lockBy(lock func(string) (*locked, error), id string) (*locked, *State, error) {
	held, err := lock(r.directory(id))
	if err == nil {
		var state *State
		if state, err = r.load(id); err == nil {
			return held, state, nil
		}
		held.unlock()
	}
	if errors.Is(err, durable.ErrLocked) {
		err = fmt.Errorf("lock container %s: %w", r.name(id), plain(err))
	}
	return nil, nil, orNotFound(id, err) // removed while we waited
}

// orNotFound makes of an error that a container's files are not there one that there is no such container.
func orNotFound(id string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &NotFoundError{Ref: short(id)}
	}
	return err
}

// name is what a container is called.
func (r *Runtime) name(id string) string {
	state, err := r.load(id)
	if err != nil {
		return short(id)
	}
	return state.Name
}

// A container that was started has a file called "active" until all that was made for its run is gone again. Its monitor
// holds a lock on it. If the file is there and the lock is free, then the monitor was killed.
const activeFile = "active"

func (r *Runtime) active(id string) string { return filepath.Join(r.directory(id), activeFile) }

// activate makes and locks the file.
func (r *Runtime) activate(id string) (*os.File, error) {
	file, err := durable.LockFile(r.active(id)) // others may hold it for a moment, to see whether we do
	if err != nil {
		return nil, fmt.Errorf("mark container as active in %s: %w", r.containers(), plain(err))
	}
	return file, nil
}

// monitored says whether a monitor is with a container.
func (r *Runtime) monitored(id string) bool { return durable.Held(r.active(id)) }

// suspended says whether a container's monitor is stopped by a signal.
func (r *Runtime) suspended(id string) bool { return durable.Holder(r.active(id)).Suspended }

// monitorPatience is how long a monitor has to note down the end of its container. On a machine that is short of
// everything that can be long. But one that is suspended, as a command in the foreground is by Ctrl-Z, takes until
// somebody resumes it: nobody is to wait for that.
const (
	monitorPatience   = time.Minute
	suspendedPatience = time.Second
)

// awaitMonitor waits until no monitor is with a container any more. It returns false if one still is.
func (r *Runtime) awaitMonitor(id string) bool {
	began, pause := time.Now(), 2*time.Millisecond
	for ; r.monitored(id); time.Sleep(pause) {
		waited := time.Since(began)
		if waited <= suspendedPatience {
			continue
		}
		if waited > monitorPatience || r.suspended(id) {
			return false
		}
		pause = 50 * time.Millisecond
	}
	return true
}
