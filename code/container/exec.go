//go:build linux

package container

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/inside"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/stdio"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
)

// ExecOptions are what the user wants of a further process in a container.
type ExecOptions struct {
	Args        []string
	Env         []string
	User        string // empty: the container's
	WorkingDir  string // empty: the container's
	Interactive bool
	Terminal    bool
	Privileged  bool
}

// Exec runs a further program in a running container, and returns its exit code. This process
// passes on the signals that it gets.
func (r *Runtime) Exec(_ context.Context, id string, e ExecOptions, s Streams) (exit int, err error) {
	if err := checkWorkingDir(e.WorkingDir); err != nil {
		return ExitFailed, &OptionError{err}
	}
	state, err := r.Find(id)
	if err != nil {
		return ExitCode(err), err
	}
	if state.Status != Running {
		return ExitFailed, fmt.Errorf("container %s is not running", state.Name)
	}
	forward, _, stop := forwardSignals()
	defer stop()
	streams, err := stdio.Open(s, e.Interactive, e.Terminal)
	if err != nil {
		return ExitFailed, err
	}
	stdin, stdout, stderr := streams.Child()
	child, err := reexec.Start(&syscall.SysProcAttr{Setsid: !e.Terminal}, stdin, stdout, stderr)
	if err != nil {
		streams.Close()
		return ExitFailed, err
	}
	streams.CloseChild()
	if err := child.Proceed(e.childConfig(state, streams.WindowSize())); err != nil {
		streams.Close()
		err = explainEntry(err, state.Options.Limits.Pids)
		return ExitCode(err), explainProgram(err, e.Args, environment(state.Process.Env, e.Env))
	}
	if err := streams.Start(); err != nil {
		child.Signal(syscall.SIGKILL)
		child.Wait()
		streams.Drain()
		return ExitFailed, err
	}
	forward(child.Signal)
	code, err := child.Wait()
	streams.Drain()
	return code, err
}

// entryPids is how many processes and threads a container with one process has at most while another enters: ours are Go
// programs, which have some threads each.
const entryPids = 11

// explainEntry says that a limit of processes may be why no further one can enter a container. A thread of ours that the
// limit is in the way of gets EAGAIN (clone(2)), or, if it is Go's runtime that wants one, the process ends by itself.
func explainEntry(err error, limit int) error {
	var end *exec.ExitError
	ended := errors.Is(err, reexec.ErrEnded) && errors.As(err, &end) && end.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL
	if limit == 0 || !ended && !errors.Is(err, syscall.EAGAIN) {
		return err
	}
	return fmt.Errorf("%w: the container may have %d processes, and while a further one enters, some threads of ours count "+
		"as well (for a container of one process, a limit of %d is enough): end some of its processes, or make it with a "+
		"higher limit", err, limit, entryPids)
}

// childConfig is what the child is told.
func (e ExecOptions) childConfig(state *State, size *unix.Winsize) inside.Config {
	profile := state.Options.profile()
	profile.User = cmp.Or(e.User, state.Process.User)
	profile.Privileged = profile.Privileged || e.Privileged
	env := environment([]string{"HOSTNAME=" + state.Options.Hostname}, state.Process.Env)
	if e.Terminal {
		env = environment([]string{"TERM=xterm"}, env)
	}
	return inside.Config{
		Join:    &inside.Join{ID: state.ID, Process: state.identity(), NoLimits: state.Options.NoLimits},
		Profile: profile,
		Program: reexec.Program{
			Args: e.Args,
			Env:  environment(env, e.Env),
			Dir:  cmp.Or(e.WorkingDir, state.Process.WorkingDir),
		},
		Terminal: size,
	}
}
