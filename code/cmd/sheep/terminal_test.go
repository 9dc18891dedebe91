//go:build linux

package main

import (
	"io"
	"os"
	osexec "os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// session is a command that somebody types at a terminal, with its keyboard and its screen.
type session struct {
	t        *testing.T
	cmd      *osexec.Cmd
	keyboard *os.File

	mutex  sync.Mutex
	screen string // all that was ever shown and not yet seen
	whole  string // all that was ever shown
}

// atTerminal types a command at a terminal of so many rows and columns.
func (u user) atTerminal(rows, cols uint16, arguments ...string) *session {
	u.t.Helper()
	master, slave, err := terminal.Open()
	testkit.Must(u.t, err)
	defer slave.Close()
	testkit.Must(u.t, terminal.SetSize(master, rows, cols))
	cmd := u.command(arguments...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	testkit.Must(u.t, cmd.Start())
	s := &session{t: u.t, cmd: cmd, keyboard: master}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			s.mutex.Lock()
			s.screen += string(buffer[:n])
			s.whole += string(buffer[:n])
			s.mutex.Unlock()
			if err != nil {
				return
			}
		}
	}()
	u.t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		master.Close()
	})
	return s
}

// types presses keys.
func (s *session) types(keys string) {
	s.t.Helper()
	_, err := io.WriteString(s.keyboard, keys)
	testkit.Must(s.t, err)
}

// sees waits until a text is on the screen.
func (s *session) sees(text string) {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		s.mutex.Lock()
		_, after, found := strings.Cut(s.screen, text)
		if found {
			s.screen = after
		}
		screen := s.screen
		s.mutex.Unlock()
		if found {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%q is not on the screen, but %q", text, screen)
		}
	}
}

// ends waits for the command's end.
func (s *session) ends(code int) {
	s.t.Helper()
	ended := make(chan struct{})
	go func() {
		s.cmd.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		if got := s.cmd.ProcessState.ExitCode(); got != code {
			s.t.Errorf("it ends with %d, want %d; the screen shows %q", got, code, s.screen)
		}
	case <-time.After(time.Minute):
		s.t.Fatalf("it does not end; the screen shows %q", s.screen)
	}
}

func TestRunInteractivelyWithATerminal(t *testing.T) {
	u := newUserWithImage(t)
	s := u.atTerminal(30, 100, "run", "--no-limits", "-it", "--name", "web", "busybox", "sh")
	s.sees("# ")
	s.types("stty size; tty; echo $TERM\r")
	s.sees("30 100\r\n/dev/pts/0\r\nxterm\r\n")
	s.sees("# ")

	// The window grows, and so does the one inside.
	testkit.Must(t, terminal.SetSize(s.keyboard, 40, 120))
	testkit.Eventually(t, "the new size arrives", func() bool {
		s.types("stty size\r")
		s.sees("# ")
		return u.ok("exec", "web", "stty", "-F", "/dev/pts/0", "size") == "40 120\n"
	})

	// Ctrl-C is for the program inside, not for sheep.
	s.types("sleep 1000; echo status $?\r")
	testkit.Eventually(t, "it sleeps", func() bool { return strings.Contains(u.ok("exec", "web", "ps"), "sleep 1000") })
	s.types("\x03")
	s.sees("# ")

	// What is typed is shown once: by the terminal inside.
	s.types("echo fleece\r")
	s.sees("echo fleece\r\nfleece\r\n")
	s.types("exit 7\r")
	s.ends(7)

	// And the user's terminal is as it was.
	s = u.atTerminal(24, 80, "run", "--no-limits", "--rm", "-it", "busybox", "true")
	s.ends(0)
}

func TestTerminalOfTheUserIsRestored(t *testing.T) {
	u := newUserWithImage(t)
	master, slave, err := terminal.Open()
	testkit.Must(t, err)
	defer master.Close()
	defer slave.Close()
	go io.Copy(io.Discard, master)
	settings := func() string {
		cmd := osexec.Command("stty", "-a")
		cmd.Stdin = slave
		out, err := cmd.Output()
		testkit.Must(t, err)
		return string(out)
	}
	before := settings()
	for _, program := range []string{"true", "no-such-program"} {
		cmd := u.command("run", "--no-limits", "--rm", "-it", "busybox", program)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		cmd.Run()
		if after := settings(); after != before {
			t.Errorf("after %s the terminal is\n%s, before it was\n%s", program, after, before)
		}
	}
}

func TestExecWithATerminal(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "busybox", "sleep", "1000")
	s := u.atTerminal(10, 50, "exec", "-it", "web", "sh")
	s.sees("# ")
	s.types("stty size; ps | grep -c 'sleep 1000$'\r")
	s.sees("10 50\r\n1\r\n")
	s.sees("# ")    // before, the terminal is not raw yet, and the kernel makes something else of it
	s.types("\x04") // the end of input
	s.ends(0)
}

func TestTerminalWithoutInput(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("-t", "--name", "web", "busybox", "sh", "-c", "tty; sleep 1000")
	testkit.Eventually(t, "it prints its terminal", func() bool { return u.ok("logs", "web") == "/dev/pts/0\r\n" })
}

func TestImportShowsItsProgressOnATerminal(t *testing.T) {
	u := newUser(t)
	archive := t.TempDir() + "/busybox.tar"
	testkit.Must(t, os.WriteFile(archive, busybox(t), 0o600))
	s := u.atTerminal(24, 80, "import", archive, "busybox")
	s.sees("\r\x1b[K")
	s.sees("busybox:latest\r\n")
	s.ends(0)
}
