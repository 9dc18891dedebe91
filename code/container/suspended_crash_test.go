//go:build crashtest && linux

// A command is suspended at a point where it holds locks, as by Ctrl-Z, and others do their work in the meantime, or
// say why they do not. Run it with: go test -tags crashtest ./container

package container

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestOtherCommandsDoNotWaitForASuspendedOne(t *testing.T) {
	for _, c := range []struct {
		before, verb, point string
		all                 bool // it has the lock on all containers, not only on its own
	}{
		{"", "create", createDirectory, true},
		{"", "create", createSaved, true},
		{"", "create-and-run", createSaved, true},
		{"", "create-and-run", startLease, false},
		{"", "create-and-run", startProceeded, false},
		{"create", "run", startActive, false},
		{"create", "run", startSaved, false},
		{"create", "rm", removeOverlay, false},
	} {
		if c.point == startLease && !noLimits() {
			continue // where containers have limits, these have no network
		}
		t.Run(c.verb+"/"+strings.ReplaceAll(c.point, "/", "-"), func(t *testing.T) {
			t.Setenv(scriptVariable, "true")
			w := newWorld(t)
			other := w.create(options("true"))
			if c.before != "" {
				w.must(c.before)
			}
			pid, resume := w.suspended(c.verb, c.point)
			who := fmt.Sprintf("kill -CONT %d", pid)

			if output, err := w.command("ps", ""); err != nil || output != "" {
				t.Errorf("ps says %s, %v", output, err)
			}
			look := func() {
				if repaired := w.reopen(); len(repaired) > 0 {
					t.Errorf("repaired: %q", repaired)
				}
				_, err := w.List()
				testkit.Must(t, err)
			}
			if took := quickest(look); took >= suspendedPatience {
				t.Errorf("a look took %v", took)
			}
			// Before create has written the state, and after rm has removed it, there is no container.
			if c.verb != "create" && c.verb != "rm" {
				output, err := w.command("rm", "")
				if err == nil || !strings.Contains(output, who) || !strings.Contains(output, "lock container victim") {
					t.Errorf("rm says %s, %v", output, err)
				}
			}
			o := options("true")
			o.Name = "third"
			third, err := w.Create(t.Context(), o)
			switch {
			case c.all && (err == nil || !strings.Contains(err.Error(), who)):
				t.Errorf("create says %v", err)
			case !c.all && err != nil:
				t.Errorf("create says %v", err)
			case !c.all:
				testkit.Must(t, w.Remove(t.Context(), third.ID, true))
			}
			testkit.Must(t, w.Remove(t.Context(), other.ID, true))

			if err := resume(); err != nil {
				t.Errorf("resumed, %s ends with %v", c.verb, err)
			}
			w.consistent()
			if c.verb != "rm" {
				w.must("rm")
			}
			if traces := w.traces(); traces != "" {
				t.Errorf("there is left:\n%s", traces)
			}
		})
	}
}

// suspended runs a command in a process of its own up to a point. resume lets it go on, and waits for its end.
func (w world) suspended(verb, at string) (pid int, resume func() error) {
	w.t.Helper()
	cmd := exec.Command("/proc/self/exe", "command", w.root, verb)
	cmd.Env = append(os.Environ(), crash.StopVariable+"="+at)
	cmd.Stderr = os.Stderr
	testkit.Must(w.t, cmd.Start())
	pid = cmd.Process.Pid
	w.t.Cleanup(func() { // before the world is removed
		syscall.Kill(pid, syscall.SIGKILL)
		cmd.Wait()
	})
	var status syscall.WaitStatus
	_, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil)
	if err != nil || !status.Stopped() {
		w.t.Fatalf("%s is not stopped at %s: %v, %v", verb, at, status, err)
	}
	return pid, func() error {
		testkit.Must(w.t, syscall.Kill(pid, syscall.SIGCONT))
		return cmd.Wait()
	}
}
