//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// asProgram, in the environment, makes the test binary behave as the program. It stays set for the program's second
// process, which is the same binary too.
const asProgram = "SHEEP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	testns.Main(m)
}

// run runs a program of this folder, whose file is given, to its end, and returns what it prints and its exit status.
func run(t *testing.T, file string, arguments ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.Command(file, arguments...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %q: %v", cmd.Args, err)
	}
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

// container starts a container that is not the program's, with a PID namespace of its own, and returns the PID of its
// PID 1. The test's end stops it.
func container(t *testing.T) string {
	t.Helper()
	testns.Require(t)
	for _, name := range []string{"ip", "unshare", "nsenter"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("needs the command %s", name)
		}
	}
	cmd := exec.Command("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", "echo ready; exec sleep 4321")
	stdout, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	return children(t, cmd.Process.Pid)[0]
}

// children returns the PIDs of the children of a process, as outside sees them.
func children(t *testing.T, pid int) []string {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	testkit.Must(t, err)
	var all []string
	for _, file := range files {
		content, _ := os.ReadFile(file)
		all = append(all, strings.Fields(string(content))...)
	}
	return all
}

// attack has a process in a container open the file that the second process runs from, through /proc/PID/exe, keep it
// until all processes that run from it have ended, and write to it then (CVE-2019-5736). It returns how that failed; nil
// if it did not. file is a copy of the program, from which the first process runs.
func attack(t *testing.T, file string) error {
	t.Helper()
	pid := container(t)
	cmd := exec.Command(file, "-into", pid, "sh", "-c", "echo ready; read line")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	stdin, err := cmd.StdinPipe()
	testkit.Must(t, err)
	stdout, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	// As the container sees it: the last of the numbers is that of the innermost namespace (proc(5), NSpid).
	status, err := os.ReadFile("/proc/" + children(t, cmd.Process.Pid)[0] + "/status")
	testkit.Must(t, err)
	_, numbers, _ := strings.Cut(string(status), "NSpid:")
	numbers, _, _ = strings.Cut(numbers, "\n")
	inside := strings.Fields(numbers)
	if len(inside) != 2 {
		t.Fatalf("the second process has the PIDs %v, want two", inside)
	}
	attacker := exec.Command("nsenter", "--target", pid, "--pid", "--mount", "bash", "-c", `
		exec 9</proc/`+inside[1]+`/exe && echo opened && read line
		printf '#!/bin/sh\necho wolf\n' >/proc/self/fd/9`)
	var said bytes.Buffer
	attacker.Stderr = &said
	write, err := attacker.StdinPipe()
	testkit.Must(t, err)
	opened, err := attacker.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, attacker.Start())
	if _, err := io.ReadFull(opened, make([]byte, len("opened\n"))); err != nil {
		t.Fatalf("%v: %s", err, said.String())
	}
	stdin.Close() // the program ends, and the two processes with it
	cmd.Wait()
	write.Close()
	if err := attacker.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, said.String())
	}
	return nil
}

// copyOfProgram copies the test binary to a file that may be lost.
func copyOfProgram(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("/proc/self/exe")
	testkit.Must(t, err)
	file := filepath.Join(t.TempDir(), "program")
	testkit.Must(t, os.WriteFile(file, content, 0o755))
	return file
}

func TestProgramIsInThePIDNamespaceOfTheOther(t *testing.T) {
	pid := container(t)
	stdout, stderr, status := run(t, "/proc/self/exe", "-into", pid, "sh", "-c",
		"readlink /proc/self/ns/pid; cat /proc/1/cmdline; ulimit -t; hostname; test -e /proc/sys/net/ipv4/conf/eth0; exit 42")
	namespace, err := os.Readlink("/proc/" + pid + "/ns/pid")
	testkit.Must(t, err)
	if want := namespace + "\nsleep\x004321\x0060\nsheep\n"; stdout != want || stderr != "" || status != 42 {
		t.Errorf("exit status %d, %q, %s; want 42, %q", status, stdout, stderr, want)
	}
}

func TestWithoutTheOptionTheProgramHasAPIDNamespaceOfItsOwn(t *testing.T) {
	container(t)
	if stdout, stderr, status := run(t, "/proc/self/exe", "sh", "-c", "echo $PPID; exit 42"); stdout != "1\n" || status != 42 {
		t.Errorf("exit status %d, %q, %s; want 42, and PID 1 as parent", status, stdout, stderr)
	}
}

func TestUnknownProcessIsAnError(t *testing.T) {
	testns.Require(t)
	_, stderr, status := run(t, "/proc/self/exe", "-into", "99999999", "true")
	if want := "join the PID namespace of 99999999: open /proc/99999999/ns/pid: no such file or directory\n"; status != 125 ||
		!strings.HasSuffix(stderr, want) {
		t.Errorf("exit status %d, %q; want 125, %q", status, stderr, want)
	}
}

// Where the second process is not PID 1, the kernel does not end the program with it.
func TestKillingTheFirstProcessEndsWhatEntered(t *testing.T) {
	pid := container(t)
	cmd := exec.Command("/proc/self/exe", "-into", pid, "sh", "-c", "echo ready; exec sleep 87658")
	cmd.Env = append(os.Environ(), asProgram+"=1")
	stdout, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	if _, err := io.ReadFull(stdout, make([]byte, len("ready\n"))); err != nil {
		t.Fatal(err)
	}
	testkit.Must(t, cmd.Process.Kill())
	// Whoever holds the other end of the pipe: the second process and the program.
	ended := make(chan error, 1)
	go func() { _, err := io.ReadAll(stdout); ended <- err }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("something lives on after the first process was killed")
		exec.Command("sh", "-c", "kill -KILL $(pgrep -f 'sleep 87658')").Run()
	}
	cmd.Wait()
}

func TestCVE20195736ContainerCannotOverwriteTheProgram(t *testing.T) {
	file := copyOfProgram(t)
	before, err := os.ReadFile(file)
	testkit.Must(t, err)
	if err := attack(t, file); err == nil || !strings.Contains(err.Error(), "Operation not permitted") {
		t.Errorf("the attack ends with %v, want: Operation not permitted", err)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the program's file has changed (%v)", err)
	}
	if stdout, stderr, status := run(t, file, "echo", "sheep"); stdout != "sheep\n" || status != 0 {
		t.Errorf("exit status %d, %q, %s after the attack; want 0, sheep", status, stdout, stderr)
	}
}

// Each seal forbids something else, and the last one that they are taken off (fcntl(2), "File Sealing").
func TestEachWayToChangeTheCopyIsForbidden(t *testing.T) {
	copied, err := sealed()
	testkit.Must(t, err)
	defer copied.Close()
	info, err := copied.Stat()
	testkit.Must(t, err)
	_, writing := copied.WriteAt([]byte("wolf"), 0)
	for what, err := range map[string]error{
		"write":  writing,
		"shrink": copied.Truncate(info.Size() - 1),
		"grow":   copied.Truncate(info.Size() + 1),
	} {
		if !errors.Is(err, syscall.EPERM) {
			t.Errorf("%s: %v, want %v", what, err, syscall.EPERM)
		}
	}
	if _, err := unix.FcntlInt(copied.Fd(), unix.F_ADD_SEALS, unix.F_SEAL_FUTURE_WRITE); err != syscall.EPERM {
		t.Errorf("add a seal: %v, want %v", err, syscall.EPERM)
	}
}

func TestNothingIsLeftOpenInTheSecondProcess(t *testing.T) {
	container(t)
	// PID 1 closes what it reports errors through a moment after the program has begun.
	stdout, stderr, _ := run(t, "/proc/self/exe", "sh", "-c", `cd /proc/1/fd
		for i in $(seq 200); do set -- *; [ $# -gt 3 ] || break; sleep 0.1; done; echo *`)
	if stdout != "0 1 2\n" {
		t.Errorf("descriptors of PID 1: %s%s", stdout, stderr)
	}
}
