//go:build linux

// The tests of this folder run the program for real, one file for each thing that it does. "Outside" is where the
// test runs, "inside" is where the program puts what it starts.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// asProgram, in the environment, makes the test binary behave as the program. It stays set for the program's second
// process, which is the same binary too.
const asProgram = "SHEEP_TEST_AS_PROGRAM"

// displaced is a value of asProgram for a program whose main goroutine has lost the first thread to another one, as
// may happen at any time unless it is bound to it.
const displaced = "displaced"

// listening is a value of asProgram for what a listener runs.
const listening = "listening"

func TestMain(m *testing.M) {
	if how := os.Getenv(asProgram); how != "" {
		switch how {
		case displaced:
			displace()
		case listening:
			listens(os.Args[1])
		}
		main()
	}
	testns.Main(m)
}

// displace gives the first thread to a goroutine that keeps it, unless the calling one is bound to it.
func displace() {
	taken := make(chan bool)
	for range 100 {
		go func() {
			runtime.LockOSThread()
			if syscall.Gettid() == os.Getpid() {
				taken <- true
				select {}
			}
			runtime.UnlockOSThread()
			taken <- false
		}()
		if <-taken {
			return
		}
	}
}

// program is a command that runs the program of this folder with the given arguments.
func program(arguments ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", arguments...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// result is how a run of the program ended.
type result struct {
	stdout, stderr string
	status         int
}

// run runs a command to its end.
func run(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %q: %v", cmd.Args, err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// require skips the test where the program cannot do its work.
func require(t *testing.T) {
	t.Helper()
	testns.Require(t)
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs the command ip (package iproute2) to make an interface")
	}
}

// inside runs a shell script inside and returns what it prints. The script must succeed.
func inside(t *testing.T, script string) string {
	t.Helper()
	require(t)
	got := run(t, program("sh", "-c", script))
	if got.status != 0 {
		t.Fatalf("inside, %q exits with %d: %s%s", script, got.status, got.stdout, got.stderr)
	}
	return strings.TrimSpace(got.stdout)
}

// start starts the program with something that prints "ready", and waits for that. It returns the PID of the second
// process, and the rest of what is printed. The test's end stops all.
func start(t *testing.T, cmd *exec.Cmd) (second int, rest *bufio.Reader) {
	t.Helper()
	require(t)
	stdout, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill() // has ended already where the test passed
		cmd.Wait()
	})
	rest = bufio.NewReader(stdout)
	if line, err := rest.ReadString('\n'); line != "ready\n" {
		t.Fatalf("inside printed %q (%v), want ready", line, err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", cmd.Process.Pid))
	testkit.Must(t, err)
	second, err = strconv.Atoi(strings.TrimSpace(string(children)))
	testkit.Must(t, err)
	return second, rest
}

// running reports whether a process runs that was started with this command line, its words parted by spaces.
func running(t *testing.T, commandLine string) bool {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	testkit.Must(t, err)
	return slices.ContainsFunc(files, func(file string) bool {
		content, err := os.ReadFile(file)
		return err == nil && strings.ReplaceAll(string(content), "\x00", " ") == commandLine+" "
	})
}
