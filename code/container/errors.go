//go:build linux

package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/stdio"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
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

// OptionError is the error for an option that no container can have on this machine, of whatever image.
type OptionError struct {
	Field string // of [Options], [cgroup.Limits] or [ExecOptions], by its JSON key: network, memory, working_dir, …
	Err   error
}

func (e *OptionError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong with it.
func (e *OptionError) Unwrap() error { return e.Err }

// ConflictError is the error for options that exclude each other.
type ConflictError struct {
	Field string   // by its JSON key
	With  []string // those that it excludes
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s excludes %s: leave out one or the other", e.Field, strings.Join(e.With, ", "))
}

// The errors for what is missing.
var (
	// ErrNoTerminal is the error for a program that is to have a terminal and input, without a terminal for the input.
	ErrNoTerminal = stdio.ErrNoTerminal
	// ErrNoProgram is the error for a container whose image has neither an entrypoint nor a command, without
	// Options.Args.
	ErrNoProgram = errors.New("it names no program to run")
)

// NotFoundError is the error of [Runtime.Find] when there is no such container.
type NotFoundError struct {
	Ref  string // what was looked for
	Near string // the name that was probably meant; may be empty
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("there is no container %q", e.Ref) + didYouMean(e.Near)
}

// NothingFoundError is the error of [Runtime.FindAny] when there is neither a container nor an image.
type NothingFoundError struct {
	Ref  string // what was looked for
	Near string // the name that was probably meant; may be empty
}

func (e *NothingFoundError) Error() string {
	return fmt.Sprintf("there is neither a container nor an image %q", e.Ref) + didYouMean(e.Near)
}

func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}

// withoutPath leaves the path out of an error: it has all digits of an ID, and the message has said more already.
func withoutPath(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// TransitionError is the error for a change of status that a container cannot make.
type TransitionError struct {
	Name     string
	From, To Status // "": it does not exist
}

func (e *TransitionError) Error() string {
	if e.To == absent {
		return fmt.Sprintf("container %s is %s, so it cannot be removed", e.Name, e.From)
	}
	return fmt.Sprintf("container %s is %s, so it cannot become %s", e.Name, e.From, e.To)
}

// unrecordedEndError is the error for a container that has ended, but whose exit code is known to its monitor alone.
type unrecordedEndError struct {
	name    string
	monitor *durable.HeldError
}

func (e *unrecordedEndError) Error() string {
	return fmt.Sprintf("container %s has ended, but its exit code is not noted down: %v", e.name, e.monitor)
}

// lostError is the error for a container whose state is lost and of which only the monitor can be seen: it may run.
type lostError struct {
	state   *State
	monitor *durable.HeldError
}

func (e *lostError) Error() string {
	return fmt.Sprintf("container %s may be running, and %s: its monitor is there: %v; end that first",
		e.state.Name, e.state.Error, e.monitor)
}

// errRunning is the error for a container that is to start and runs already.
var errRunning = errors.New("is running already")

// explain puts into words why a container did not start, where the kernel and other packages have only numbers.
func (r *Runtime) explain(state *State, err error) error {
	var taken *nat.TakenError
	if errors.As(err, &taken) {
		if other, err := r.load(taken.By); err == nil {
			return errors.New(taken.Text(other.Name))
		}
	}
	return explainProgram(err, state.Process.Args, state.Process.Env)
}

// explainProgram does that for a program that cannot be executed. See execve(2), ERRORS.
func explainProgram(err error, args, env []string) error {
	var setup *reexec.SetupError
	if !errors.As(err, &setup) || !setup.Program {
		return err
	}
	// The message begins with "exec" when the file was found and the kernel refused it.
	name, looked := args[0], !strings.HasPrefix(setup.Message, "exec ")
	var text string
	switch missing := setup.Errno == syscall.ENOENT || setup.Errno == syscall.ENOTDIR; {
	case missing && looked && strings.Contains(name, "/"):
		text = fmt.Sprintf("there is no program %q in the image", name)
	case missing && looked:
		path := ""
		for _, variable := range env {
			if value, found := strings.CutPrefix(variable, "PATH="); found {
				path = value
			}
		}
		text = fmt.Sprintf("there is no program %q in the image's PATH (%s)", name, path)
	case missing:
		text = fmt.Sprintf("the program %q is in the image, but what runs it is not: the interpreter in a script's "+
			"first line (does it end with a carriage return?), or the dynamic linker", name)
	case setup.Errno == syscall.EISDIR:
		text = fmt.Sprintf("%q is a directory, not a program", name)
	case setup.Errno == syscall.EACCES:
		text = fmt.Sprintf("the program %q may not be executed: permission denied "+
			"(does its mode have an x for the user?)", name)
	case setup.Errno == syscall.ENOEXEC:
		text = fmt.Sprintf("the program %q cannot be executed: exec format error: it is made for another processor "+
			"than this machine's (%s), or it is a script without a first line such as #!/bin/sh", name, runtime.GOARCH)
	default:
		return err
	}
	return &Error{Code: ExitCode(err), Err: errors.New(text)}
}
