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

// region: lock

// locked is a lock on a directory. The directory itself is what is locked: a file made for that
// would have to be removed again, while others wait for it.
type locked struct{ dir *os.File }

// lock waits for the lock on a directory.
func lock(name string) (*locked, error) { return lockedBy(durable.LockDirectory(name)) }

// tryLock does not wait; its error is durable.ErrLocked.
func tryLock(name string) (*locked, error) { return lockedBy(durable.TryLockDirectory(name)) }

func lockedBy(dir *os.File, err error) (*locked, error) {
	if err != nil {
		return nil, err
	}
	return &locked{dir}, nil
}

func (l *locked) unlock() { l.dir.Close() }

// endregion

// lockContainer waits for the lock on a container and returns its state as it is then.
func (r *Runtime) lockContainer(id string) (*locked, *State, error) {
	held, err := lock(r.directory(id))
	if err == nil {
		var state *State
		if state, err = r.load(id); err == nil {
			return held, state, nil
		}
		held.unlock()
	}
	if errors.Is(err, fs.ErrNotExist) { // removed while we waited
		err = &NotFoundError{Ref: short(id)}
	}
	return nil, nil, err
}

// A container that was started has a file called "active" until all that was made for its run is gone again. Its monitor
// holds a lock on it. If the file is there and the lock is free, then the monitor was killed.
const activeFile = "active"

func (r *Runtime) active(id string) string { return filepath.Join(r.directory(id), activeFile) }

// activate makes and locks the file.
func (r *Runtime) activate(id string) (*os.File, error) {
	file, err := durable.LockFile(r.active(id)) // others may hold it for a moment, to see whether we do
	if err != nil {
		return nil, fmt.Errorf("mark as active: %w", err)
	}
	return file, nil
}

// monitored says whether a monitor is with a container.
func (r *Runtime) monitored(id string) bool { return durable.Held(r.active(id)) }

// monitorPatience is how long a monitor has to note down the end of its container. One that is suspended, as a command
// in the foreground is by Ctrl-Z, takes until somebody resumes it: nobody is to wait for that.
const monitorPatience = 3 * time.Second

// awaitMonitor waits until no monitor is with a container any more. It returns false if one still is.
func (r *Runtime) awaitMonitor(id string) bool {
	for deadline := time.Now().Add(monitorPatience); r.monitored(id); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
