//go:build linux

// Package reexec (chapter 2) starts this program a second time, to finish a container from inside.
//
// Some of the set-up can only be done by a process that is in the new namespaces already. In C it would fork and go on.
// A Go program cannot: its runtime has started threads before main, fork copies only the one that calls it, and the
// others may hold locks. unshare(2) and setns(2) are no way round, since they move one thread, and the runtime moves
// goroutines between threads. So the child is the same binary, started again, with [Argument] as its first argument.
//
// [Start] makes the child in its namespaces. It waits there while the parent does the half that needs the host: cgroup,
// network. [Child.Proceed] then sends it the configuration through a pipe, and the end of that message also says "go".
// The child, in [Init], does its half and becomes the program. A second pipe tells the parent how that went: it returns
// one error for whatever failed on either side, and there is never a container that is half set up.
//
// Another program may enter a container that runs already. There the child joins the namespaces
// ([Program.RunAsParent]), and stays out of sight of those inside: what they see is a fork that shares nothing with it.
//
// Two holes have to be closed. Descriptors that stay open lead out of the container (CVE-2024-21626): neither the child
// nor the program inherits any but the standard three. And a container may reach the binary of its runtime through
// /proc/PID/exe (CVE-2019-5736): the child runs from a read-only mount of it, or from a copy that is sealed.
//
// Read first: [Start], [Child.Proceed], [Init], [Program.Exec], then protectedSelf in sealed.go. fork.go can wait.
//
// # Caveats
//
// [Start] marks all descriptors of the calling process close-on-exec, except the standard three. A program built with
// cgo cannot limit its init (Program.Ready): build with CGO_ENABLED=0. Needs Linux 5.11.
//
// See clone(2), execve(2), close_range(2), mount_setattr(2), memfd_create(2), pid_namespaces(7).
package reexec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// Argument is the first argument of the second run. main must look for it before anything else, and call [Init].
const Argument = "init"

// Descriptors of the second run, after the standard three.
const (
	configFD = 3 + iota // the configuration comes in
	reportFD            // how it went goes out
	exeFD               // this program, protected
)

// execing is the report of a child that is about to become the program. What follows it is the reason why it could not.
const execing = '\n'

// maxReport bounds what is read of a report, in bytes: by then the child may be under the program's control.
const maxReport = 64 << 10

// environment is that of the second run, which inherits none. The Go runtime must not open the limits of its cgroup: it
// would keep them open in a child that stays as PID 1, and through /proc/1/fd they could be raised. One thread at a
// time is enough for the child, and each further one has to be started, confined and ended before execve(2) comes back.
var environment = []string{"GODEBUG=containermaxprocs=0", "GOMAXPROCS=1"}

// Child is the second run of this program, and then the program that it became.
type Child struct {
	cmd            *exec.Cmd
	config, report *os.File
}

// SetupError is what the child could not do.
type SetupError struct {
	Message string
	Errno   syscall.Errno // the kernel's answer; 0 if it was not a system call that failed
	Program bool          // the set-up went well, but there is no such program, or it cannot be executed
}

func (e *SetupError) Error() string { return e.Message }

// Unwrap makes errors.Is(err, fs.ErrNotExist) and its like work across the pipe.
func (e *SetupError) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// Start starts this program again with the given attributes, as in
// [os/exec.Cmd], and standard streams. The child waits for [Child.Proceed].
// It inherits nothing else.
func Start(
	attributes *syscall.SysProcAttr, stdin, stdout, stderr *os.File,
) (*Child, error) {
	exe, err := protectedSelf()
	if err != nil {
		return nil, fmt.Errorf("protect own executable: %w", err)
	}
	defer exe.Close()
	// The child must not inherit what was left open.
	if err := closeOnExec(); err != nil {
		return nil, err
	}
	configOut, config, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make pipe for configuration: %w", err)
	}
	defer configOut.Close()
	report, reportIn, err := os.Pipe()
	if err != nil {
		config.Close()
		return nil, fmt.Errorf("make pipe for report: %w", err)
	}
	defer reportIn.Close()

	cmd := exec.Command(fmt.Sprintf("/proc/self/fd/%d", exeFD), Argument)
	cmd.Args[0] = os.Args[0]
	cmd.Env = environment
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	cmd.ExtraFiles = []*os.File{
		configFD - 3: configOut, reportFD - 3: reportIn, exeFD - 3: exe}
	cmd.SysProcAttr = attributes
	if err := cmd.Start(); err != nil {
		config.Close()
		report.Close()
		return nil, fmt.Errorf("start second process: %w", err)
	}
	return &Child{cmd: cmd, config: config, report: report}, nil
}

// PID returns the child's process ID, as the caller's PID namespace has it.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// ErrEnded is the error for a child that ended during set-up without a word. One that was killed does, and one that the
// kernel gave no further thread: Go's runtime exits then.
var ErrEnded = errors.New("second process ended during set-up")

// Proceed hands the child its configuration, as JSON, and waits until it has become the
// program. If it could not, the child is gone when Proceed returns, and the error says why.
func (c *Child) Proceed(config any) error {
	message, err := json.Marshal(config)
	if err != nil {
		c.Abandon()
		return fmt.Errorf("send configuration: %w", err)
	}
	defer c.report.Close()
	// If the child is gone this fails, and the child's end says more. Closing ends the message: if this process is
	// killed before that, the child reads half a message and ends.
	c.config.Write(message)
	c.config.Close()
	report, err := io.ReadAll(io.LimitReader(c.report, maxReport))
	switch {
	case err != nil:
		return c.abandon(fmt.Errorf("read child's report: %w", err))
	case len(report) == 1 && report[0] == execing:
		return nil // and then exec closed the pipe
	case len(report) == 0:
		return fmt.Errorf("%w: %w", ErrEnded, c.abandon(nil))
	}
	failure := &SetupError{}
	if err := json.Unmarshal(report, failure); err != nil {
		return c.abandon(fmt.Errorf("read child's report: %w", err))
	}
	return c.abandon(failure)
}

// abandon kills and reaps the child. It returns err, or if that is nil how the child ended.
func (c *Child) abandon(err error) error {
	c.cmd.Process.Kill()
	ended := c.cmd.Wait()
	if err == nil {
		err = ended
	}
	if err == nil {
		err = errors.New("exit status 0")
	}
	return err
}

// Abandon ends a child that is not to proceed.
func (c *Child) Abandon() {
	c.config.Close()
	c.report.Close()
	c.abandon(nil)
}

// Signal sends a signal to the program.
func (c *Child) Signal(signal syscall.Signal) error { return c.cmd.Process.Signal(signal) }

// Wait waits for the program to end and returns its exit status, 128 + n if signal n ended it.
func (c *Child) Wait() (int, error) {
	err := c.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, fmt.Errorf("wait for program: %w", err)
	}
	return exitStatus(unix.WaitStatus(c.cmd.ProcessState.Sys().(syscall.WaitStatus))), nil
}

// exitStatus puts a wait status into one number, as shells do.
func exitStatus(status unix.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}
