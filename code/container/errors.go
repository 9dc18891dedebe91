//go:build linux

package container

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
)

// The exit codes of the runtime itself, as in Docker and in shells.
const (
	ExitFailed        = 125 // the runtime could not do it
	ExitNotExecutable = 126 // the program is there, but cannot be executed
	ExitNotFound      = 127 // there is no such program
)

// Error is an error with an exit code of its own.
type Error struct {
	Code int
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error without the code.
func (e *Error) Unwrap() error { return e.Err }

// Exit returns the code.
func (e *Error) Exit() int { return e.Code }

// ExitCode returns the exit code for an error.
func ExitCode(err error) int {
	var coded *Error
	var setup *reexec.SetupError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		return coded.Code
	case errors.As(err, &setup) && setup.Program && (setup.Errno == syscall.ENOENT || setup.Errno == syscall.ENOTDIR):
		return ExitNotFound
	case errors.As(err, &setup) && setup.Program:
		return ExitNotExecutable
	}
	return ExitFailed
}

// NotFoundError is the error for a container that there is not.
type NotFoundError struct {
	Ref  string // what was looked for
	Near string // a name that is like it
}

func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("there is no container %q", e.Ref)
	if e.Near != "" {
		text += fmt.Sprintf("; did you mean %q?", e.Near)
	}
	return text
}
