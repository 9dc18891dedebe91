//go:build linux

package container

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/inside"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
)

// The hidden first arguments of this program. With reexec.Argument it is the child inside.
const monitorArgument = "monitor"

// Main does the work of a second run of this program and does not return then. In a first run it returns at once. It has
// to come first in main.
func Main() {
	if len(os.Args) < 2 {
		return
	}
	switch os.Args[1] {
	case reexec.Argument:
		reexec.Init(inside.SetUp)
	case monitorArgument:
		if len(os.Args) == 4 {
			monitor(os.Args[2], os.Args[3])
			os.Exit(0)
		}
	}
}

// Run starts a container and returns its exit code when it has ended. This process is its monitor.
// It passes on the signals that it gets; those that are to end the program, and come before it runs, break off the start.
// The context ends nothing: that is what signals are for.
func (r *Runtime) Run(_ context.Context, id string, s Streams) (exit int, err error) {
	return stayWith(func(early func() error) (*run, error) { return r.start(id, s, early) })
}

// CreateAndRun is Create and Run in one, and takes less time than both.
func (r *Runtime) CreateAndRun(_ context.Context, o Options, s Streams) (exit int, err error) {
	return stayWith(func(early func() error) (*run, error) { return r.launch(o, s, early) })
}

func stayWith(start func(early func() error) (*run, error)) (exit int, err error) {
	forward, early, stop := forwardSignals()
	defer stop()
	run, err := start(early)
	if err != nil {
		return ExitCode(err), err
	}
	forward(func(signal syscall.Signal) error {
		if signal == syscall.SIGINT {
			run.streams.Interrupt()
		}
		return run.child.Signal(signal)
	})
	return run.wait()
}

// Start starts a container in the background. A second run of this program stays with it. One that
// runs is left alone, as in Docker.
func (r *Runtime) Start(_ context.Context, id string) error {
	state, err := r.Find(id)
	if err != nil {
		return err
	}
	report, reportIn, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make pipe for the monitor's report: %w", err)
	}
	defer report.Close()
	cmd := exec.Command("/proc/self/exe", monitorArgument, r.root, state.ID)
	cmd.Args[0] = os.Args[0]
	cmd.Dir = "/" // it keeps no directory of the user's busy
	cmd.ExtraFiles = []*os.File{monitorReport - 3: reportIn}
	// A session of its own: what is typed at the user's terminal, and its hang-up, do not reach it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	reportIn.Close()
	if err != nil {
		return fmt.Errorf("start monitor: %w", err)
	}
	message, err := io.ReadAll(report) // until the container has started, or has not
	if err != nil {
		return fmt.Errorf("read the monitor's report: %w", err)
	}
	if len(message) == 0 {
		return fmt.Errorf("the monitor ended before the container started: %w", cmd.Wait())
	}
	var outcome outcome
	if err := json.Unmarshal(message, &outcome); err != nil {
		return fmt.Errorf("read the monitor's report: %w", err)
	}
	go cmd.Wait() // should this process live longer
	if outcome.Error != "" {
		return &Error{Code: outcome.Exit, Err: errors.New(outcome.Error)}
	}
	return nil
}

// monitorReport is the descriptor of a monitor that its report goes to.
const monitorReport = 3

// outcome is that report.
type outcome struct {
	Error string
	Exit  int
}

// monitor starts a container, tells how that went, and stays with the container to its end.
func monitor(root, id string) {
	report := os.NewFile(monitorReport, "report")
	syscall.CloseOnExec(monitorReport)
	forward, early, _ := forwardSignals()
	run, err := attach(root).start(id, Streams{}, early)
	var outcome outcome
	if err != nil && !errors.Is(err, errRunning) {
		outcome.Error, outcome.Exit = err.Error(), ExitCode(err)
	}
	message, _ := json.Marshal(outcome)
	report.Write(message)
	report.Close()
	if err == nil {
		forward(run.child.Signal)
		run.wait() // what went wrong then, the next command finds
	}
}
