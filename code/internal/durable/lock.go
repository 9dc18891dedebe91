//go:build linux

// Package durable keeps the content of files whole, whichever process is killed and whenever the power fails.
//
// Two things make it so. A lock lets one process at a time look and change: [LockFile] and [LockDirectory] wait for it,
// and the kernel takes it back when the process ends, however that happens, so there are no stale locks. And a change
// is never made in place: [Replace] writes it aside and renames it, so that a reader finds the old content or the new.
//
// A process that is suspended keeps its locks. Others do not wait for it: they get a [HeldError], which names it.
//
// See flock(2), rename(2), fsync(2), proc_locks(5).
package durable

import (
	"errors"
	"os"
	"syscall"
)

// ErrLocked is what errors wrap when another process has the lock.
var ErrLocked = errors.New("another command is at work on it")

// LockFile waits for the lock on a file, which it makes if it is missing. Closing the file gives
// the lock back. A file that [Replace] replaces cannot be locked itself, as then it is another one.
func LockFile(name string) (*os.File, error) {
	// Not through a link: in directories that others can write to, somebody may have put one there.
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	return locked(file, err, unlessSuspended)
}

// LockDirectory waits for the lock on a directory. A file made for that would have to be removed
// with it, while others wait for it. A directory that was removed in between does not exist.
func LockDirectory(name string) (*os.File, error) {
	dir, err := os.Open(name)
	return locked(dir, err, unlessSuspended)
}

// LockDirectoryFromAnybody waits for a suspended process, too.
func LockDirectoryFromAnybody(name string) (*os.File, error) {
	dir, err := os.Open(name)
	return locked(dir, err, fromAnybody)
}

// TryLockDirectory does not wait. Its error wraps [ErrLocked] if another process has the lock.
func TryLockDirectory(name string) (*os.File, error) {
	dir, err := os.Open(name)
	return locked(dir, err, atOnce)
}

// patience says which holders of a lock are waited for.
type patience int

const (
	atOnce patience = iota
	unlessSuspended
	fromAnybody
)

// locked locks a file that was opened, or closes it.
func locked(file *os.File, err error, p patience) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	name := file.Name()
	if err = flock(file, syscall.LOCK_EX|syscall.LOCK_NB); err == ErrLocked && p != atOnce {
		err = wait(file, p == fromAnybody)
	}
	if errors.As(err, new(*HeldError)) {
		return nil, &os.PathError{Op: "lock", Path: name, Err: err} // and wait closes the file
	}
	var stat syscall.Stat_t
	if err == nil {
		err = syscall.Fstat(int(file.Fd()), &stat)
	}
	if err == nil && stat.Nlink == 0 {
		err = syscall.ENOENT // removed during the wait
	}
	if err != nil {
		file.Close()
		return nil, &os.PathError{Op: "lock", Path: name, Err: err}
	}
	return file, nil
}

func flock(file *os.File, how int) error {
	for {
		// The Go runtime sends its threads signals.
		switch err := syscall.Flock(int(file.Fd()), how); err {
		case syscall.EINTR:
		case syscall.EWOULDBLOCK:
			return ErrLocked
		default:
			return err
		}
	}
}

// Held reports whether a process has the lock on a file.
func Held(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == syscall.EWOULDBLOCK
}
