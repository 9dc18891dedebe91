//go:build linux

package container

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// A program that is PID 1 gets no signal that it has no handler for, not even from outside, but SIGKILL and SIGSTOP
// (pid_namespaces(7)). So Ctrl-C does not end `sleep` in a container, and whoever started it sits before a terminal that
// answers to nothing. To them we say at the first press what helps. One that also helps is to insist: Docker's client
// leaves then, and the container goes on. Ours is the monitor, without which nobody would note down the end, so it ends the
// container instead. A program that has a handler gets what it can handle, and nothing more: it may be about to end.

// interrupts counts the Ctrl-Cs that a container in the foreground lives on after.
type interrupts struct {
	name string // of the container
	pid  int
	tell func(Interrupt) // may be nil
	kill func()          // ends the container

	mutex    sync.Mutex
	inARow   int
	last     time.Time
	finished bool // the hint was given
}

// Interrupt is what there is to say of a Ctrl-C that did not end a program.
type Interrupt struct {
	Container string // its name
	Handled   bool   // the program has a handler for SIGINT, gets the signal, and goes on
	Killed    bool   // the container was killed, since there were Presses of them
	Presses   int    // how many in quick succession kill a container whose program gets none
	Raw       bool   // the user's terminal is raw: a line ends with CR LF
}

// insistence is how many Ctrl-Cs mean that the user wants the program to end, if it goes on all the same. Each comes
// within a moment of the one before: an interpreter that only breaks off what it does may get many.
const (
	insistence = 3
	moment     = 2 * time.Second
)

// signal is called before SIGINT is passed on.
func (i *interrupts) signal() {
	caught := catches(i.pid, syscall.SIGINT)
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if inARow := i.count(); !caught {
		i.lose(inARow, false)
	} else if inARow == insistence {
		i.hint(Interrupt{Handled: true})
	}
}

// count returns how many there were in quick succession.
func (i *interrupts) count() int {
	now := time.Now()
	if now.Sub(i.last) > moment {
		i.inARow = 0
	}
	i.inARow, i.last = i.inARow+1, now
	return i.inARow
}

// key is called for Ctrl-C that is typed at a raw terminal. What the terminal inside makes of it is no business of ours,
// unless it is a signal and the one to get it is PID 1.
func (i *interrupts) key(inside *os.File) {
	if terminal.Interrupts(inside) && inForeground(i.pid) && !catches(i.pid, syscall.SIGINT) {
		i.mutex.Lock()
		defer i.mutex.Unlock()
		i.lose(i.count(), true)
	}
}

// lose is for one that the program does not get.
func (i *interrupts) lose(inARow int, raw bool) {
	i.hint(Interrupt{Raw: raw})
	if inARow == insistence {
		i.say(Interrupt{Killed: true, Raw: raw})
		i.kill()
	}
}

// hint tells the user what helps, once.
func (i *interrupts) hint(event Interrupt) {
	if !i.finished {
		i.finished = true
		i.say(event)
	}
}

func (i *interrupts) say(event Interrupt) {
	if i.tell != nil {
		event.Container, event.Presses = i.name, insistence
		i.tell(event)
	}
}

// catches reports whether a process has a handler for a signal (proc_pid_status(5), SigCgt).
func catches(pid int, signal syscall.Signal) bool {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return true // it has ended
	}
	_, rest, _ := strings.Cut(string(content), "\nSigCgt:")
	mask, _, _ := strings.Cut(rest, "\n")
	caught, err := strconv.ParseUint(strings.TrimSpace(mask), 16, 64)
	return err != nil || caught>>(signal-1)&1 == 1
}

// inForeground reports whether a process gets the signals of the keys of its terminal: its process group is that in the
// foreground (proc_pid_stat(5), fields 5 and 8).
func inForeground(pid int) bool {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := cutLast(string(content), ") ")
	fields := strings.Fields(rest) // from the third on
	return len(fields) > 8-3 && fields[5-3] == fields[8-3]
}

// keys reads what is typed, and tells of each Ctrl-C.
type keys struct {
	io.Reader
	interrupt func()
}

func (k keys) Read(buffer []byte) (int, error) {
	n, err := k.Reader.Read(buffer)
	for range bytes.Count(buffer[:n], []byte{3}) { // ETX, which is VINTR of every terminal that nobody has changed
		k.interrupt()
	}
	return n, err
}
