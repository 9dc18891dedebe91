//go:build linux

package reexec

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

// CVE-2024-21626: runc left a descriptor of a host directory open in the container, and /proc/self/fd/7 as the working
// directory led out.
func TestCVE202421626NoDescriptorReachesTheProgram(t *testing.T) {
	leaked := leak(t)
	// The shell's own descriptor for reading the directory is the lowest that is free.
	text, _ := run(t, namespace.Sheep, config{Do: "proc", Program: shell("cd /proc/self/fd && echo *")})
	if text != "0 1 2 3\n" {
		t.Errorf("descriptors of the program: %q, with %d left open outside", text, leaked)
	}
	for _, asInit := range []bool{false, true} {
		text, _ := run(t, namespace.Sheep, config{Do: "proc", AsInit: asInit, Program: shell("readlink /proc/1/fd/*")})
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "/") && line != "/dev/null\n" && !strings.HasPrefix(line, "/proc/1/") {
				t.Errorf("open in PID 1 (init: %v): %s", asInit, text)
			}
		}
	}
}

func TestCVE202421626WorkingDirectoryOutsideOfTheRootIsRefused(t *testing.T) {
	// A directory that the namespace of mounts does not hold is one without a path, as one outside of the root is.
	directory := t.TempDir()
	fd, err := syscall.Open(directory, syscall.O_DIRECTORY, 0)
	testkit.Must(t, err)
	defer syscall.Close(fd)
	testkit.Must(t, os.Remove(directory))
	program := shell("true")
	program.Dir = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), fd)
	child, _ := start(t, namespace.UTS)
	err = child.Proceed(config{Program: program})
	if err == nil || !strings.Contains(err.Error(), "is outside of the root") {
		t.Errorf("Proceed returns %v", err)
	}
}

// Where descriptors cannot be marked all at once, nothing is started with any of them: there may be a billion.
func TestDescriptorsThatCannotBeClosedStartNothing(t *testing.T) {
	testns.Require(t)
	for _, answer := range []syscall.Errno{syscall.ENOSYS, syscall.EPERM} {
		testns.Refuse(t, unix.SYS_CLOSE_RANGE, answer, func() {
			child, err := Start(&syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUTS}, nil, nil, nil)
			if !errors.Is(err, answer) || !strings.Contains(err.Error(), "this needs Linux 5.11") {
				t.Errorf("where close_range says %v, Start returns %v", answer, err)
			}
			if child != nil {
				child.Abandon()
			}
		})
	}
}

// leak opens a directory in a way that exec passes on.
func leak(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Open("/etc", syscall.O_DIRECTORY, 0) // without O_CLOEXEC
	testkit.Must(t, err)
	high, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_DUPFD, 50)
	if errno != 0 {
		t.Fatal(errno)
	}
	t.Cleanup(func() { syscall.Close(fd); syscall.Close(int(high)) })
	return int(high)
}
