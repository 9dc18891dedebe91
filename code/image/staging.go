//go:build linux

package image

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// stagingName is the directory of what is not an image yet, or no longer. No id begins with a dot.
const stagingName = ".staging"

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
		lock, err := durable.LockDirectory(dir)
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
		lock, err := durable.TryLockDirectory(dir)
		if errors.Is(err, durable.ErrLocked) || errors.Is(err, os.ErrNotExist) {
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
