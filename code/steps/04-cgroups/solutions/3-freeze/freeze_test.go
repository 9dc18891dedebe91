//go:build linux && vm

package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// counting starts a container in which a loop makes a file in the root longer, and returns how long that is.
func counting(t *testing.T) (r *running, length func() int64) {
	t.Helper()
	root := newRoot(t)
	r = start(t, "(while :; do echo; sleep 0.01; done) >/count &", root)
	length = func() int64 {
		info, err := os.Stat(root + "/count")
		if errors.Is(err, os.ErrNotExist) {
			return 0 // it has not begun
		}
		testkit.Must(t, err)
		return info.Size()
	}
	return r, length
}

// grows reports that a file has become longer.
func grows(t *testing.T, length func() int64) {
	t.Helper()
	before := length()
	testkit.Eventually(t, "the loop goes on", func() bool { return length() > before })
}

func TestPausedContainerStandsStillAndGoesOn(t *testing.T) {
	r, length := counting(t)
	pid := strconv.Itoa(r.Process.Pid)
	grows(t, length)
	for range 3 {
		if got := run(t, "pause", pid); got != (result{}) {
			t.Fatalf("pause: %+v", got)
		}
		if got := read(t, r.group, "cgroup.events"); !strings.Contains(got, "frozen 1") {
			t.Errorf("pause has ended before the group is frozen: %s", got)
		}
		before := length()
		time.Sleep(100 * time.Millisecond) // what is frozen stays so, however long that takes
		if after := length(); after != before {
			t.Errorf("while it is paused, the file goes from %d to %d", before, after)
		}
		if got := run(t, "unpause", pid); got != (result{}) {
			t.Fatalf("unpause: %+v", got)
		}
		grows(t, length)
	}
}

func TestSignalWaitsUntilTheEndOfThePause(t *testing.T) {
	r := start(t, "trap 'exit 3' TERM", newRoot(t))
	pid := strconv.Itoa(r.Process.Pid)
	run(t, "pause", pid)
	testkit.Must(t, r.Process.Signal(syscall.SIGTERM))
	run(t, "unpause", pid)
	if r.Wait(); r.ProcessState.ExitCode() != 3 {
		t.Errorf("exit status %d, want 3", r.ProcessState.ExitCode())
	}
}

func TestPausedContainerCanBeKilled(t *testing.T) {
	r, _ := counting(t)
	run(t, "pause", strconv.Itoa(r.Process.Pid))
	testkit.Must(t, write(r.group+"/cgroup.kill", "1"))
	if r.Wait(); r.ProcessState.ExitCode() != 128+9 {
		t.Errorf("exit status %d, want that of SIGKILL", r.ProcessState.ExitCode())
	}
	if _, err := os.Stat(r.group); !os.IsNotExist(err) {
		t.Errorf("the group is left (%v)", err)
	}
}

func TestOnlyAContainerCanBePaused(t *testing.T) {
	run(t, newRoot(t), "true") // makes the inner group
	other := exec.Command("sleep", "300")
	testkit.Must(t, other.Start())
	t.Cleanup(func() { other.Process.Kill(); other.Wait() })
	for _, command := range []string{"pause", "unpause"} {
		got := run(t, command, strconv.Itoa(other.Process.Pid))
		want := "3-freeze: find the container: open " + groupOf(other.Process.Pid) + "/cgroup.freeze: no such file or directory\n"
		if got.status != 125 || got.stderr != want {
			t.Errorf("%s: exit status %d, %q; want 125, %q", command, got.status, got.stderr, want)
		}
	}
}
