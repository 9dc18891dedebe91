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

// monitorArgument is the hidden first argument of a monitor. With reexec.Argument this program is the child inside.
const monitorArgument = "monitor"

// Main does the work of a second run of this program, and then does not return. In a first run it returns immediately.
// It must come first in main.
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

// Start starts a container in the background. A second run of this program stays with it as its monitor. A container
// that runs already is left alone, as in Docker.
//
// Cancelling the context breaks off the start. If it comes too late for that, the container runs, and Start returns
// nil.
func (r *Runtime) Start(ctx context.Context, id string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	state, err := r.Find(id)
	if err != nil {
		return err
	}
	// The monitor reads this one, and what is written to it breaks off the start. A pipe and not a signal: a signal
	// that comes too late would be passed on to the program.
	cancelIn, cancel, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make pipe to cancel the start: %w", err)
	}
	defer cancel.Close()
	defer cancelIn.Close()
	report, reportIn, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make pipe for the monitor's report: %w", err)
	}
	defer report.Close()
	cmd := exec.Command("/proc/self/exe", monitorArgument, r.root, state.ID)
	cmd.Args[0] = os.Args[0]
	cmd.Dir = "/" // a directory of the user's would stay busy
	cmd.ExtraFiles = []*os.File{monitorReport - 3: reportIn, monitorCancel - 3: cancelIn}
	// A session of its own: signals of the user's terminal, by its keys or its hang-up, do not reach the monitor.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	reportIn.Close()
	if err != nil {
		return fmt.Errorf("start monitor: %w", err)
	}
	defer context.AfterFunc(ctx, func() { cancel.Write([]byte{1}) })()
	message, err := io.ReadAll(report) // until the container has started, or has failed to
	if err != nil {
		return fmt.Errorf("read the monitor's report: %w", err)
	}
	if len(message) == 0 {
		return fmt.Errorf("the monitor ended before the container started: %w", cmd.Wait())
	}
	var outcome startReport
	if err := json.Unmarshal(message, &outcome); err != nil {
		return fmt.Errorf("read the monitor's report: %w", err)
	}
	go cmd.Wait() // in case this process outlives the monitor
	if outcome.Cancelled {
		return context.Cause(ctx)
	}
	if outcome.Error != "" {
		return &Error{Code: outcome.Exit, Err: errors.New(outcome.Error)}
	}
	return nil
}

// Descriptors of a monitor, after the standard three.
const (
	monitorReport = 3 + iota // its report goes out
	monitorCancel            // one byte comes in when the start is to be broken off
)

// startReport is what a monitor reports of the start.
type startReport struct {
	Error     string // empty: the container runs
	Exit      int    // the exit code for the error
	Cancelled bool   // it is that the start was cancelled
}

// cancelContext returns a context that is cancelled when a byte comes through a pipe. When the other end is closed
// without one, because the command has ended or was killed, the start goes on.
func cancelContext(pipe *os.File) context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer pipe.Close()
		if n, _ := pipe.Read(make([]byte, 1)); n > 0 {
			cancel()
		}
	}()
	return ctx
}

// monitor starts a container, reports how that went, and stays with the container to its end.
func monitor(root, id string) {
	report := os.NewFile(monitorReport, "report")
	syscall.CloseOnExec(monitorReport)
	syscall.CloseOnExec(monitorCancel)
	forward, interrupted, _ := forwardSignals()
	ctx := cancelContext(os.NewFile(monitorCancel, "cancel"))
	run, err := newRuntime(root).start(ctx, id, Streams{}, interrupted)
	var outcome startReport
	if err != nil && !errors.Is(err, errRunning) {
		outcome = startReport{err.Error(), ExitCode(err), errors.Is(err, context.Canceled)}
	}
	message, _ := json.Marshal(outcome)
	report.Write(message)
	report.Close()
	if err == nil {
		forward(run.child.Signal)
		run.wait() // whatever goes wrong there, the next command finds
	}
}
