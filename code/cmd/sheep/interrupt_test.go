//go:build linux && !vm

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

const doesNotEnd = "sheep: Ctrl-C does not end web: "

// interrupted is a container in the foreground, and who reads what it prints.
type interrupted struct {
	t             *testing.T
	process       *os.Process
	out           *bufio.Scanner
	complaint     *bufio.Reader
	complaintFile *os.File
}

// foreground runs a container called web that prints a line when it is ready.
func (u user) foreground(arguments ...string) interrupted {
	u.t.Helper()
	cmd := u.command(append([]string{"run", "--no-limits", "--name", "web"}, arguments...)...)
	out, err := cmd.StdoutPipe()
	testkit.Must(u.t, err)
	complaint, complaintIn, err := os.Pipe()
	testkit.Must(u.t, err)
	cmd.Stderr = complaintIn
	testkit.Must(u.t, cmd.Start())
	complaintIn.Close()
	u.t.Cleanup(func() {
		u.sheep("rm", "-f", "web")
		cmd.Wait()
		complaint.Close()
	})
	i := interrupted{u.t, cmd.Process, bufio.NewScanner(out), bufio.NewReader(complaint), complaint}
	i.prints("ready")
	return i
}

func (i interrupted) interrupt() {
	i.t.Helper()
	testkit.Must(i.t, i.process.Signal(os.Interrupt))
}

func (i interrupted) prints(want string) {
	i.t.Helper()
	if !i.out.Scan() || i.out.Text() != want {
		i.t.Fatalf("it prints %q, want %q", i.out.Text(), want)
	}
}

// says waits for a line on standard error; "" is none for a while.
func (i interrupted) says(want string) {
	i.t.Helper()
	patience := time.Minute
	if want == "" {
		patience = 300 * time.Millisecond
	}
	testkit.Must(i.t, i.complaintFile.SetReadDeadline(time.Now().Add(patience)))
	line, err := i.complaint.ReadString('\n')
	if line == "\n" { // what was typed stays on a line of its own
		line, err = i.complaint.ReadString('\n')
	}
	if want == "" && !os.IsTimeout(err) || want != "" && !strings.HasPrefix(line, want) {
		i.t.Fatalf("it says %q (%v), want %q", line, err, want)
	}
}

// interruptUntil presses Ctrl-C until a line is on standard error. As a rule the next is the one that counts, but on a
// slow machine two that come while the first was not taken yet are one, and those that are far apart do not count.
// taken is called after each.
func (i interrupted) interruptUntil(want string, taken func()) {
	i.t.Helper()
	said := ""
	testkit.Eventually(i.t, fmt.Sprintf("it says %q", want), func() bool {
		i.interrupt()
		taken()
		testkit.Must(i.t, i.complaintFile.SetReadDeadline(time.Now().Add(300*time.Millisecond)))
		for {
			part, err := i.complaint.ReadString('\n')
			if said += part; err != nil {
				return false
			}
			if strings.HasSuffix(said, "\n") && strings.TrimLeft(said, "\n") != "" {
				break
			}
		}
		if !strings.HasPrefix(strings.TrimLeft(said, "\n"), want) {
			i.t.Fatalf("it says %q, want %q", said, want)
		}
		return true
	})
}

// hasNoInterrupt waits until no SIGINT is on its way to the process (proc_pid_status(5), ShdPnd).
func (i interrupted) hasNoInterrupt() {
	i.t.Helper()
	testkit.Eventually(i.t, "the process has got the signal", func() bool {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", i.process.Pid))
		testkit.Must(i.t, err)
		_, rest, found := strings.Cut(string(status), "\nShdPnd:\t")
		mask, _, _ := strings.Cut(rest, "\n")
		pending, err := strconv.ParseUint(mask, 16, 64)
		if !found || err != nil {
			i.t.Fatalf("its status is %s", status)
		}
		return pending>>(syscall.SIGINT-1)&1 == 0
	})
}

// becomes waits until PID 1 of the container is a program: a shell has handlers.
func (u user) becomes(program string) {
	u.t.Helper()
	testkit.Eventually(u.t, "PID 1 is "+program, func() bool {
		return strings.HasPrefix(u.ok("exec", "web", "cat", "/proc/1/cmdline"), program+"\x00")
	})
}

func TestLostCtrlCGivesAHint(t *testing.T) {
	u := newUserWithImage(t)
	i := u.foreground("busybox", "sh", "-c", "echo ready; exec sleep 1000")
	u.becomes("sleep")
	i.interrupt()
	i.says(doesNotEnd + "a program that is PID 1 gets no signal that it has no handler for\n")
	i.says("  from another terminal: sheep stop web, or here: Ctrl-C 3 times in quick succession; next time: sheep " +
		"run --init\n")
	i.interrupt()
	i.says("") // once is enough
	u.sheep("stop", "-t0", "web").check(t, "what it says", "web\n", "", 0)
	testkit.Must(t, i.complaintFile.SetReadDeadline(time.Now().Add(time.Minute)))
	if rest, err := io.ReadAll(i.complaint); len(rest) > 0 || err != nil {
		t.Errorf("then it says %q, %v", rest, err)
	}
}

func TestThirdLostCtrlCKillsTheContainer(t *testing.T) {
	u := newUserWithImage(t)
	i := u.foreground("busybox", "sh", "-c", "echo ready; sleep 1000 & exec sleep 1000")
	u.becomes("sleep")
	i.interrupt()
	i.says(doesNotEnd)
	i.says("  from another terminal: ")
	// As long as the end cannot be noted down, no press is one too many: after it, sheep would die of the next.
	var web []struct{ ID string }
	u.parse(&web, "inspect", "web")
	held, err := durable.LockDirectory(filepath.Join(os.Getenv("SHEEP_ROOT"), "containers", web[0].ID))
	testkit.Must(t, err)
	defer held.Close()
	i.interruptUntil("sheep: killed web, since Ctrl-C was pressed 3 times\n", i.hasNoInterrupt)
	held.Close()
	end, err := i.process.Wait()
	testkit.Must(t, err)
	if end.ExitCode() != 128+9 {
		t.Errorf("it ends with %d", end.ExitCode())
	}
	if got := u.ok("ps", "-a"); !strings.Contains(got, "Exited (137)") {
		t.Errorf("ps -a prints\n%s", got)
	}
}

func TestThirdHandledCtrlCGivesAHint(t *testing.T) {
	u := newUserWithImage(t)
	i := u.foreground("busybox", "sh", "-c", `trap "echo no" INT; echo ready; while :; do sleep 0.01; done`)
	for range 2 {
		i.interrupt()
		i.prints("no")
	}
	i.says("")
	i.interruptUntil(doesNotEnd+"its program handles the signal and goes on\n", func() { i.prints("no") })
	i.says("  from another terminal: sheep stop web\n")
}

func TestLostCtrlCAtATerminalGivesAHint(t *testing.T) {
	u := newUserWithImage(t)
	s := u.atTerminal(24, 80, "run", "--no-limits", "-it", "--name", "web", "busybox", "sh", "-c",
		"echo ready; exec sleep 1000")
	s.sees("ready\r\n")
	u.becomes("sleep")
	s.types("\x03")
	s.sees("\r\n" + doesNotEnd + "a program that is PID 1 gets no signal that it has no handler for\r\n" +
		"  from another terminal: sheep stop web, or here: Ctrl-C 3 times in quick succession; next time: sheep run " +
		"--init\r\n")
	s.types("\x03\x03\x03") // these are in quick succession on every machine
	s.sees("\r\nsheep: killed web, since Ctrl-C was pressed 3 times\r\n")
	s.ends(137)
}

func TestCtrlCForTheProgramInATerminalGivesNoHint(t *testing.T) {
	u := newUserWithImage(t)
	// The shell takes it for itself; cat is not PID 1; and for the last there is no signal at all.
	s := u.atTerminal(24, 80, "run", "--no-limits", "-it", "--rm", "--name", "web", "busybox", "sh")
	s.sees("# ")
	for range 4 {
		s.types("\x03")
		s.sees("# ")
	}
	s.types("cat\rbaa\r")
	s.sees("\r\nbaa\r\n") // which cat has printed
	s.types("\x03")
	s.sees("# ")
	s.types("stty -isig -icanon; exec cat\r")
	u.becomes("cat")
	for range 4 {
		s.types("\x03x")
		s.sees("x")
	}
	if s.mutex.Lock(); strings.Contains(s.whole, doesNotEnd) {
		t.Errorf("the screen has shown %q", s.whole)
	}
	s.mutex.Unlock()
	u.ok("rm", "-f", "web")
}

func TestCtrlCThatIsHandledGivesNoHint(t *testing.T) {
	u := newUserWithImage(t)
	for program, sees := range map[string]string{
		`trap "echo no" INT; echo ready; while :; do sleep 0.01; done`: "no\r\n",
		// A job of its own in the foreground, which ignores it, as PID 1 would.
		`set -m; trap "" INT; sh -c "echo ready; exec sleep 1000"; true`: "^C",
	} {
		s := u.atTerminal(24, 80, "run", "--no-limits", "-it", "--rm", "--name", "web", "busybox", "sh", "-c", program)
		s.sees("ready\r\n")
		for range 4 {
			s.types("\x03")
			s.sees(sees)
		}
		if s.mutex.Lock(); strings.Contains(s.whole, doesNotEnd) {
			t.Errorf("of %s the screen has shown %q", program, s.whole)
		}
		s.mutex.Unlock()
		u.ok("rm", "-f", "web")
	}
}
