//go:build linux

package container

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/stdio"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/proc"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
)

// run is one run of a container, in the process that is its monitor.
type run struct {
	runtime   *Runtime
	state     *State
	before    Status
	child     *reexec.Child
	streams   *stdio.Relay
	active    *os.File
	network   *namespace.Thread // in the network namespace that the child is to be born into
	gateway   func() error      // waits until the host is one
	ctx       context.Context   // of the start
	signalled func() error      // reports a signal that came before the program ran
}

// start starts a container, all or nothing. The process that calls it is the monitor.
func (r *Runtime) start(ctx context.Context, id string, s Streams, signalled func() error) (*run, error) {
	held, state, err := r.lockContainer(ctx, id)
	if err != nil {
		return nil, err
	}
	defer held.unlock()
	if state.Lower == "" {
		return nil, fmt.Errorf("container %s cannot start: %s", state.Name, state.Error)
	}
	if state.Status == Running {
		if state.alive() {
			return nil, fmt.Errorf("container %s %w", state.Name, errRunning)
		}
		if err := r.markStopped(state, nil); err != nil { // without a monitor
			return nil, err
		}
		if state.Options.Remove {
			return nil, &NotFoundError{Ref: state.Name} // it is gone now
		}
	}
	run := &run{runtime: r, state: state, before: state.Status, ctx: ctx, signalled: signalled}
	run.network = namespace.NewThread(namespace.Network)
	defer run.network.End()
	if err := run.startChild(s); err != nil {
		return nil, run.abort(err)
	}
	if err := run.finishStart(); err != nil {
		return nil, run.abort(err)
	}
	return run, nil
}

// createAndStart creates a container and starts it. The slowest part is waiting for the child to reach reexec.Init. So
// the child is started as soon as there is a root filesystem, and whatever it does not need for that is done at the
// same time.
func (r *Runtime) createAndStart(ctx context.Context, o Options, s Streams, signalled func() error) (*run, error) {
	run := &run{runtime: r, before: Created, ctx: ctx, signalled: signalled}
	run.network = namespace.NewThread(namespace.Network)
	defer run.network.End()
	state, err := r.plan(o)
	if err != nil {
		return nil, err
	}
	run.state = state
	var held *directoryLock
	started := make(chan error, 1)
	err = r.create(ctx, state, func(*State) (err error) {
		if held, err = lockFunc(lockDirectory).waitFor(ctx, r.directory(state.ID)); err != nil {
			return err
		}
		go func() { started <- run.startChild(s) }()
		if err := r.save(state); err != nil {
			<-started
			return run.abort(err)
		}
		return nil
	})
	if held != nil {
		defer held.unlock()
	}
	if err != nil {
		return nil, err
	}
	if err := <-started; err != nil {
		return nil, run.abort(err)
	}
	if err := run.finishStart(); err != nil {
		return nil, run.abort(err)
	}
	return run, nil
}

// interrupted returns an error if the start is to be broken off: the context was cancelled, or the user sent a signal.
func (run *run) interrupted() error {
	if err := context.Cause(run.ctx); err != nil {
		return fmt.Errorf("start container %s: %w", run.state.Name, err)
	}
	return run.signalled()
}

// setupPids is how many threads the child may need before it becomes the program. A Go program has some.
const setupPids = 32

// startChild starts the child. It waits inside, in its namespaces and its cgroup, for its configuration.
func (run *run) startChild(s Streams) (err error) {
	r, state, options := run.runtime, run.state, run.state.Options
	if run.active, err = r.lockActive(state.ID); err != nil {
		return err
	}
	point(startActive)
	if err := context.Cause(run.ctx); err != nil {
		return err
	}
	run.gateway = run.startGateway()
	if err := run.ensureMounted(); err != nil { // the child gets a copy of all mounts
		return err
	}
	attributes, err := namespace.Attributes(namespace.Sheep &^ namespace.Network)
	if err != nil {
		return err
	}
	if !options.NoLimits {
		limits := options.Limits
		if limits.Pids > 0 {
			limits.Pids = max(limits.Pids, setupPids) // until the child is done
		}
		group, err := cgroup.New(state.ID, limits)
		if err != nil {
			return err
		}
		point(startCgroup)
		if !options.Privileged {
			if err := group.AllowDevices(cgroup.DefaultDevices()); err != nil {
				return err
			}
			point(startDevices)
		}
		entrance, err := group.File()
		if err != nil {
			return err
		}
		defer entrance.Close()
		attributes.UseCgroupFD, attributes.CgroupFD = true, int(entrance.Fd())
	}
	if run.streams, err = stdio.Open(s, options.Interactive, options.Terminal); err != nil {
		return err
	}
	attributes.Setsid = !options.Terminal // with a terminal, the child does it
	stdin, stdout, stderr := run.streams.Child()
	err = run.network.Do(func() (err error) {
		run.child, err = reexec.Start(attributes, stdin, stdout, stderr)
		return err
	})
	if err != nil {
		return err
	}
	run.streams.CloseChild()
	point(startProcess)
	return nil
}

// finishStart gives the child what it needs of the host, one thing after the other, and lets it go on to become the
// program. That comes last: by then the state is saved that says so.
func (run *run) finishStart() error {
	if err := run.acquireAddress(); err != nil {
		return err
	}
	if err := context.Cause(run.ctx); err != nil {
		return err
	}
	if err := run.connectNetwork(); err != nil {
		return err
	}
	if err := makeSources(run.state.Options.Binds); err != nil {
		return err
	}
	binds, err := run.writeFiles()
	if err != nil {
		return err
	}
	point(startFiles)
	if err := run.streams.OpenLog(run.runtime.logPath(run.state.ID)); err != nil {
		return err
	}
	// From here on signals are the program's. As PID 1 it loses those that it has no handler for yet.
	if err := run.interrupted(); err != nil {
		return err
	}
	if err := run.saveRunning(); err != nil {
		return err
	}
	point(startSaved)
	stopKilling := context.AfterFunc(run.ctx, run.kill)
	if err := run.child.Proceed(run.childConfig(binds)); err != nil {
		stopKilling()
		run.child = nil // Proceed has reaped it
		return err
	}
	point(startProceeded)
	run.streams.WatchInterrupts(run.state.Name, run.child.PID(), run.runtime.Interrupted, run.kill)
	err = run.streams.Start()
	if !stopKilling() {
		return run.interrupted() // abort reaps the child
	}
	return err
}

// kill kills PID 1, and with it the kernel ends all others (pid_namespaces(7)).
func (run *run) kill() { run.child.Signal(syscall.SIGKILL) }

// ensureMounted mounts the root filesystem, if the machine was restarted since it was mounted.
func (run *run) ensureMounted() error {
	root := run.runtime.overlay(run.state.ID, run.state.Lower)
	mounted, err := root.Mounted()
	if err != nil || mounted {
		return err
	}
	if err := root.Mount(); err != nil {
		return err
	}
	point(startOverlay)
	return nil
}

// saveRunning saves the state of a running container: which process it is, among other things.
func (run *run) saveRunning() error {
	state := run.state
	process, err := proc.Identify(run.child.PID())
	if err != nil {
		return err
	}
	if err := state.become(Running); err != nil {
		return err
	}
	state.PID, state.StartTime, state.Boot = process.PID, process.StartTime, process.Boot
	state.StartedAt, state.FinishedAt = time.Now().UTC(), time.Time{}
	state.ExitCode, state.OOMKilled, state.Error = nil, false, ""
	return run.runtime.save(state)
}

// withLimit names the memory limit in the error if the child was killed because of it.
func (run *run) withLimit(reason error) error {
	limit := run.state.Options.Limits.Memory
	if limit == 0 {
		return reason
	}
	if kills, err := cgroup.Open(run.state.ID).OOMKills(); err != nil || kills == 0 {
		return reason
	}
	return fmt.Errorf("the memory limit of %s is too low to start the container: %w", size(limit), reason)
}

// abort undoes what was done before something failed, and records why in the state. It returns the reason.
func (run *run) abort(reason error) error {
	state := run.state
	if err := run.interrupted(); err != nil {
		reason = err // a signal from the terminal's keys reaches the child as well, which ends, and that failed first
	}
	reason = run.runtime.explain(state, reason)
	if run.gateway != nil {
		run.gateway() // let nothing of it go on when the start has failed
	}
	if run.child != nil {
		run.child.Abandon()
	}
	reason = run.withLimit(reason)
	if run.streams != nil {
		run.streams.Close()
	}
	code := ExitCode(reason)
	state.endRun(run.before, &code)
	state.Error = reason.Error()
	run.runtime.save(state)
	run.runtime.release(state)
	if run.active != nil {
		run.active.Close()
	}
	if state.Options.Remove {
		run.runtime.remove(state)
	}
	return reason
}
