//go:build linux

// The tests of this folder run the program for real, one file for each thing that it isolates. "Outside" is where the
// test runs, "inside" is where the program puts what it starts.
package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// asProgram, in the environment, makes the test binary behave as the program. It stays set for the program's second
// process, which is the same binary too.
const asProgram = "SHEEP_TEST_AS_PROGRAM"

// displaced is a value of asProgram for a program whose main goroutine has lost the first thread to another one, as
// may happen at any time unless it is bound to it.
const displaced = "displaced"

// probes are what the test binary can do when the program runs it with the arguments "probe NAME".
var probes = map[string]func() (string, error){}

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "probe" {
		os.Exit(runProbe(os.Args[2]))
	}
	if how := os.Getenv(asProgram); how != "" {
		if how == displaced {
			displace()
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

// inside runs a shell script inside and returns what it prints. The script must succeed.
func inside(t *testing.T, script string) string {
	t.Helper()
	testns.Require(t)
	got := run(t, program("sh", "-c", script))
	if got.status != 0 {
		t.Fatalf("inside, %q exits with %d: %s", script, got.status, got.stderr)
	}
	return strings.TrimSpace(got.stdout)
}

// probe runs a probe inside and returns what it finds.
func probe(t *testing.T, name string) string {
	t.Helper()
	testns.Require(t)
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, program(binary, "probe", name))
	if got.status != 0 {
		t.Fatalf("inside, probe %s exits with %d: %s", name, got.status, got.stderr)
	}
	return strings.TrimSpace(got.stdout)
}

// runProbe is the other end of probe, in the process that the program started.
func runProbe(name string) int {
	found, err := probes[name]()
	if err != nil {
		os.Stderr.WriteString(err.Error())
		return 1
	}
	os.Stdout.WriteString(found)
	return 0
}
