//go:build linux

package main

import (
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// suspended is a container called web whose run in the foreground is suspended, as by Ctrl-Z.
func (u user) suspended(flags ...string) *osexec.Cmd {
	u.t.Helper()
	cmd := u.command(append(append([]string{"run", "--no-limits", "--name", "web"}, flags...), "busybox", "sleep",
		"1000")...)
	testkit.Must(u.t, cmd.Start())
	u.t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	testkit.Eventually(u.t, "it runs", func() bool { return u.sheep("exec", "web", "true").code == 0 })
	all, err := filepath.Glob(filepath.Join(os.Getenv("SHEEP_ROOT"), "containers/*"))
	testkit.Must(u.t, err)
	// It does while the command that has started it still has the lock, which it would keep.
	testkit.Eventually(u.t, "its start is over", func() bool { return !slices.ContainsFunc(all, durable.Held) })
	testkit.Must(u.t, cmd.Process.Signal(syscall.SIGSTOP))
	return cmd
}

// resumed lets it go on, and expects an exit code.
func resumed(t *testing.T, cmd *osexec.Cmd, code int) {
	t.Helper()
	testkit.Must(t, cmd.Process.Signal(syscall.SIGCONT))
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("resumed, run ends with %d, want %d", got, code)
	}
}

func TestContainerOfASuspendedRunCanBeRemoved(t *testing.T) {
	u := newUserWithImage(t)
	for _, flags := range [][]string{nil, {"--rm"}} {
		run := u.suspended(flags...)
		u.sheep("rm", "-f", "web").check(t, "rm -f", "web\n", "", 0)
		if left := u.ok("ps", "-aq"); left != "" {
			t.Errorf("there is left %q", left)
		}
		u.detached("--name", "web", "busybox", "sleep", "1000") // all that it had is free
		resumed(t, run, 128+9)
		u.sheep("exec", "web", "echo", "baa").check(t, "exec in the next one", "baa\n", "", 0)
		u.ok("rm", "-f", "web")
	}
}

func TestContainerOfASuspendedRunIsStopped(t *testing.T) {
	u := newUserWithImage(t)
	run := u.suspended()
	note := fmt.Sprintf("sheep: container web has ended, but its exit code is not noted down: process %d ",
		run.Process.Pid)
	for range 2 { // the second time it has ended already
		u.sheep("stop", "-t0", "web").check(t, "stop", "web\n", note, 0)
	}
	if ps := u.ok("ps"); !strings.Contains(ps, "Ended (see inspect)") || strings.Contains(ps, " Up ") {
		t.Errorf("ps prints\n%s", ps)
	}
	u.sheep("rm", "web").check(t, "rm", "", note, 1)
	resumed(t, run, 128+9)
	if ps := u.ok("ps", "-a"); !strings.Contains(ps, "Exited (137)") {
		t.Errorf("resumed, ps prints\n%s", ps)
	}
	u.sheep("rm", "web").check(t, "rm", "web\n", "", 0)
}

func TestEndedContainerOfASuspendedRunCanBeRemoved(t *testing.T) {
	u := newUserWithImage(t)
	run := u.suspended()
	u.sheep("stop", "-t0", "web")
	u.sheep("rm", "-f", "web").check(t, "rm -f", "web\n", "", 0)
	resumed(t, run, 128+9)
}

func TestSuspendedRunDoesNotEndTheNext(t *testing.T) {
	u := newUserWithImage(t)
	run := u.suspended()
	u.sheep("stop", "-t0", "web")
	u.ok("start", "web")
	resumed(t, run, 128+9)
	if ps := u.ok("ps"); !strings.Contains(ps, " Up ") {
		t.Errorf("ps prints\n%s", ps)
	}
	u.sheep("exec", "web", "echo", "baa").check(t, "exec", "baa\n", "", 0)
}
