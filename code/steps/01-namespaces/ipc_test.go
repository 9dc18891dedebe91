//go:build linux

package main

import (
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func init() {
	probes["list System V queues"] = systemVQueues
	probes["make System V queue"] = func() (string, error) {
		if _, err := makeSystemVQueue(); err != nil {
			return "", err
		}
		return systemVQueues()
	}
	probes["open POSIX queue"] = func() (string, error) {
		descriptor, err := openPOSIXQueue("wool", 0)
		if err == nil {
			syscall.Close(descriptor)
			return "opened", nil
		}
		return err.Error(), nil
	}
	probes["make POSIX queue"] = func() (string, error) {
		_, err := openPOSIXQueue("fleece", syscall.O_CREAT)
		return "made", err
	}
}

func TestSystemVQueueOutsideIsNotSeenInside(t *testing.T) {
	testns.Require(t)
	id, err := makeSystemVQueue()
	testkit.Must(t, err)
	t.Cleanup(func() { testkit.Must(t, removeSystemVQueue(id)) })
	if list, err := systemVQueues(); err != nil || list == "" {
		t.Fatalf("the queue is not seen outside: %q, %v", list, err)
	}
	if got := probe(t, "list System V queues"); got != "" {
		t.Errorf("message queues inside: %s", got)
	}
}

func TestSystemVQueueInsideIsNotSeenOutside(t *testing.T) {
	if got := probe(t, "make System V queue"); got == "" {
		t.Errorf("the queue is not seen inside")
	}
	if list, err := systemVQueues(); err != nil || list != "" {
		t.Errorf("message queues outside: %q, %v", list, err)
	}
}

func TestPOSIXQueueOutsideIsNotSeenInside(t *testing.T) {
	testns.Require(t)
	descriptor, err := openPOSIXQueue("wool", syscall.O_CREAT)
	testkit.Must(t, err)
	t.Cleanup(func() {
		syscall.Close(descriptor)
		testkit.Must(t, unlinkPOSIXQueue("wool"))
	})
	if got := probe(t, "open POSIX queue"); got != syscall.ENOENT.Error() {
		t.Errorf("inside, opening the queue made outside: %s, want: %v", got, syscall.ENOENT)
	}
}

func TestPOSIXQueueInsideIsNotSeenOutside(t *testing.T) {
	probe(t, "make POSIX queue")
	if _, err := openPOSIXQueue("fleece", 0); err != syscall.ENOENT {
		t.Errorf("outside, opening the queue made inside: %v, want: %v", err, syscall.ENOENT)
	}
}

// systemVQueues lists the System V message queues of the caller's IPC namespace, as ipcs -q does. The file belongs to
// the namespace of who reads it, not of who mounted /proc.
func systemVQueues() (string, error) {
	content, err := os.ReadFile("/proc/sysvipc/msg")
	_, queues, _ := strings.Cut(string(content), "\n") // after the heading
	return strings.TrimSpace(queues), err
}

// systemV holds the numbers of msgget(2) and msgctl(2), which package syscall does not name on every architecture. On
// 386 they are system calls of their own since Linux 5.1; before, all of System V IPC went through ipc(2).
var systemV = map[string]struct{ msgget, msgctl uintptr }{
	"amd64": {68, 71},
	"arm64": {186, 187},
	"386":   {399, 402},
}[runtime.GOARCH]

// makeSystemVQueue makes a message queue and returns its identifier.
func makeSystemVQueue() (uintptr, error) {
	const ipcPrivate, ipcCreate = 0, 0o1000
	id, _, errno := syscall.Syscall(systemV.msgget, ipcPrivate, ipcCreate|0o600, 0)
	if errno != 0 {
		return 0, os.NewSyscallError("msgget", errno)
	}
	return id, nil
}

func removeSystemVQueue(id uintptr) error {
	const ipcRemove = 0
	if _, _, errno := syscall.Syscall(systemV.msgctl, id, ipcRemove, 0); errno != 0 {
		return os.NewSyscallError("msgctl", errno)
	}
	return nil
}

// openPOSIXQueue opens a message queue with mq_open(2). Its system call takes the name without the slash that
// mq_open(3) wants.
func openPOSIXQueue(name string, flags int) (int, error) {
	path, err := syscall.BytePtrFromString(name)
	if err != nil {
		return 0, err
	}
	descriptor, _, errno := syscall.Syscall6(syscall.SYS_MQ_OPEN, uintptr(unsafe.Pointer(path)),
		uintptr(syscall.O_RDWR|flags), 0o600, 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(descriptor), nil
}

func unlinkPOSIXQueue(name string) error {
	path, err := syscall.BytePtrFromString(name)
	if err != nil {
		return err
	}
	if _, _, errno := syscall.Syscall(syscall.SYS_MQ_UNLINK, uintptr(unsafe.Pointer(path)), 0, 0); errno != 0 {
		return os.NewSyscallError("mq_unlink", errno)
	}
	return nil
}
