//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestProgramIsPID1(t *testing.T) {
	if got := inside(t, "echo $$"); got != "1" {
		t.Errorf("the program is PID %s inside, want 1", got)
	}
}

func TestProcShowsOnlyProcessesInside(t *testing.T) {
	// The shell expands the pattern itself, so that no other process is there to be listed.
	if got := inside(t, "cd /proc && echo [0-9]*"); got != "1" {
		t.Errorf("/proc inside lists %s, want 1 alone", got)
	}
}

func TestOutsideSeesTheProcessUnderAnotherPID(t *testing.T) {
	pid := startInside(t, program("sh", "-c", "echo ready; read line"))
	status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	testkit.Must(t, err)
	// NSpid lists the PIDs of a process in every PID namespace that it is in, the outermost first (proc(5)).
	if want := "NSpid:\t" + pid + "\t1\n"; !strings.Contains(string(status), want) {
		t.Errorf("/proc/%s/status has no line %q:\n%s", pid, want, status)
	}
}

func TestKillingTheParentEndsEverythingInside(t *testing.T) {
	testns.Require(t)
	sleeping := func(count int) func() bool {
		return func() bool {
			pids := processes(t, "cmdline", func(line string) bool { return line == "sleep\x0098765\x00" })
			return len(pids) == count
		}
	}
	cmd := program("sh", "-c", "sleep 98765 & wait")
	// Pdeathsig is an attribute of one thread, and execve(2) leaves the process with those of the thread that calls it.
	cmd.Env = append(cmd.Env, asProgram+"="+displaced)
	testkit.Must(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill() // has ended already where the test passed
		cmd.Wait()
	})
	testkit.Eventually(t, "sleep runs inside", sleeping(1))
	testkit.Must(t, cmd.Process.Kill())
	testkit.Eventually(t, "sleep is gone after the program was killed", sleeping(0))
}

// startInside starts the program with something that prints "ready", waits for that, and returns the PID under which
// outside sees the process inside. The test's end stops it.
func startInside(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	testns.Require(t)
	stdin, err := cmd.StdinPipe() // open until the test ends, so that read waits
	testkit.Must(t, err)
	stdout, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	t.Cleanup(func() {
		stdin.Close()
		cmd.Process.Kill() // has ended already where the test passed
		cmd.Wait()
	})
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "ready\n" {
		t.Fatalf("inside printed %q (%v), want ready", line, err)
	}
	parent := fmt.Sprintf("PPid:\t%d\n", cmd.Process.Pid)
	children := processes(t, "status", func(status string) bool { return strings.Contains(status, parent) })
	if len(children) != 1 {
		t.Fatalf("the program has children %v, want one", children)
	}
	return children[0]
}

// processes returns the PIDs of all processes whose file of the given name in /proc/PID reads as wanted.
func processes(t *testing.T, name string, wanted func(content string) bool) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/" + name)
	testkit.Must(t, err)
	var pids []string
	for _, file := range files {
		if content, err := os.ReadFile(file); err == nil && wanted(string(content)) {
			pids = append(pids, filepath.Base(filepath.Dir(file)))
		}
	}
	return pids
}
