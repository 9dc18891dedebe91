//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
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
		return ExitFailed, &OptionError{"working_dir", err}
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
	streams, err := openStreams(s, e.Interactive, e.Terminal)
	if err != nil {
		return ExitFailed, err
	}
	in, out, complaints := streams.inside()
	child, err := reexec.Start(&syscall.SysProcAttr{Setsid: !e.Terminal}, in, out, complaints)
	if err != nil {
		streams.close()
		return ExitFailed, err
	}
	streams.closeInside()
	if err := child.Proceed(e.setup(state, streams.window())); err != nil {
		streams.close()
		err = explainEntry(err, state.Options.Limits.Pids)
		return ExitCode(err), explainProgram(err, e.Args, environment(state.Process.Env, e.Env))
	}
	if err := streams.start(); err != nil {
		child.Signal(syscall.SIGKILL)
		child.Wait()
		streams.drain()
		return ExitFailed, err
	}
	forward(child.Signal)
	code, err := child.Wait()
	streams.drain()
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

// join moves the calling thread into the namespaces of a running container. A thread that shares
// its root and working directory with others, as those of Go do, cannot change its mount namespace,
// so it gets its own first. The PID namespace becomes that of its children only (setns(2)). So this
// process, of which the other threads are still outside, stays out of sight of the container. What
// appears there is a fork of this one thread, confined, with copies of its memory and of nothing
// else that it has; and then the program (CVE-2016-9962).
func join(process identity) error {
	pidfd, err := unix.PidfdOpen(process.PID, 0)
	if err == nil {
		defer unix.Close(pidfd)
		if !process.alive() {
			err = syscall.ESRCH // and it is another that was opened
		}
	}
	if err != nil {
		return fmt.Errorf("open process of container: %w", err)
	}
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("unshare directories of thread: %w", err)
	}
	if err := unix.Setns(pidfd, int(namespace.Sheep|namespace.Cgroup)); err != nil {
		return fmt.Errorf("join namespaces: %w", err)
	}
	return nil
}

// entrance is what the child is told of a container that it is to enter: no more than it needs, for what it knows is in
// memory that may be reached from inside.
type entrance struct {
	ID       string
	Process  identity
	NoLimits bool
}

// setup is what the child is told.
func (e ExecOptions) setup(state *State, size *window) setup {
	profile := state.Options.profile()
	profile.User = first(e.User, state.Process.User)
	profile.Privileged = profile.Privileged || e.Privileged
	env := environment([]string{"HOSTNAME=" + state.Options.Hostname}, state.Process.Env)
	if e.Terminal {
		env = environment([]string{"TERM=xterm"}, env)
	}
	return setup{
		Join:    &entrance{state.ID, identity{state.PID, state.StartTime, state.Boot}, state.Options.NoLimits},
		Profile: profile,
		Program: reexec.Program{
			Args: e.Args,
			Env:  environment(env, e.Env),
			Dir:  first(e.WorkingDir, state.Process.WorkingDir),
		},
		Terminal: size,
	}
}
