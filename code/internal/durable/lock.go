//go:build linux

// Package durable keeps what is in files whole, whoever is killed and whenever the power fails.
//
// Two things make it so. A lock lets one process at a time look and change: [LockFile] and [LockDirectory] wait for it,
// and the kernel takes it back when the process ends, however that happens, so there are no stale locks. And a change is
// never made in place: [Replace] writes it aside and renames it, so that a reader finds the old content or the new.
//
// See flock(2), rename(2), fsync(2).
package durable

import (
	"errors"
	"os"
	"syscall"
)

// ErrLocked is what errors wrap when another process has the lock.
var ErrLocked = errors.New("another command is at work on it")

// region: lock

// LockFile waits for the lock on a file, which it makes if it is missing. Closing the file gives
// the lock back. A file that [Replace] replaces cannot be locked itself, as then it is another one.
func LockFile(name string) (*os.File, error) {
	// Not through a link: in directories that others can write to, somebody may have put one there.
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	return flock(file, syscall.LOCK_EX)
}

// LockDirectory waits for the lock on a directory. A file made for that would have to be removed
// with it, while others wait for it. A directory that was removed meanwhile does not exist.
func LockDirectory(name string) (*os.File, error) { return lockDirectory(name, syscall.LOCK_EX) }

// TryLockDirectory does not wait. Its error wraps [ErrLocked] if another process has the lock.
func TryLockDirectory(name string) (*os.File, error) {
	return lockDirectory(name, syscall.LOCK_EX|syscall.LOCK_NB)
}

func lockDirectory(name string, how int) (*os.File, error) {
	dir, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return flock(dir, how)
}

// flock locks a file, or closes it.
func flock(file *os.File, how int) (*os.File, error) {
	var err error
	for {
		// The Go runtime sends its threads signals.
		if err = syscall.Flock(int(file.Fd()), how); err != syscall.EINTR {
			break
		}
	}
	if err == syscall.EWOULDBLOCK {
		err = ErrLocked
	}
	var stat syscall.Stat_t
	if err == nil {
		err = syscall.Fstat(int(file.Fd()), &stat)
	}
	if err == nil && stat.Nlink == 0 {
		err = syscall.ENOENT // removed while we waited
	}
	if err != nil {
		file.Close()
		return nil, &os.PathError{Op: "lock", Path: file.Name(), Err: err}
	}
	return file, nil
}

// endregion

// Held says whether a process has the lock on a file.
func Held(name string) bool {
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) == syscall.EWOULDBLOCK
}
