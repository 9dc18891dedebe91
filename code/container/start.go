//go:build linux

package container

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
)

// run is one run of a container, in the process that is its monitor.
type run struct {
	runtime *Runtime
	state   *State
	before  Status
	child   *reexec.Child
	streams *streams
	active  *os.File
	network *namespace.Thread // in the network namespace that the child is to be born into
	gateway func() error      // waits until the host is one
	early   func() error      // says whether the user has thought better of it
}

// start starts a container, all or nothing. Whoever calls it is the monitor.
func (r *Runtime) start(id string, s Streams, early func() error) (*run, error) {
	held, state, err := r.lockContainer(id)
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
		if err := r.end(state, nil); err != nil { // nobody saw it end
			return nil, err
		}
		if state.Options.Remove {
			return nil, &NotFoundError{Ref: state.Name} // any more
		}
	}
	run := &run{runtime: r, state: state, before: state.Status, early: early}
	run.network = namespace.NewThread(namespace.Network)
	defer run.network.End()
	if err := run.bear(s); err != nil {
		return nil, run.abort(err)
	}
	if err := run.begin(); err != nil {
		return nil, run.abort(err)
	}
	return run, nil
}

// launch creates a container and starts it. What takes longest is until the child has come to itself. So it is born as
// soon as there is a root filesystem, and what it does not need for that is done meanwhile.
func (r *Runtime) launch(o Options, s Streams, early func() error) (*run, error) {
	run := &run{runtime: r, before: Created, early: early, network: namespace.NewThread(namespace.Network)}
	defer run.network.End()
	state, err := r.plan(o)
	if err != nil {
		return nil, err
	}
	run.state = state
	var held *locked
	born := make(chan error, 1)
	err = r.create(state, func(*State) (err error) {
		if held, err = lock(r.directory(state.ID)); err != nil {
			return err
		}
		go func() { born <- run.bear(s) }()
		if err := r.save(state); err != nil {
			<-born
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
	if err := <-born; err != nil {
		return nil, run.abort(err)
	}
	if err := run.begin(); err != nil {
		return nil, run.abort(err)
	}
	return run, nil
}

// setupPids is how many threads the child may need before it becomes the program. A Go program has some.
const setupPids = 32

// bear makes the child. It waits inside, in its namespaces and its cgroup, with nothing yet to do.
func (run *run) bear(s Streams) (err error) {
	r, state, options := run.runtime, run.state, run.state.Options
	if run.active, err = r.activate(state.ID); err != nil {
		return err
	}
	point(startActive)
	run.gateway = run.makeGateway()
	if err := run.mount(); err != nil { // the child gets a copy of all mounts
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
	if run.streams, err = openStreams(s, options.Interactive, options.Terminal); err != nil {
		return err
	}
	attributes.Setsid = !options.Terminal // with a terminal, the child does it
	in, out, complaints := run.streams.inside()
	err = run.network.Do(func() (err error) {
		run.child, err = reexec.Start(attributes, in, out, complaints)
		return err
	})
	if err != nil {
		return err
	}
	run.streams.closeInside()
	point(startProcess)
	return nil
}

// begin gives the child what it needs of the host, one after the other, and lets it go on. It runs the program last: by
// then the state is written that says so.
func (run *run) begin() error {
	if err := run.lease(); err != nil {
		return err
	}
	if err := run.connect(); err != nil {
		return err
	}
	binds, err := run.files()
	if err != nil {
		return err
	}
	point(startFiles)
	if err := run.logTo(); err != nil {
		return err
	}
	// From here on signals are the program's. As a PID 1 it loses those that it has no handler for yet.
	if err := run.early(); err != nil {
		return err
	}
	if err := run.saveRunning(); err != nil {
		return err
	}
	point(startSaved)
	if err := run.child.Proceed(run.setup(binds)); err != nil {
		run.child = nil // is gone
		return err
	}
	point(startProceeded)
	run.streams.interrupts = &interrupts{name: run.state.Name, pid: run.child.PID(), tell: run.runtime.Interrupted,
		kill: func() { run.child.Signal(syscall.SIGKILL) }} // PID 1, and with it the kernel ends all others
	return run.streams.start()
}

// lease gets an address.
func (run *run) lease() error {
	if run.state.Options.Network != NetworkBridge {
		return nil
	}
	address, err := run.runtime.leases.Acquire(run.state.ID)
	if err != nil {
		return err
	}
	run.state.Address = address.String()
	point(startLease)
	return nil
}

// mount mounts the root filesystem again, if the machine was restarted since.
func (run *run) mount() error {
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

// makeGateway makes the host the gateway of the bridge, which takes a while and needs nothing of the container. It returns
// what waits for that.
func (run *run) makeGateway() func() error {
	if run.state.Options.Network != NetworkBridge {
		return func() error { return nil }
	}
	made := make(chan error, 1)
	go func() {
		err := nat.EnableForwarding()
		point(startForwarding)
		if err == nil {
			err = nat.Masquerade(subnet(), bridge.Default.Name)
		}
		point(startMasquerade)
		made <- err
	}()
	return sync.OnceValue(func() error { return <-made })
}

// connect gives the child its network. It is in its network namespace, where nothing is yet.
func (run *run) connect() error {
	id, options, pid := run.state.ID, run.state.Options, run.child.PID()
	if options.Network == NetworkNone {
		return bridge.Loopback(pid)
	}
	if err := bridge.Default.Ensure(); err != nil {
		return err
	}
	point(startBridge)
	address := parseAddress(run.state.Address)
	if err := bridge.Default.Connect(id, pid, address); err != nil {
		return err
	}
	point(startConnected)
	if err := run.gateway(); err != nil {
		return err
	}
	if len(options.Ports) == 0 {
		return nil
	}
	if err := nat.Publish(id, address, bridge.Default.Name, options.Ports); err != nil {
		return err
	}
	point(startPublished)
	return nil
}

// saveRunning notes down which process it is.
func (run *run) saveRunning() error {
	state := run.state
	state.Status, state.PID, state.Boot = Running, run.child.PID(), bootID()
	state.StartedAt, state.FinishedAt = time.Now().UTC(), time.Time{}
	state.ExitCode, state.OOMKilled, state.Error = nil, false, ""
	var err error
	if state.StartTime, _, err = startTime(state.PID); err != nil {
		return fmt.Errorf("identify the container's process: %w", err)
	}
	return run.runtime.save(state)
}

// withLimit names the limit of memory if that is why the start failed: the child was killed.
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

// abort undoes what was done until something failed, and notes why. It returns the reason.
func (run *run) abort(reason error) error {
	state := run.state
	if early := run.early(); early != nil { // at a terminal, the child gets it as well, and ends
		reason = early
	}
	reason = run.runtime.explain(state, reason)
	if run.gateway != nil {
		run.gateway() // nothing of it goes on when the start has failed
	}
	if run.child != nil {
		run.child.Abandon()
	}
	reason = run.withLimit(reason)
	if run.streams != nil {
		run.streams.close()
	}
	code := ExitCode(reason)
	state.leave(&code)
	state.Status, state.Error = run.before, reason.Error()
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

// wait waits for the end of the program, and of all else that ran in the container.
func (run *run) wait() (int, error) {
	code, err := run.child.Wait()
	// PID 1 ends last, so nobody is left who could write (pid_namespaces(7)).
	drained := make(chan struct{})
	go func() {
		run.streams.drain()
		close(drained)
	}()
	select {
	case <-drained:
	case <-time.After(drainTime):
		// Who reads the output page by page does not keep others from seeing that the container has ended.
	}
	point(endWaited)
	err = errors.Join(err, run.noteEnd(code))
	<-drained
	return code, err
}

// noteEnd is what is left to do when all processes are gone.
func (run *run) noteEnd(code int) error {
	// However long it takes: nobody else knows the exit code.
	held, state, err := run.runtime.lockBy(lockFromAnybody, run.state.ID)
	defer run.active.Close()
	if err != nil {
		run.runtime.release(run.state)
		if errors.As(err, new(*NotFoundError)) { // it was removed while we were suspended: nobody asks for its exit code
			return nil
		}
		return err
	}
	defer held.unlock()
	if state.Status == Running && (state.PID != run.state.PID || state.StartTime != run.state.StartTime) {
		return nil // it was started again meanwhile: what it has now belongs to that run
	}
	return run.runtime.end(state, &code)
}

// end makes a stopped container of a running one whose processes are gone, and clears away what it
// had for its run. code is nil if nobody saw the end. The caller holds the lock.
func (r *Runtime) end(state *State, code *int) error {
	if !state.Options.NoLimits {
		kills, err := cgroup.Open(state.ID).OOMKills()
		state.OOMKilled = err == nil && kills > 0 // there may be no group any more
	}
	state.FinishedAt = time.Now().UTC()
	if code == nil {
		state.Error = "its monitor was killed, so its exit code is not known"
	}
	state.leave(code)
	if state.Options.Remove {
		if err := r.release(state); err != nil {
			return err
		}
		return r.remove(state)
	}
	// First what cannot be found out again. The rest anybody can do.
	if err := r.save(state); err != nil {
		return err
	}
	point(endSaved)
	return r.release(state)
}

// release gives back what a container has only while it runs. It may have been done in part before.
// The address goes when nobody can send to it any more, and the mark goes last: until then, the next
// command tries again.
func (r *Runtime) release(state *State) error {
	id, options := state.ID, state.Options
	var all sync.WaitGroup // the kernel takes its time for each
	var unpublished, disconnected, ungrouped, released error
	if len(options.Ports) > 0 {
		all.Go(func() { unpublished = nat.Unpublish(id); point(endUnpublished) })
	}
	if options.Network == NetworkBridge {
		all.Go(func() { disconnected = bridge.Disconnect(id); point(endDisconnected) })
	}
	if !options.NoLimits {
		all.Go(func() { ungrouped = cgroup.Open(id).Remove(); point(endCgroup) })
	}
	all.Wait()
	if options.Network == NetworkBridge && unpublished == nil && disconnected == nil {
		released = r.leases.Release(id)
		point(endReleased)
	}
	if err := errors.Join(unpublished, disconnected, ungrouped, released); err != nil {
		return fmt.Errorf("clear away what container %s had: %w", state.Name, err)
	}
	if err := os.Remove(r.active(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	point(endActive)
	return nil
}

// leave is the end of a run, or of the try.
func (s *State) leave(code *int) {
	if s.Status == Running {
		s.Status = Stopped
	}
	s.PID, s.StartTime, s.Boot, s.Address = 0, 0, "", ""
	s.ExitCode = code
}
