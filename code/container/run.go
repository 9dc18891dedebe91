//go:build linux

package container

import (
	"context"
	"errors"
	"syscall"
)

// Run starts a container and returns its exit code when it has ended. This process is its monitor.
//
// It passes on the signals that it gets. SIGHUP, SIGINT, SIGQUIT and SIGTERM break off the start if they come before
// the program runs; so does cancelling the context. After that, cancelling it kills the container, and Run returns the
// context's error once the end is recorded.
func (r *Runtime) Run(ctx context.Context, id string, s Streams) (exit int, err error) {
	return runForeground(ctx, func(interrupted func() error) (*run, error) { return r.start(ctx, id, s, interrupted) })
}

// CreateAndRun is Create and Run in one, and takes less time than both. If the start is broken off once the container
// is created, that stays, as after Create, unless it was to be removed.
func (r *Runtime) CreateAndRun(ctx context.Context, o Options, s Streams) (exit int, err error) {
	return runForeground(ctx, func(interrupted func() error) (*run, error) {
		return r.createAndStart(ctx, o, s, interrupted)
	})
}

// runForeground starts a container and is its monitor. start gets a function that reports a signal that came before the
// program ran.
func runForeground(ctx context.Context, start func(interrupted func() error) (*run, error)) (exit int, err error) {
	forward, interrupted, stop := forwardSignals()
	defer stop()
	run, err := start(interrupted)
	if err != nil {
		return ExitCode(err), err
	}
	forward(func(signal syscall.Signal) error {
		if signal == syscall.SIGINT {
			run.streams.Interrupt()
		}
		return run.child.Signal(signal)
	})
	stopKilling := context.AfterFunc(ctx, run.kill)
	exit, err = run.wait()
	if !stopKilling() {
		err = errors.Join(context.Cause(ctx), err)
	}
	return exit, err
}
