//go:build linux

package main

import (
	"io"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// start starts the program with a sleep inside, and returns once that has begun, with the rest of the output: it ends
// when everybody inside has.
func start(t *testing.T) (cmd *exec.Cmd, rest io.Reader) {
	t.Helper()
	cmd = program(newRoot(t), "sh", "-c", "echo ready; exec sleep 300")
	rest, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() }) // has ended already where the test passed
	_, err = io.ReadFull(rest, make([]byte, len("ready\n")))
	testkit.Must(t, err)
	return cmd, rest
}

func TestSignalReachesTheProgram(t *testing.T) {
	cmd, _ := start(t)
	testkit.Must(t, cmd.Process.Signal(syscall.SIGTERM))
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 128+int(syscall.SIGTERM) {
		t.Errorf("exit status %d, want that of a program which SIGTERM ended", got)
	}
}

func TestKillingTheFirstProcessEndsAll(t *testing.T) {
	cmd, rest := start(t)
	testkit.Must(t, cmd.Process.Kill())
	ended := make(chan error, 1)
	go func() { _, err := io.ReadAll(rest); ended <- err }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("something lives on after the first process was killed")
	}
}
