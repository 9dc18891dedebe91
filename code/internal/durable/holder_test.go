//go:build linux

package durable

import (
	"bufio"
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

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// As "hold FILE", the test binary locks a file and tells so.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "hold" {
		held, err := LockFile(os.Args[2])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println("locked")
		io.Copy(io.Discard, os.Stdin)
		held.Close()
		return
	}
	os.Exit(m.Run())
}

// hold has another process lock a file until its input ends.
func hold(t *testing.T, name string) (pid int, end func()) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "hold", name)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	testkit.Must(t, err)
	out, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("it says %q, %v", line, err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd.Process.Pid, func() { in.Close() }
}

func TestHolderOfALockIsNamed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	if holder := Holder(name); holder.PID != 0 {
		t.Errorf("before: %+v", holder)
	}
	pid, end := hold(t, name)
	if holder := Holder(name); holder.PID != pid || !strings.HasSuffix(holder.Command, "…") &&
		!strings.Contains(holder.Command, "hold ") ||
		holder.Suspended {
		t.Errorf("the holder is %+v, not %d", holder, pid)
	}
	testkit.Must(t, syscall.Kill(pid, syscall.SIGSTOP))
	testkit.Eventually(t, "the holder is seen as suspended", func() bool { return Holder(name).Suspended })
	testkit.Must(t, syscall.Kill(pid, syscall.SIGCONT))
	end()
	testkit.Eventually(t, "the lock has no holder", func() bool { return Holder(name).PID == 0 })
}

func TestSuspendedHolderIsNotWaitedFor(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	pid, _ := hold(t, name)
	testkit.Must(t, syscall.Kill(pid, syscall.SIGSTOP))
	before := descriptors(t)
	_, err := LockFile(name)
	var held *HeldError
	if !errors.As(err, &held) || held.PID != pid || !errors.Is(err, ErrLocked) ||
		!strings.Contains(err.Error(), fmt.Sprintf("kill -CONT %d", pid)) {
		t.Fatalf("the error is %v", err)
	}
	// The one that gave up is in nobody's way later.
	testkit.Must(t, syscall.Kill(pid, syscall.SIGKILL))
	file, err := LockFile(name)
	testkit.Must(t, err)
	file.Close()
	testkit.Eventually(t, "the descriptors are closed", func() bool { return descriptors(t) == before })
}

// descriptors is how many files are open.
func descriptors(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	testkit.Must(t, err)
	return len(entries)
}

func TestSlowHolderIsNamedAndWaitedFor(t *testing.T) {
	told, first := make(chan error, 10), make(chan struct{}, 10)
	Slow = func(err error) { told <- err; first <- struct{}{} }
	defer func() { Slow = nil }()
	name := filepath.Join(t.TempDir(), "lock")
	pid, end := hold(t, name)
	go func() {
		<-first
		time.Sleep(2 * suspendedPatience) // it looks again, and has said so already
		end()
	}()
	file, err := LockFile(name)
	testkit.Must(t, err)
	file.Close()
	if len(told) != 1 {
		t.Fatalf("told %d times", len(told))
	}
	if text := (<-told).Error(); !strings.Contains(text, name) || !strings.Contains(text, fmt.Sprint("process ", pid)) {
		t.Errorf("told: %s", text)
	}
}

func TestSomeWaitForASuspendedHolderToo(t *testing.T) {
	dir := t.TempDir()
	pid, end := hold(t, filepath.Join(dir, "lock"))
	testkit.Must(t, syscall.Kill(pid, syscall.SIGSTOP))
	end()
	waited := make(chan error)
	go func() {
		file, err := os.Open(filepath.Join(dir, "lock"))
		if file, err = locked(file, err, fromAnybody); err == nil {
			file.Close()
		}
		waited <- err
	}()
	select {
	case err := <-waited:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(suspendedPatience + time.Second):
	}
	testkit.Must(t, syscall.Kill(pid, syscall.SIGCONT))
	testkit.Must(t, <-waited)
}
