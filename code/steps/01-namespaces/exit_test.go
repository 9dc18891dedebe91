//go:build linux

package main

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestExitStatusIsPassedOn(t *testing.T) {
	testns.Require(t)
	for _, script := range []struct {
		text   string
		status int
	}{{"exit 0", 0}, {"exit 1", 1}, {"exit 42", 42}, {"exit 255", 255}} {
		if got := run(t, program("sh", "-c", script.text)); got.status != script.status {
			t.Errorf("%q inside: exit status %d, want %d (%s)", script.text, got.status, script.status, got.stderr)
		}
	}
}

func TestDeathBySignalIsPassedOnAsAShellDoes(t *testing.T) {
	cmd := program("sh", "-c", "echo ready; read line")
	pid := startInside(t, cmd)
	// From inside, PID 1 is out of reach of signals that it does not handle; from outside, SIGKILL gets through.
	testkit.Must(t, exec.Command("kill", "-KILL", pid).Run())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
		if got, want := cmd.ProcessState.ExitCode(), 128+int(syscall.SIGKILL); got != want {
			t.Errorf("exit status %d after SIGKILL, want %d", got, want)
		}
	case <-time.After(time.Minute):
		t.Error("the program still waits after what it started was killed")
	}
}

func TestArgumentsEnvironmentAndInputArrive(t *testing.T) {
	testns.Require(t)
	cmd := program("sh", "-c", `cat; echo "$0|$1|$WOOL"`, "a b", "inside")
	cmd.Env = append(cmd.Env, "WOOL=white")
	cmd.Stdin = strings.NewReader("from stdin\n")
	if got, want := run(t, cmd).stdout, "from stdin\na b|inside|white\n"; got != want {
		t.Errorf("inside printed %q, want %q", got, want)
	}
}

func TestErrorsSayWhatWasBeingDone(t *testing.T) {
	testns.Require(t)
	for _, c := range []struct {
		name      string
		arguments []string
		want      string
	}{
		{"no program", nil, "01-namespaces: usage: 01-namespaces PROGRAM [ARGUMENT...]\n"},
		{"unknown program", []string{"no-such-program"}, `find the program: exec: "no-such-program": executable file not found`},
		{"a directory", []string{"/"}, `find the program: exec: "/": is a directory`},
	} {
		got := run(t, program(c.arguments...))
		if got.status != 125 || !strings.Contains(got.stderr, c.want) {
			t.Errorf("%s: exit status %d, %q; want 125 and %q", c.name, got.status, got.stderr, c.want)
		}
	}
}

func TestWithoutRightsNothingIsStarted(t *testing.T) {
	const nobody = 65534
	if ids, err := os.ReadFile("/proc/self/uid_map"); err != nil || strings.HasSuffix(string(ids), " 1\n") || os.Geteuid() != 0 {
		t.Skip("needs root, outside of a user namespace, to become a user without rights")
	}
	cmd := program("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	got := run(t, cmd)
	if want := "create the namespaces: fork/exec /proc/self/exe: operation not permitted"; got.status != 125 ||
		!strings.Contains(got.stderr, want) {
		t.Errorf("exit status %d, %q; want 125 and %q", got.status, got.stderr, want)
	}
}

func TestProgramIsAtMostFiftyLines(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if os.IsNotExist(err) {
		t.Skip("needs the source beside the test")
	}
	testkit.Must(t, err)
	if lines := strings.Count(string(source), "\n"); lines > 50 {
		t.Errorf("main.go has %d lines; the chapter promises at most 50", lines)
	}
}
