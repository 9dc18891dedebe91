//go:build linux

package container

import "slices"

// Status is where in its life a container is.
type Status string

// The statuses of a container. A removed one has none.
const (
	Created Status = "created" // it has a root filesystem, and has never run
	Running Status = "running" // its PID 1 is there, or has just ended
	Stopped Status = "stopped" // it has run

	absent Status = "" // not made yet, or removed
)

// transitions are all legal changes of a status: from each to these. A start that fails, and one that is broken off,
// leaves the status as it was before.
//
//	absent  → created   Create, CreateAndRun
//	created → running   Start, Run, CreateAndRun: saved just before the child becomes the program
//	stopped → running   Start, Run
//	running → stopped   the program has ended: recorded by the monitor or, without one, by the next command
//	running → created   the program could not be executed, and the container had never run
//	created → absent    Remove
//	stopped → absent    Remove, or the end of a run whose container is to be removed
var transitions = map[Status][]Status{
	absent:  {Created},
	Created: {Running, absent},
	Running: {Stopped, Created},
	Stopped: {Running, absent},
}

// become changes the status, if that is legal. Saving it is up to the caller.
func (s *State) become(next Status) error {
	if err := s.mayBecome(next); err != nil {
		return err
	}
	s.Status = next
	return nil
}

// mayBecome returns a [TransitionError] if the status cannot change so.
func (s *State) mayBecome(next Status) error {
	if !slices.Contains(transitions[s.Status], next) {
		return &TransitionError{Name: s.Name, From: s.Status, To: next}
	}
	return nil
}
