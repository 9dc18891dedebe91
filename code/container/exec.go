//go:build linux

package container

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/inside"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/stdio"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/proc"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
)

// ExecOptions are what the user wants of one more program in a container.
type ExecOptions struct {
	Args        []string
	Env         []string
	User        string // empty: the container's
	WorkingDir  string // empty: the container's
	Interactive bool
	Terminal    bool
	Privileged  bool
}

// Exec runs one more program in a running container, and returns its exit code. This process passes on the signals
// that it gets. Cancelling the context kills the program; Exec then returns the context's error.
func (r *Runtime) Exec(ctx context.Context, id string, e ExecOptions, s Streams) (exit int, err error) {
	if err := checkWorkingDir(e.WorkingDir); err != nil {
		return ExitFailed, &OptionError{"working_dir", err}
	}
	state, err := r.Find(id)
	if err != nil {
		return ExitCode(err), err
	}
	if err := context.Cause(ctx); err != nil {
		return ExitFailed, err
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
	self, err := proc.Identify(child.PID())
	if err != nil {
		streams.Close()
		child.Abandon()
		return ExitFailed, err
	}
	stopKilling := context.AfterFunc(ctx, func() { killEntered(self) })
	if err := child.Proceed(e.childConfig(state, streams.WindowSize())); err != nil {
		streams.Close()
		if !stopKilling() {
			return ExitFailed, context.Cause(ctx)
		}
		err = explainEntry(err, state.Options.Limits.Pids)
		return ExitCode(err), explainProgram(err, e.Args, environment(state.Process.Env, e.Env))
	}
	if err := streams.Start(); err != nil {
		stopKilling()
		killEntered(self)
		child.Wait()
		streams.Drain()
		return ExitFailed, cmp.Or(context.Cause(ctx), err)
	}
	forward(child.Signal)
	code, err := child.Wait()
	streams.Drain()
	if !stopKilling() {
		err = errors.Join(context.Cause(ctx), err)
	}
	return code, err
}

// killEntered kills a program that has entered a container, given its parent, which stays outside. SIGKILL cannot be
// passed on, so the program itself has to be found. The parent is stopped while that is looked for: a stopped process
// does not fork. Then it goes on, reaps the program, and ends with its exit code. If there is no program yet, the
// parent is killed.
func killEntered(parent proc.Identity) {
	if !parent.Alive() { // its number may be that of another process by now
		return
	}
	syscall.Kill(parent.PID, syscall.SIGSTOP)
	for began := time.Now(); time.Since(began) < time.Second; time.Sleep(time.Millisecond) {
		if stat, err := proc.ReadStat(parent.PID); err != nil || stat.Suspended() || stat.Ended() {
			break
		}
	}
	children, _ := proc.Children(parent.PID)
	for _, child := range children {
		syscall.Kill(child, syscall.SIGKILL)
	}
	if len(children) > 0 {
		syscall.Kill(parent.PID, syscall.SIGCONT)
	} else {
		syscall.Kill(parent.PID, syscall.SIGKILL)
	}
}

// entryPids is a limit of processes and threads under which another process can enter a container that has one: what
// enters is a Go program until it becomes the other, and has some threads. How many is the runtime's affair, which
// starts one more when another is held up in a system call. On an idle machine 11 were enough, on a busy one not.
const entryPids = 20

// explainEntry says that a limit of processes may be why no more can enter a container. A call that would exceed it
// fails with EAGAIN (clone(2)); where it is Go's runtime that needs a thread, the process ends itself.
func explainEntry(err error, limit int) error {
	var end *exec.ExitError
	ended := errors.Is(err, reexec.ErrEnded) && errors.As(err, &end) &&
		end.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL
	if limit == 0 || !ended && !errors.Is(err, syscall.EAGAIN) {
		return err
	}
	return fmt.Errorf("%w: the container may have %d processes, and while another one enters, some threads of the "+
		"runtime count as well (for a container of one process, a limit of %d is enough as a rule): end some of its "+
		"processes, or make it with a higher limit", err, limit, entryPids)
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
