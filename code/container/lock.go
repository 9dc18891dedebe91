//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// directoryLock is a lock on a directory. The directory itself is what is locked: a file made for that
// would have to be removed again, while others wait for it.
type directoryLock struct{ dir *os.File }

// lockFunc is a way to lock a directory: [lockDirectory], or one of suspended.go.
type lockFunc func(name string) (*directoryLock, error)

// lockDirectory waits for the lock on a directory, but not for a process that is suspended: its error is a
// durable.HeldError then.
func lockDirectory(name string) (*directoryLock, error) {
	return newDirectoryLock(durable.LockDirectory(name))
}

// tryLockDirectory does not wait; its error is durable.ErrLocked.
func tryLockDirectory(name string) (*directoryLock, error) {
	return newDirectoryLock(durable.TryLockDirectory(name))
}

func newDirectoryLock(dir *os.File, err error) (*directoryLock, error) {
	if err != nil {
		return nil, err
	}
	return &directoryLock{dir}, nil
}

// unlock may be called again.
func (l *directoryLock) unlock() { l.dir.Close() }

// waitFor locks a directory, unless the context is cancelled first.
func (lock lockFunc) waitFor(ctx context.Context, name string) (*directoryLock, error) {
	if ctx.Done() == nil {
		return lock(name)
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	type result struct {
		held *directoryLock
		err  error
	}
	got := make(chan result, 1)
	go func() { // flock(2) cannot be broken off
		held, err := lock(name)
		got <- result{held, err}
	}()
	select {
	case r := <-got:
		return r.held, r.err
	case <-ctx.Done():
		go func() { // a lock that comes too late is given back
			if r := <-got; r.err == nil {
				r.held.unlock()
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// lockContainers waits for the lock on the directory of all containers. Whoever creates one holds it.
func (r *Runtime) lockContainers(ctx context.Context) (*directoryLock, error) {
	held, err := lockFunc(lockDirectory).waitFor(ctx, r.containers())
	if errors.Is(err, durable.ErrLocked) {
		err = fmt.Errorf("lock all containers: %w", withoutPath(err))
	}
	return held, err
}

// lockContainer waits for the lock on a container and returns its state as it is then.
func (r *Runtime) lockContainer(ctx context.Context, id string) (*directoryLock, *State, error) {
	return r.lockContainerWith(ctx, lockDirectory, id)
}

func (r *Runtime) lockContainerWith(ctx context.Context, lock lockFunc, id string) (*directoryLock, *State, error) {
	held, err := lock.waitFor(ctx, r.directory(id))
	if err == nil {
		var state *State
		if state, err = r.load(id); err == nil {
			return held, state, nil
		}
		held.unlock()
	}
	if errors.Is(err, durable.ErrLocked) {
		err = fmt.Errorf("lock container %s: %w", r.name(id), withoutPath(err))
	}
	return nil, nil, orNotFound(id, err) // it may have been removed during the wait
}

// orNotFound turns the error that a container's files do not exist into a [NotFoundError].
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

// A container that was started has a file called "active" until everything that was made for its run is gone again. Its
// monitor holds a lock on it. If the file exists and the lock is free, the monitor was killed.
const activeFile = "active"

func (r *Runtime) activePath(id string) string { return filepath.Join(r.directory(id), activeFile) }

// exitReserve is the room in the file for an exit code: where the disk is full when the program ends, nothing else can
// be written than what has its place already. A file system that copies what it writes, as Btrfs, may lack even that.
const exitReserve = "exit    \n"

// noteExit writes an exit code to the file, for the next command to find. It is the last resort, so it has no error.
func noteExit(active *os.File, code int) { active.WriteAt(fmt.Appendf(nil, "exit %3d\n", code), 0) }

// notedExit returns the exit code that noteExit has written, or nil.
func (r *Runtime) notedExit(id string) *int {
	content, _ := os.ReadFile(r.activePath(id))
	text, _ := strings.CutPrefix(string(content), "exit")
	code, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return nil
	}
	return &code
}

// lockActive makes and locks the file.
func (r *Runtime) lockActive(id string) (*os.File, error) {
	// Others may hold the lock for a moment, to see whether a monitor does.
	file, err := durable.LockFile(r.activePath(id))
	if err != nil {
		return nil, fmt.Errorf("mark container as active in %s: %w", r.containers(), withoutPath(err))
	}
	file.WriteAt([]byte(exitReserve), 0) // on a full disk the container can do without
	return file, nil
}

// hasMonitor reports whether a monitor is with a container.
func (r *Runtime) hasMonitor(id string) bool { return durable.Held(r.activePath(id)) }
