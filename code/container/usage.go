//go:build linux

package container

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

// Usage is what a running container uses.
type Usage struct {
	*cgroup.Stat        // nil: it runs without a cgroup
	WritableLayer int64 `json:"writable_layer"` // bytes on the disk, of the files that it has changed or made
}

// Usage returns what a container uses, and nil if it does not run, or ends in the meantime.
func (r *Runtime) Usage(s *State) (*Usage, error) {
	if s.Status != Running || s.ended {
		return nil, nil
	}
	var usage Usage
	if !s.Options.NoLimits {
		stat, err := cgroup.Open(s.ID).Stat()
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENODEV) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("container %s: %w", s.Name, err)
		}
		usage.Stat = &stat
	}
	written, err := r.overlay(s.ID, s.Lower).Size()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("container %s: %w", s.Name, err)
	}
	usage.WritableLayer = written
	return &usage, nil
}

// Namespaces returns which namespaces of its own a container is in, as [namespace.Sheep] lists them, and nil if it does
// not run, or ends in the meantime.
func (r *Runtime) Namespaces(s *State) ([]namespace.ID, error) {
	if s.Status != Running || s.ended {
		return nil, nil
	}
	var ids []namespace.ID
	for _, kind := range namespace.Sheep.Kinds() {
		id, err := namespace.Of(s.PID, kind)
		if err != nil && !s.alive() {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("container %s: %w", s.Name, err)
		}
		ids = append(ids, id)
	}
	if !s.alive() { // then another process may have its PID, and these be that one's
		return nil, nil
	}
	return ids, nil
}
