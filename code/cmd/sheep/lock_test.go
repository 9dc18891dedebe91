//go:build linux && !vm

package main

import (
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// busy has a process take the lock on all containers, which gives it back when told to.
func busy(t *testing.T) (pid int, end func()) {
	t.Helper()
	dir := filepath.Join(os.Getenv("SHEEP_ROOT"), "containers")
	cmd := osexec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdVariable+"="+dir)
	in, err := cmd.StdinPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	end = func() {
		in.Close()
		cmd.Wait()
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		end()
	})
	testkit.Eventually(t, "it has the lock", func() bool { return durable.Holder(dir).PID == cmd.Process.Pid })
	return cmd.Process.Pid, end
}

func TestWaitingCommandNamesTheOneThatHoldsTheLock(t *testing.T) {
	u := newUserWithImage(t)
	_, end := busy(t)
	time.AfterFunc(7*time.Second, end)
	r := u.sheep("create", "--no-limits", "--name", "web", "busybox", "true")
	want := regexp.MustCompile(`^sheep: wait for .*/containers: process \d+ \(.*\) is at work on it\n$`)
	if !want.MatchString(r.err) || r.code != 0 {
		t.Errorf("create says %q and ends with %d", r.err, r.code)
	}
}

func TestSuspendedCommandHoldsUpNoOther(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "busybox", "sh", "-c", "echo hello; sleep 1000")
	u.ok("create", "--no-limits", "--name", "other", "busybox", "true")
	look := func() time.Duration {
		began := time.Now()
		for _, line := range [][]string{{"ps", "-aq"}, {"images"}, {"inspect", "web"}, {"logs", "web"},
			{"exec", "web", "true"}} {
			if r := u.sheep(line...); r.code != 0 || r.err != "" {
				t.Errorf("%q says %q and ends with %d", line, r.err, r.code)
			}
		}
		return time.Since(began)
	}
	before := look()
	pid, end := busy(t)
	testkit.Must(t, syscall.Kill(pid, syscall.SIGSTOP))
	if took := look(); took > before+3*time.Second { // each would wait for one
		t.Errorf("it took %v, and before %v", took, before)
	}
	u.sheep("rm", "other").check(t, "rm", "other\n", "", 0)
	u.sheep("create", "--no-limits", "busybox", "true").check(t, "create", "", fmt.Sprintf("(fg, or kill -CONT %d)",
		pid), 1)
	testkit.Must(t, syscall.Kill(pid, syscall.SIGCONT))
	end()
	u.ok("create", "--no-limits", "busybox", "true")
}
