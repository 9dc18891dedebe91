//go:build linux && !vm

package main

import (
	"bufio"
	"fmt"
	"io"
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
	cmd := u.command("create", "--no-limits", "--name", "web", "busybox", "true")
	complaint, err := cmd.StderrPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	defer time.AfterFunc(time.Minute, end).Stop() // if it says nothing
	said := bufio.NewReader(complaint)
	line, _ := said.ReadString('\n')
	end()
	rest, err := io.ReadAll(said)
	testkit.Must(t, err)
	want := regexp.MustCompile(`^sheep: wait for .*/containers: process \d+ \(.*\) is at work on it\n$`)
	if err := cmd.Wait(); !want.MatchString(line) || len(rest) > 0 || err != nil {
		t.Errorf("create says %q, then %q, and ends with %v", line, rest, err)
	}
}

func TestSuspendedCommandHoldsUpNoOther(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "busybox", "sh", "-c", "echo hello; sleep 1000")
	u.ok("create", "--no-limits", "--name", "other", "busybox", "true")
	look := func() time.Duration {
		t.Helper()
		began := time.Now()
		for _, line := range [][]string{{"ps", "-aq"}, {"images"}, {"inspect", "web"}, {"logs", "web"},
			{"exec", "web", "true"}} {
			if r := u.sheep(line...); r.code != 0 || r.err != "" {
				t.Errorf("%q says %q and ends with %d", line, r.err, r.code)
			}
		}
		return time.Since(began)
	}
	pid, end := busy(t)
	testkit.Must(t, syscall.Kill(pid, syscall.SIGSTOP))
	testkit.Eventually(t, "five commands together take less than the second that each would wait", func() bool {
		return look() < 5*time.Second
	})
	u.sheep("rm", "other").check(t, "rm", "other\n", "", 0)
	u.sheep("create", "--no-limits", "busybox", "true").check(t, "create", "", fmt.Sprintf("(fg, or kill -CONT %d)",
		pid), 1)
	testkit.Must(t, syscall.Kill(pid, syscall.SIGCONT))
	end()
	u.ok("create", "--no-limits", "busybox", "true")
}
