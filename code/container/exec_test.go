//go:build linux

package container

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
)

func TestExecIsSeenInsideAndSharesEveryNamespace(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("echo ready; sleep 1000"))
	w.awaitOutput(state.ID, "ready")
	script := "echo $$; hostname; pwd; for n in cgroup ipc mnt net pid uts; do readlink /proc/self/ns/$n; done; ps"
	got := w.exec(state.ID, ExecOptions{Args: []string{"sh", "-c", script}}, "")
	if got.failure != nil || got.code != 0 {
		t.Fatalf("exec gives %+v", got)
	}
	lines := strings.Split(got.out, "\n")
	if lines[0] == "1" || lines[1] != state.ShortID() || lines[2] != "/" {
		t.Errorf("inside it looks like %q", got.out)
	}
	for index, kind := range []namespace.Kind{namespace.Cgroup, namespace.IPC, namespace.Mount, namespace.Network,
		namespace.PID, namespace.UTS} {
		id, err := namespace.Of(state.PID, kind)
		testkit.Must(t, err)
		if lines[3+index] != id.String() {
			t.Errorf("%v: the program is in %s, the container in %v", kind, lines[3+index], id)
		}
		outside, err := namespace.Of(os.Getpid(), kind)
		testkit.Must(t, err)
		if id == outside {
			t.Errorf("%v: the container is in the host's namespace, %v", kind, id)
		}
	}
	if !strings.Contains(got.out, "sleep 1000") || !strings.Contains(got.out, lines[0]+" root") {
		t.Errorf("ps inside shows %q", got.out)
	}
}

func TestExecLeaksNoDescriptor(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	got := w.exec(state.ID, ExecOptions{Args: []string{"sh", "-c", "cd /proc/self/fd && echo *"}}, "")
	if got.out != "0 1 2 3\n" { // 3 is the shell's own, of the directory
		t.Errorf("descriptors inside: %q, %v", got.out, got.failure)
	}
}

func TestExecLeavesTheRuntimeWhereItWas(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	for range 10 {
		w.exec(state.ID, ExecOptions{Args: []string{"true"}}, "")
	}
	tasks, err := filepath.Glob("/proc/self/task/*")
	testkit.Must(t, err)
	for _, task := range tasks {
		for _, kind := range []string{"mnt", "net", "uts", "pid"} {
			want, err := os.Readlink("/proc/self/ns/" + kind)
			testkit.Must(t, err)
			if got, err := os.Readlink(task + "/ns/" + kind); err == nil && got != want {
				t.Errorf("thread %s is in %s, not in %s", task, got, want)
			}
		}
	}
}

func TestExecExitCodesAreDockers(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"sh", "-c", "exit 9"}, 9},
		{[]string{"sh", "-c", "kill -9 $$"}, 128 + 9},
		{[]string{"no-such-program"}, 127},
		{[]string{"/etc/passwd"}, 126},
	} {
		if got := w.exec(state.ID, ExecOptions{Args: c.args}, ""); got.code != c.code {
			t.Errorf("%q: exit code %d, %v; want %d", c.args, got.code, got.failure, c.code)
		}
	}
	created := w.create(options("true"))
	if got := w.exec(created.ID, ExecOptions{Args: []string{"true"}}, ""); got.code != ExitFailed ||
		!strings.Contains(fmt.Sprint(got.failure), "is not running") {
		t.Errorf("exec in a created container gives %+v", got)
	}
}

func TestExecTakesUserDirectoryVariablesAndInput(t *testing.T) {
	testns.RequireUsers(t)
	w := newWorld(t)
	o := options("sleep 1000")
	o.Env = []string{"A=1", "B=2"}
	state := w.start(o)
	got := w.exec(state.ID, ExecOptions{
		Args: []string{"sh", "-c", "id -un; pwd; echo $A $B $HOME; cat"}, Env: []string{"B=3"},
		User: "lamb", WorkingDir: "/bin", Interactive: true,
	}, "baa\n")
	if got.out != "lamb\n/bin\n1 3 /home\nbaa\n" {
		t.Errorf("exec gives %+v", got)
	}
}

func TestEndOfTheContainerEndsExec(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("sleep 1000"))
	done := make(chan result)
	go func() { done <- w.exec(state.ID, ExecOptions{Args: []string{"sh", "-c", ">/started; sleep 1000"}}, "") }()
	merged := w.overlay(state.ID, state.Lower).Merged()
	until(t, "the program runs", func() bool { return exists(filepath.Join(merged, "started")) })
	testkit.Must(t, w.Stop(t.Context(), state.ID, 0))
	if got := <-done; got.code != 128+9 {
		t.Errorf("exec gives %+v", got)
	}
}

func TestChildThatEndsDuringSetUpIsExplainedByTheLimitOfProcesses(t *testing.T) {
	ends := func(script string) error {
		return fmt.Errorf("%w: %w", reexec.ErrEnded, exec.Command("sh", "-c", script).Run())
	}
	for _, c := range []struct {
		err       error
		limit     int
		explained bool
	}{
		{ends("exit 2"), 5, true},         // as Go's runtime does
		{ends("kill -6 $$"), 5, true},     // as it does with cgo
		{ends("kill -KILL $$"), 5, false}, // by somebody else, or for want of memory
		{ends("exit 2"), 0, false},
		{&reexec.SetupError{Message: "fork", Errno: syscall.EAGAIN}, 5, true},
		{&reexec.SetupError{Message: "fork", Errno: syscall.ENOENT}, 5, false},
	} {
		got := explainEntry(c.err, c.limit)
		if !errors.Is(got, c.err) || (got != c.err) != c.explained {
			t.Errorf("%v with a limit of %d becomes %v", c.err, c.limit, got)
		}
		if c.explained && !strings.Contains(got.Error(), "the container may have 5 processes") {
			t.Errorf("it says %v", got)
		}
	}
}
