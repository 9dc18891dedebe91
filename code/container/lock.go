//go:build linux

package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	return nil, nil, orNotFound(id, err) // removed while we waited
}

// orNotFound makes of an error that a container's files are not there one that there is no such container.
func orNotFound(id string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &NotFoundError{Ref: short(id)}
	}
	return err
}

// A container that was started has a file called "active" until all that was made for its run is gone again. Its monitor
// holds a lock on it, and writes its PID into it. If the file is there and the lock is free, then the monitor was killed.
const activeFile = "active"

func (r *Runtime) active(id string) string { return filepath.Join(r.directory(id), activeFile) }

// activate makes and locks the file.
func (r *Runtime) activate(id string) (*os.File, error) {
	file, err := durable.LockFile(r.active(id)) // others may hold it for a moment, to see whether we do
	if err != nil {
		return nil, fmt.Errorf("mark container as active in %s: %w", r.containers(), plain(err))
	}
	err = file.Truncate(0)
	if err == nil {
		_, err = fmt.Fprint(file, os.Getpid())
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("mark container as active in %s: %w", r.containers(), plain(err))
	}
	return file, nil
}

// monitored says whether a monitor is with a container.
func (r *Runtime) monitored(id string) bool { return durable.Held(r.active(id)) }

// suspended says whether a container's monitor is stopped by a signal.
func (r *Runtime) suspended(id string) bool {
	content, err := os.ReadFile(r.active(id))
	if err != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", content))
	if err != nil || !r.monitored(id) { // and so the PID was still its own
		return false
	}
	_, rest, _ := cutLast(string(stat), ") ")
	return strings.HasPrefix(rest, "T") || strings.HasPrefix(rest, "t")
}

// monitorPatience is how long a monitor has to note down the end of its container. On a machine that is short of
// everything that can be long. But one that is suspended, as a command in the foreground is by Ctrl-Z, takes until
// somebody resumes it: nobody is to wait for that.
const (
	monitorPatience   = time.Minute
	suspendedPatience = time.Second
)

// awaitMonitor waits until no monitor is with a container any more. It returns false if one still is.
func (r *Runtime) awaitMonitor(id string) bool {
	began := time.Now()
	for ; r.monitored(id); time.Sleep(2 * time.Millisecond) {
		waited := time.Since(began)
		if waited > monitorPatience || waited > suspendedPatience && r.suspended(id) {
			return false
		}
	}
	return true
}
