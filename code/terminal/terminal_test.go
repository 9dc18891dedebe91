//go:build linux

package terminal

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "attach" {
		attachAndShow()
		return
	}
	testns.Main(m)
}

// attachAndShow is what a container does: it makes a terminal, sends its master out, and becomes a program on it.
func attachAndShow() {
	socket := os.NewFile(3, "socket")
	unix.CloseOnExec(3)
	master, slave, err := Open()
	if err == nil {
		err = Send(socket, master)
	}
	if err == nil {
		err = Attach(slave)
	}
	if err == nil {
		err = unix.Exec("/bin/sh", append([]string{"sh"}, os.Args[2:]...), os.Environ())
	}
	println(err.Error())
	os.Exit(1)
}

func open(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, slave, err := Open()
	testkit.Must(t, err)
	t.Cleanup(func() {
		master.Close()
		slave.Close()
	})
	return master, slave
}

func TestWhatIsTypedOnTheMasterIsReadFromTheSlave(t *testing.T) {
	master, slave := open(t)
	_, err := master.WriteString("baa\n")
	testkit.Must(t, err)
	line, err := bufio.NewReader(slave).ReadString('\n')
	if line != "baa\n" || err != nil {
		t.Errorf("read %q, %v", line, err)
	}
	echo, err := bufio.NewReader(master).ReadString('\n')
	if echo != "baa\r\n" || err != nil {
		t.Errorf("echoed %q, %v", echo, err)
	}
}

func TestOnlyATerminalIsATerminal(t *testing.T) {
	master, slave := open(t)
	null, err := os.Open(os.DevNull)
	testkit.Must(t, err)
	defer null.Close()
	if !IsTerminal(master) || !IsTerminal(slave) {
		t.Error("a pseudo-terminal is none")
	}
	if IsTerminal(null) || IsTerminal(nil) {
		t.Error("/dev/null or nothing is a terminal")
	}
	if _, err := MakeRaw(null); !errors.Is(err, unix.ENOTTY) || !strings.Contains(err.Error(), "make terminal raw") {
		t.Errorf("MakeRaw of /dev/null fails with %v", err)
	}
	if _, _, err := Size(null); !errors.Is(err, unix.ENOTTY) {
		t.Errorf("Size of /dev/null fails with %v", err)
	}
}

func TestRawTerminalPassesOnCtrlCAndEchoesNothing(t *testing.T) {
	master, slave := open(t)
	restore, err := MakeRaw(slave)
	testkit.Must(t, err)
	_, err = master.WriteString("\x03\r")
	testkit.Must(t, err)
	got := make([]byte, 2)
	if _, err := io.ReadFull(slave, got); err != nil || string(got) != "\x03\r" {
		t.Errorf("read %q, %v", got, err)
	}
	_, err = slave.WriteString("\n")
	testkit.Must(t, err)
	first := make([]byte, 8)
	n, err := master.Read(first)
	if string(first[:n]) != "\n" || err != nil {
		t.Errorf("master reads %q, %v: an echo, or a carriage return was added", first[:n], err)
	}
	restore()
	restore()
	_, err = slave.WriteString("\n")
	testkit.Must(t, err)
	n, err = master.Read(first)
	if string(first[:n]) != "\r\n" || err != nil {
		t.Errorf("restored, the master reads %q, %v", first[:n], err)
	}
}

func TestRestoredTerminalIsAsBefore(t *testing.T) {
	_, slave := open(t)
	state := func() (s unix.Termios) {
		testkit.Must(t, withFD(slave, func(fd int) error {
			now, err := unix.IoctlGetTermios(fd, unix.TCGETS)
			if err == nil {
				s = *now
			}
			return err
		}))
		return s
	}
	before := state()
	restore, err := MakeRaw(slave)
	testkit.Must(t, err)
	if state() == before {
		t.Error("raw, it is as before")
	}
	restore()
	if state() != before {
		t.Error("restored, it is not as before")
	}
}

func TestSizeOfTheMasterIsThatOfTheSlave(t *testing.T) {
	master, slave := open(t)
	testkit.Must(t, SetSize(master, 30, 100))
	if rows, cols, err := Size(slave); rows != 30 || cols != 100 || err != nil {
		t.Errorf("size is %d × %d, %v", rows, cols, err)
	}
}

// start runs a script on a terminal that it makes in its own devpts and sends out.
func start(t *testing.T, script string) (master *os.File, cmd *exec.Cmd) {
	t.Helper()
	ours, theirs, err := Pair()
	testkit.Must(t, err)
	defer ours.Close()
	cmd = exec.Command("/proc/self/exe", "attach", "-c", script)
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Stderr = os.Stderr
	testkit.Must(t, cmd.Start())
	testkit.Must(t, theirs.Close())
	master, err = Receive(ours)
	testkit.Must(t, err)
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		master.Close()
	})
	return master, cmd
}

func TestAttachedProgramHasItsOwnTerminal(t *testing.T) {
	const leader = `ps -o pid=,sid= -p $$ | { read pid sid; [ $pid = $sid ] && echo leader; }`
	master, cmd := start(t, `tty; tty <&1; tty <&2; `+leader+`; read line`)
	lines := bufio.NewReader(master)
	for _, want := range []string{"/dev/pts/", "/dev/pts/", "/dev/pts/", "leader"} {
		if line, err := lines.ReadString('\n'); !strings.HasPrefix(line, want) {
			t.Errorf("read %q, %v; want %s", line, err, want)
		}
	}
	_, err := master.WriteString("\n")
	testkit.Must(t, err)
	testkit.Must(t, cmd.Wait())
}

func TestCtrlCEndsTheAttachedProgram(t *testing.T) {
	master, cmd := start(t, "echo ready; exec sleep 1000")
	line, err := bufio.NewReader(master).ReadString('\n')
	if line != "ready\r\n" {
		t.Fatalf("read %q, %v", line, err)
	}
	_, err = master.WriteString("\x03")
	testkit.Must(t, err)
	cmd.Wait()
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != unix.SIGINT {
		t.Errorf("it ended with %v", cmd.ProcessState)
	}
}

func TestResizingSignalsTheAttachedProgram(t *testing.T) {
	master, _ := start(t, `trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done`)
	lines := bufio.NewReader(master)
	_, err := lines.ReadString('\n')
	testkit.Must(t, err)
	testkit.Must(t, SetSize(master, 12, 34))
	if line, err := lines.ReadString('\n'); line != "12 34\r\n" {
		t.Errorf("read %q, %v", line, err)
	}
}

func TestClosingTheMasterEndsItsReader(t *testing.T) {
	master, _ := start(t, "sleep 1000")
	ended := make(chan error, 1)
	reading := make(chan struct{})
	go func() {
		close(reading)
		_, err := master.Read(make([]byte, 1))
		ended <- err
	}()
	<-reading
	testkit.Must(t, master.Close())
	select {
	case err := <-ended:
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("Read returns %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("Read does not return")
	}
}

func TestReceiveFailsWhenTheSenderEnds(t *testing.T) {
	ours, theirs, err := Pair()
	testkit.Must(t, err)
	defer ours.Close()
	testkit.Must(t, theirs.Close())
	if file, err := Receive(ours); err == nil || err.Error() != "receive file: the message carried no descriptor" {
		t.Errorf("Receive returns %v, %v", file, err)
	}
}

func TestAttachRefusesALeaderOfASession(t *testing.T) {
	_, slave := open(t)
	// A second setsid(2) is refused, and testns made no session: ignore how the first ended.
	signal.Ignore(unix.SIGHUP)
	unix.Setsid()
	if err := Attach(slave); !errors.Is(err, unix.EPERM) || !strings.Contains(err.Error(), "start session") {
		t.Errorf("Attach returns %v", err)
	}
}
