//go:build linux

package escape

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}

func init() {
	attempts["signal"] = func(args []string) error { return syscall.Kill(number(args[0]), 0) }
	attempts["trace"] = func(args []string) error {
		runtime.LockOSThread()
		return syscall.PtraceAttach(number(args[0]))
	}
	attempts["read memory"] = func(args []string) error {
		var buffer [8]byte
		local := [2]uintptr{uintptr(unsafe.Pointer(&buffer)), 8}
		remote := [2]uintptr{0x400000, 8}
		return call(unix.SYS_PROCESS_VM_READV, uintptr(number(args[0])), uintptr(unsafe.Pointer(&local)), 1,
			uintptr(unsafe.Pointer(&remote)), 1, 0)
	}
	attempts["write to memory"] = func(args []string) error { return write("/proc/" + args[0] + "/mem") }
	attempts["overwrite its binary"] = func(args []string) error { return write("/proc/" + args[0] + "/exe") }
	attempts["read environment"] = func(args []string) error {
		file, err := os.Open("/proc/" + args[0] + "/environ")
		if err != nil {
			return err
		}
		_, err = file.Read(make([]byte, 8))
		return err
	}
}

func TestProcessesOfTheHostAreNotThere(t *testing.T) {
	host := strconv.Itoa(os.Getpid() + 1_000_000) // sure not to be one of the container's
	if os.Getpid() > 50 {
		host = strconv.Itoa(os.Getpid())
	}
	for attempt, want := range map[string]string{
		"signal": nobody, "trace": nobody, "read memory": nobody, "write to memory": missing,
		"overwrite its binary": missing, "read environment": missing,
	} {
		if got := inside(t, nil, attempt, host); got != want {
			t.Errorf("%s of a process of the host: %s, want %s", attempt, got, want)
		}
	}
}

// With --init PID 1 is the runtime itself.
func TestCVE20195736InitIsNotForTheContainerToChange(t *testing.T) {
	change := func(o *options) { o.Init = true }
	for attempt, want := range map[string]string{
		"trace": denied, "read memory": denied, "write to memory": noAccess, "overwrite its binary": noAccess,
		"read environment": noAccess,
	} {
		if got := inside(t, change, attempt, "1"); got != want {
			t.Errorf("%s of the init: %s, want %s", attempt, got, want)
		}
	}
	// The right to trace opens all this. The binary is still sealed.
	change = func(o *options) { o.Init, o.CapAdd = true, []string{"SYS_PTRACE"} }
	if got := inside(t, change, "write through a descriptor of the binary", "/proc/1/exe"); got != readOnly &&
		got != denied {
		t.Errorf("writing to the init's binary: %s", got)
	}
}

// The attack itself: the image's program is a link to /proc/self/exe, so that the runtime executes itself inside. Then
// something holds the file until nobody executes it, and writes.
func TestCVE20195736RuntimeExecutedInsideCannotBeOverwritten(t *testing.T) {
	self, err := os.ReadFile("/proc/self/exe")
	testkit.Must(t, err)
	change := func(o *options) { o.Args[0] = "/proc/self/exe" }
	// It is denied where the binary is a sealed copy.
	if got := inside(t, change, "hold the runtime's binary"); got != readOnly && got != denied {
		t.Errorf("writing to the runtime's binary: %s", got)
	}
	after, err := os.ReadFile("/proc/self/exe")
	testkit.Must(t, err)
	if !bytes.Equal(self, after) {
		t.Error("the runtime's binary has changed")
	}
}

func init() {
	attempts["hold the runtime's binary"] = func([]string) error {
		target, err := os.Readlink("/proc/self/exe")
		if err != nil {
			return err
		}
		if target == program {
			return fmt.Errorf("this is not the runtime's binary but %s", target)
		}
		fd, err := syscall.Open("/proc/self/exe", syscall.O_RDONLY, 0) // stays open over exec
		if err != nil {
			return err
		}
		name := fmt.Sprintf("/proc/self/fd/%d", fd)
		return syscall.Exec(program, []string{program, "attempt", "write through a descriptor of the binary",
			name}, nil)
	}
	attempts["write through a descriptor of the binary"] = func(args []string) error {
		file, err := os.OpenFile(args[0], os.O_RDWR, 0)
		if errors.Is(err, syscall.ETXTBSY) {
			// Somebody executes it, here the test. When there is more than that against it, truncate(2) says so.
			return os.Truncate(args[0], 0)
		}
		if err != nil {
			return err
		}
		if err := file.Truncate(0); err == nil {
			return nil
		}
		_, err = file.WriteAt([]byte("wolf"), 0)
		return err
	}
}

func TestSetuidProgramsGiveNothing(t *testing.T) {
	if got := inside(t, nil, "become root through a setuid program"); got != "still 4711" {
		t.Error(got)
	}
}

func init() {
	attempts["become root through a setuid program"] = func([]string) error {
		content, err := os.ReadFile(program)
		if err != nil {
			return err
		}
		if err := os.WriteFile("/setuid", content, 0o755); err != nil {
			return err
		}
		if err := os.Chmod("/setuid", 0o755|os.ModeSetuid); err != nil {
			return err
		}
		cmd := exec.Command("/setuid", "attempt", "say who")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 4711, Gid: 4711}}
		output, err := cmd.Output()
		if err != nil {
			return err
		}
		return errors.New(strings.TrimSpace(string(output)))
	}
	attempts["say who"] = func([]string) error {
		if os.Geteuid() == 0 {
			return nil
		}
		return fmt.Errorf("still %d", os.Geteuid())
	}
}

// CVE-2016-2779 and its like: a character pushed into the terminal is read by the user's shell when the container is
// gone.
func TestTIOCSTIPushesNothingIntoTheUsersTerminal(t *testing.T) {
	for _, withTerminal := range []bool{false, true} {
		r, state := create(t, func(o *options) { o.Interactive, o.Terminal = true, withTerminal },
			"push into terminals")
		master, slave, err := terminal.Open()
		testkit.Must(t, err)
		defer slave.Close()
		defer master.Close() // first: it ends what still reads from the other side
		text, err := capture(t, func(s container.Streams) error {
			s.In = slave
			_, err := r.Run(context.Background(), state.ID, s)
			return err
		})
		if err != nil || text != denied {
			t.Errorf("terminal %v: %q, %v", withTerminal, text, err)
		}
		// What was pushed would be there to read.
		var waiting int32
		if err := call(syscall.SYS_IOCTL, slave.Fd(), 0x541b, /* FIONREAD */
			uintptr(unsafe.Pointer(&waiting))); err != nil || waiting > 0 {
			t.Errorf("terminal %v: %d characters in the user's terminal, %v", withTerminal, waiting, err)
		}
	}
}

func init() {
	attempts["push into terminals"] = func([]string) error {
		var all error
		for fd := range uintptr(3) {
			character := byte('w')
			err := call(syscall.SYS_IOCTL, fd, syscall.TIOCSTI, uintptr(unsafe.Pointer(&character)))
			if err == nil {
				return nil
			}
			all = err
		}
		return all
	}
}

// CVE-2020-15257: abstract sockets belong to the network namespace, and have no owner to ask.
func TestCVE202015257AbstractSocketsOfTheHostAreNotThere(t *testing.T) {
	cage(t)
	listener, err := net.Listen("unix", "@sheep-escape")
	testkit.Must(t, err)
	defer listener.Close()
	if got := inside(t, nil, "connect", "@sheep-escape"); got != refused {
		t.Errorf("connecting: %s", got)
	}
	if connection, err := net.Dial("unix", "@sheep-escape"); err != nil {
		t.Errorf("the socket is not even there outside: %v", err)
	} else {
		connection.Close()
	}
}

func init() {
	attempts["connect"] = func(args []string) error {
		fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		return syscall.Connect(fd, &syscall.SockaddrUnix{Name: args[0]})
	}
}
