//go:build linux

package reexec

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

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// hold is what a copy of this test binary does, as a runtime that nobody else runs: it starts a child, tells its PID,
// and ends when its input does.
func hold() {
	child, err := Start(&syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUTS}, nil, nil, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(child.PID())
	io.Copy(io.Discard, os.Stdin)
	child.Abandon()
}

// CVE-2019-5736: a container opens the runtime's binary through /proc/PID/exe, waits until it is no longer running, and
// overwrites it.
func TestCVE20195736BinaryCannotBeOverwritten(t *testing.T) {
	testns.Require(t)
	content, err := os.ReadFile("/proc/self/exe")
	testkit.Must(t, err)
	program := filepath.Join(t.TempDir(), "runtime")
	testkit.Must(t, os.WriteFile(program, content, 0o755))
	runtime := exec.Command(program, "hold")
	runtime.Stderr = os.Stderr
	input, err := runtime.StdinPipe()
	testkit.Must(t, err)
	output, err := runtime.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, runtime.Start())
	var pid int
	_, err = fmt.Fscanln(output, &pid)
	testkit.Must(t, err)
	// Until its execve(2) is done the child is a copy of the runtime, and nothing of a container's runs in it yet. On a
	// slow machine that can still be seen here.
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		cmdline, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		testkit.Must(t, err)
		if strings.HasSuffix(string(cmdline), "\x00"+Argument+"\x00") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the child runs %q", cmdline)
		}
	}
	held, err := os.Open(fmt.Sprintf("/proc/%d/exe", pid))
	testkit.Must(t, err)
	defer held.Close()
	testkit.Must(t, input.Close())
	testkit.Must(t, runtime.Wait()) // from here on the file is not running, and no "text file busy" protects it
	attack(t, "the child's", held)
	after, err := os.ReadFile(program)
	testkit.Must(t, err)
	if !bytes.Equal(content, after) {
		t.Error("the runtime has changed")
	}
}

func TestCVE20195736EachProtectionHolds(t *testing.T) {
	testns.Require(t)
	program := filepath.Join(t.TempDir(), "runtime")
	testkit.Must(t, os.WriteFile(program, []byte("#!/bin/true"), 0o755))
	for name, protect := range map[string]func() (*os.File, error){
		"read-only mount": func() (*os.File, error) { return readOnly(program) },
		"sealed copy":     sealedSelf,
	} {
		file, err := protect()
		testkit.Must(t, err)
		held, err := os.Open(fmt.Sprintf("/proc/self/fd/%d", file.Fd()))
		testkit.Must(t, err)
		attack(t, name, file)
		testkit.Must(t, file.Close()) // a mount that is in no tree goes with its last descriptor
		attack(t, name+", let go of", held)
		testkit.Must(t, held.Close())
	}
}

// attack tries what root can, to change a file that it holds.
func attack(t *testing.T, name string, held *os.File) {
	t.Helper()
	path := fmt.Sprintf("/proc/self/fd/%d", held.Fd())
	before, err := os.ReadFile(path)
	testkit.Must(t, err)
	if file, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
		if _, err := syscall.Write(int(file.Fd()), []byte("#!/evil")); err != syscall.EPERM {
			t.Errorf("%s: writing to it: %v, want %v", name, err, syscall.EPERM)
		}
		if err := syscall.Ftruncate(int(file.Fd()), 0); err != syscall.EPERM {
			t.Errorf("%s: truncating it: %v, want %v", name, err, syscall.EPERM)
		}
		file.Close()
	} else if !errors.Is(err, syscall.EROFS) {
		t.Errorf("%s: opening it for writing: %v, want %v", name, err, syscall.EROFS)
	}
	if err := os.Truncate(path, 0); !errors.Is(err, syscall.EROFS) && !errors.Is(err, syscall.EPERM) {
		t.Errorf("%s: truncating it by its path: %v", name, err)
	}
	// The flag of a mount can be taken off, by root in the mount namespace that the mount is in.
	if err := syscall.Mount("", path, "", syscall.MS_REMOUNT|syscall.MS_BIND, ""); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("%s: making its mount writable: %v, want %v", name, err, syscall.EINVAL)
	}
	after, err := os.ReadFile(path)
	testkit.Must(t, err)
	if !bytes.Equal(before, after) {
		t.Fatalf("%s: it has changed", name)
	}
}

func TestProtectionIsTheMountWhereTheKernelHasIt(t *testing.T) {
	testns.Require(t)
	file, err := protectedSelf()
	testkit.Must(t, err)
	defer file.Close()
	var of, own syscall.Stat_t
	testkit.Must(t, syscall.Fstat(int(file.Fd()), &of))
	testkit.Must(t, syscall.Stat("/proc/self/exe", &own))
	if of.Ino != own.Ino || of.Dev != own.Dev {
		t.Error("it is a copy")
	}
}

func TestSealedCopyIsMadeOnce(t *testing.T) {
	first, err := sealedSelf()
	testkit.Must(t, err)
	defer first.Close()
	if got := seals(first); got&allSeals != allSeals {
		t.Errorf("its seals are %#x", got)
	}
	if got := seals(os.Stdin); got != 0 {
		t.Errorf("a file that is not a memfd has seals %#x", got)
	}
}

func BenchmarkReadOnlyMount(b *testing.B) {
	testns.Require(b)
	benchmark(b, func() (*os.File, error) { return readOnly("/proc/self/exe") })
}

func BenchmarkSealedCopy(b *testing.B) { benchmark(b, sealedSelf) }

func benchmark(b *testing.B, protect func() (*os.File, error)) {
	for b.Loop() {
		file, err := protect()
		if err != nil {
			b.Fatal(err)
		}
		file.Close()
	}
}
