//go:build linux

package image

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// stagingName is the directory of what is not an image yet, or no longer. No id begins with a dot.
const stagingName = ".staging"

// region: staging

// staging is a directory that no one but its process looks into. The process holds a lock on it, which the kernel gives
// back when the process ends, however it ends: a directory without a lock is waste.
type staging struct {
	dir  string
	lock *os.File
}

// stage makes a staging directory.
func (s *Store) stage() (*staging, error) {
	for {
		dir, err := os.MkdirTemp(filepath.Join(s.dir, stagingName), "")
		if err != nil {
			return nil, fmt.Errorf("make staging directory: %w", err)
		}
		lock, err := lockDirectory(dir, unix.LOCK_EX)
		if errors.Is(err, os.ErrNotExist) { // between our two steps another process took it for waste
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("lock staging directory: %w", err)
		}
		return &staging{dir, lock}, nil
	}
}

// remove removes the directory with all that is in it.
func (s *staging) remove() error {
	defer s.lock.Close()
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove staging directory: %w", err)
	}
	return nil
}

// sweep removes staging directories whose process is gone.
func (s *Store) sweep() error {
	entries, err := os.ReadDir(filepath.Join(s.dir, stagingName))
	if err != nil {
		return fmt.Errorf("look for leftovers: %w", err)
	}
	for _, entry := range entries {
		dir := filepath.Join(s.dir, stagingName, entry.Name())
		lock, err := lockDirectory(dir, unix.LOCK_EX|unix.LOCK_NB)
		if errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, os.ErrNotExist) {
			continue // in use, or just gone
		}
		if err != nil {
			return fmt.Errorf("look for leftovers: %w", err)
		}
		if err := (&staging{dir, lock}).remove(); err != nil {
			return err
		}
	}
	return nil
}

// lockDirectory locks a directory with flock(2). If it was removed while we waited, it does not exist.
func lockDirectory(dir string, how int) (*os.File, error) {
	file, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		if err = unix.Flock(int(file.Fd()), how); err != unix.EINTR {
			break
		}
	}
	var stat unix.Stat_t
	if err == nil {
		err = unix.Fstat(int(file.Fd()), &stat)
	}
	if err == nil && stat.Nlink == 0 {
		err = unix.ENOENT
	}
	if err != nil {
		file.Close()
		return nil, &os.PathError{Op: "lock", Path: dir, Err: err}
	}
	return file, nil
}

// endregion
