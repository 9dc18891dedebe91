//go:build linux

package main

import (
	"bufio"
	"os/exec"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func requireIP(t *testing.T) {
	t.Helper()
	testns.Require(t)
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs the command ip (package iproute2) to make an interface")
	}
}

func TestSecondProcessStaysAndReapsOrphans(t *testing.T) {
	requireIP(t)
	got := run(t, program("sh", "-c", `[ $PPID = 1 ] || exit 1
		for i in 1 2 3; do (sleep 0.1 &); done
		for i in $(seq 200); do set -- /proc/[0-9]*; [ $# -gt 2 ] || exit 42; sleep 0.1; done
		cat /proc/[0-9]*/stat`))
	if got.status != 42 {
		t.Errorf("exit status %d, want 42; there are more processes than PID 1 and its child: %s%s", got.status, got.stdout, got.stderr)
	}
}

func TestSignalsReachTheProgram(t *testing.T) {
	requireIP(t)
	cmd := program("sh", "-c", `trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done`)
	stdout, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() }) // has ended already where the test passed
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
		t.Fatalf("inside printed %q (%v), want ready", line, err)
	}
	testkit.Must(t, cmd.Process.Signal(syscall.SIGTERM))
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 3 {
		t.Errorf("exit status %d after SIGTERM, want the program's 3", got)
	}
}
