//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// listener is a command that runs the program of this folder with a program that prints each signal that it gets, and
// exits with 3 at the last one. It is not a shell: one may end, spin or forget to print when a signal comes while it
// starts what it waits for.
func listener(t *testing.T, last string) *exec.Cmd {
	executable, err := os.Executable()
	testkit.Must(t, err)
	return program("env", asProgram+"="+listening, executable, last)
}

// listens is the program of a listener.
func listens(last string) {
	signals := make(chan os.Signal, 64)
	for s := syscall.Signal(1); s <= 64; s++ {
		if s != syscall.SIGURG { // the runtime's own
			signal.Notify(signals, s)
		}
	}
	fmt.Println("ready")
	for s := range signals {
		name := strings.TrimPrefix(unix.SignalName(s.(syscall.Signal)), "SIG")
		fmt.Println(name)
		if name == last {
			os.Exit(3)
		}
	}
}

func TestProgramIsAChildOfPID1(t *testing.T) {
	if got := inside(t, "echo $PPID"); got != "1" {
		t.Errorf("the program's parent is PID %s inside, want 1", got)
	}
}

func TestOrphansAreReaped(t *testing.T) {
	inside(t, `for i in 1 2 3 4 5; do (sleep 0.1 &); done
		for i in $(seq 200); do set -- /proc/[0-9]*; [ $# -gt 2 ] || exit 0; sleep 0.1; done
		echo "more processes than PID 1 and its child:"; cat /proc/[0-9]*/stat; exit 1`)
}

func TestProgramsEndIsThatOfAll(t *testing.T) {
	inside(t, "sleep 87654 & exit 0")
	testkit.Eventually(t, "what the program left behind has ended", func() bool { return !running(t, "sleep 87654") })
}

func TestStatusIsTheProgramsOrAsAShellReportsASignal(t *testing.T) {
	require(t)
	for script, want := range map[string]int{
		"exit 0": 0, "exit 42": 42, "exit 255": 255, "kill -KILL $$": 128 + 9, "kill -TERM $$": 128 + 15,
	} {
		if got := run(t, program("sh", "-c", script)); got.status != want {
			t.Errorf("%q inside: exit status %d, want %d (%s)", script, got.status, want, got.stderr)
		}
	}
}

func TestSignalsToEitherHalfReachTheProgram(t *testing.T) {
	for _, half := range []string{"first", "second"} {
		for _, signal := range []syscall.Signal{
			syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGTERM, syscall.SIGWINCH,
		} {
			name := strings.TrimPrefix(unix.SignalName(signal), "SIG")
			t.Run(half+" "+name, func(t *testing.T) {
				cmd := listener(t, name)
				second, rest := start(t, cmd)
				if half == "first" {
					testkit.Must(t, cmd.Process.Signal(signal))
				} else {
					testkit.Must(t, syscall.Kill(second, signal))
				}
				if line, err := rest.ReadString('\n'); line != name+"\n" {
					t.Errorf("the program printed %q (%v) when it got the signal", line, err)
				}
				cmd.Wait()
				if got := cmd.ProcessState.ExitCode(); got != 3 {
					t.Errorf("exit status %d, want the program's 3", got)
				}
			})
		}
	}
}

func TestSecondProcessKilledIsReported(t *testing.T) {
	cmd := program("sh", "-c", "echo ready; exec sleep 87655")
	second, _ := start(t, cmd)
	testkit.Must(t, syscall.Kill(second, syscall.SIGKILL))
	cmd.Wait()
	if got, want := cmd.ProcessState.ExitCode(), 128+int(syscall.SIGKILL); got != want {
		t.Errorf("exit status %d, want %d", got, want)
	}
	testkit.Eventually(t, "the program has ended", func() bool { return !running(t, "sleep 87655") })
}

func TestKillingTheFirstProcessEndsAll(t *testing.T) {
	cmd := program("sh", "-c", "echo ready; sleep 87656 & wait")
	// Pdeathsig is an attribute of one thread, and execve(2) leaves the process with those of the thread that calls it.
	cmd.Env = append(cmd.Env, asProgram+"="+displaced)
	start(t, cmd)
	testkit.Eventually(t, "sleep runs", func() bool { return running(t, "sleep 87656") })
	testkit.Must(t, cmd.Process.Kill())
	testkit.Eventually(t, "sleep has ended", func() bool { return !running(t, "sleep 87656") })
}

// While the first process does its half it may be killed. The second one has no configuration then, and ends.
func TestFirstProcessKilledDuringItsHalfRunsNothing(t *testing.T) {
	require(t)
	folder := t.TempDir()
	script := "#!/bin/sh\nkill -KILL $PPID\n"
	testkit.Must(t, os.WriteFile(filepath.Join(folder, "ip"), []byte(script), 0o755))
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	ran := filepath.Join(folder, "ran")
	got := run(t, program("touch", ran)) // until all have closed its output
	if got.status != -1 || got.stderr != "" {
		t.Errorf("exit status %d, want a death by signal, and %q", got.status, got.stderr)
	}
	if _, err := os.Stat(ran); !os.IsNotExist(err) {
		t.Errorf("the program has run (stat: %v)", err)
	}
}

// A program that the terminal signals must not get the same from the processes above it.
func TestCtrlCReachesTheProgramOnce(t *testing.T) {
	require(t)
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	testkit.Must(t, err)
	defer ptmx.Close()
	testkit.Must(t, unix.IoctlSetPointerInt(int(ptmx.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	testkit.Must(t, err)
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	testkit.Must(t, err)
	defer terminal.Close()

	cmd := listener(t, "TERM")
	cmd.Stdin = terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	_, rest := start(t, cmd)
	for range 3 {
		_, err = ptmx.Write([]byte{3})
		testkit.Must(t, err)
		if line, err := rest.ReadString('\n'); line != "INT\n" {
			t.Errorf("after Ctrl-C, the program printed %q (%v)", line, err)
		}
	}
	testkit.Must(t, cmd.Process.Signal(syscall.SIGTERM))
	if line, err := rest.ReadString('\n'); line != "TERM\n" {
		t.Errorf("after three times Ctrl-C and a SIGTERM, the program printed %q (%v)", line, err)
	}
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 3 {
		t.Errorf("exit status %d, want the program's 3", got)
	}
}

// Ctrl-Z has to stop the process that the shell waits for; PID 1 it cannot stop.
func TestStopFromTheTerminalStopsTheFirstProcess(t *testing.T) {
	cmd := program("sh", "-c", "echo ready; exec sleep 87657")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as a shell does; an orphaned group cannot be stopped
	start(t, cmd)
	testkit.Must(t, cmd.Process.Signal(syscall.SIGTSTP))
	stat := func() string {
		content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		_, state, _ := strings.Cut(string(content), ") ")
		return state
	}
	testkit.Eventually(t, "the first process is stopped", func() bool { return strings.HasPrefix(stat(), "T") })
	testkit.Must(t, exec.Command("kill", "-CONT", fmt.Sprint(cmd.Process.Pid)).Run())
	testkit.Eventually(t, "it goes on", func() bool { return strings.HasPrefix(stat(), "S") })
}
