//go:build linux

package container

import (
	"context"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// user is somebody at a terminal.
type user struct {
	t             testing.TB
	master, slave *os.File
	seen          chan string
}

func newUser(t testing.TB) user {
	t.Helper()
	master, slave, err := terminal.Open()
	testkit.Must(t, err)
	testkit.Must(t, terminal.SetSize(slave, 33, 111))
	u := user{t, master, slave, make(chan string, 100)}
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := master.Read(buffer)
			if err != nil {
				close(u.seen)
				return
			}
			u.seen <- string(buffer[:n])
		}
	}()
	t.Cleanup(func() {
		master.Close()
		slave.Close()
	})
	return u
}

// await waits until the screen shows a text.
func (u user) await(text string) string {
	u.t.Helper()
	screen := ""
	for part := range u.seen {
		screen += part
		if strings.Contains(screen, text) {
			return screen
		}
	}
	u.t.Fatalf("the screen never showed %q, but %q", text, screen)
	return ""
}

func (u user) types(text string) {
	u.t.Helper()
	_, err := io.WriteString(u.master, text)
	testkit.Must(u.t, err)
}

func (u user) streams() Streams { return Streams{In: u.slave, Out: u.slave, Err: u.slave} }

func TestTerminalIsOneOfTheContainersOwn(t *testing.T) {
	w, u := newWorld(t), newUser(t)
	o := options("tty; stty size; echo $TERM; ls /dev/pts; echo done")
	o.Interactive, o.Terminal = true, true
	state := w.create(o)
	code, err := w.Run(context.Background(), state.ID, u.streams())
	testkit.Must(t, err)
	screen := u.await("done")
	if want := "/dev/pts/0\r\n33 111\r\nxterm\r\n0     ptmx\r\n"; code != 0 || !strings.HasPrefix(screen, want) {
		t.Errorf("exit code %d, screen %q", code, screen)
	}
}

// As with runc: the terminal belongs to the group tty, and is /dev/console as well.
func TestTerminalIsTheConsole(t *testing.T) {
	testns.RequireUsers(t)
	w, u := newWorld(t), newUser(t)
	o := options("stat -c %g /dev/pts/0; [ /dev/console -ef /dev/pts/0 ] && echo baa >/dev/console; echo done")
	o.Interactive, o.Terminal, o.User = true, true, "lamb"
	state := w.create(o)
	code, err := w.Run(context.Background(), state.ID, u.streams())
	testkit.Must(t, err)
	if screen := u.await("done"); code != 0 || !strings.HasPrefix(screen, "5\r\nbaa\r\n") {
		t.Errorf("exit code %d, screen %q", code, screen)
	}
}

func TestKeysReachTheProgramAndTheTerminalIsPutBack(t *testing.T) {
	w, u := newWorld(t), newUser(t)
	o := options("trap 'echo interrupted; exit 3' INT; echo ready; read line; echo got $line; while :; do sleep " +
		"0.05; done")
	o.Interactive, o.Terminal = true, true
	before := attributes(t, u.slave)
	state := w.create(o)
	done := make(chan int)
	go func() {
		code, err := w.Run(context.Background(), state.ID, u.streams())
		if err != nil {
			t.Error(err)
		}
		done <- code
	}()
	u.await("ready")
	if attributes(t, u.slave) == before {
		t.Error("the user's terminal is not raw")
	}
	u.types("baa\r")
	u.await("got baa")
	testkit.Must(t, terminal.SetSize(u.slave, 20, 50))
	testkit.Must(t, syscall.Kill(os.Getpid(), syscall.SIGWINCH)) // the kernel sends it to who has the terminal
	until(t, "the size inside follows", func() bool {
		return w.exec(state.ID, ExecOptions{Args: []string{"sh", "-c", "stty size </dev/pts/0"}}, "").out == "20 50\n"
	})
	u.types("\x03")
	if code := <-done; code != 3 {
		t.Errorf("exit code %d", code)
	}
	u.await("interrupted")
	if attributes(t, u.slave) != before {
		t.Error("the user's terminal is not as before")
	}
}

func TestExecWithATerminal(t *testing.T) {
	w, u := newWorld(t), newUser(t)
	state := w.start(options("sleep 1000"))
	e := ExecOptions{Args: []string{"sh", "-c", "tty; stty size; echo done"}, Interactive: true, Terminal: true}
	code, err := w.Exec(context.Background(), state.ID, e, u.streams())
	testkit.Must(t, err)
	if screen := u.await("done"); code != 0 || !strings.HasPrefix(screen, "/dev/pts/0\r\n33 111\r\n") {
		t.Errorf("exit code %d, screen %q", code, screen)
	}
}

func TestTerminalInTheBackground(t *testing.T) {
	w := newWorld(t)
	o := options("tty; read line")
	o.Interactive, o.Terminal = true, true
	state := w.start(o)
	w.awaitOutput(state.ID, "/dev/pts/0\r\n")
	if got := w.state(state.ID); got.Status != Running {
		t.Errorf("the state is %+v", got)
	}
}

func TestTerminalNeedsOneOutside(t *testing.T) {
	w := newWorld(t)
	o := options("true")
	o.Interactive, o.Terminal = true, true
	if _, got := w.run(o, ""); got.code != ExitFailed || got.failure == nil ||
		!strings.Contains(got.failure.Error(), "not a terminal") {
		t.Errorf("run gives %+v", got)
	}
}

// attributes returns the settings of a terminal.
func attributes(t testing.TB, f *os.File) unix.Termios {
	t.Helper()
	settings, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	testkit.Must(t, err)
	return *settings
}
