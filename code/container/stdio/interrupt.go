//go:build linux

package stdio

import (
	"bytes"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/proc"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// A program that is PID 1 gets no signal that it has no handler for, not even from outside, but SIGKILL and SIGSTOP
// (pid_namespaces(7)). So Ctrl-C does not end `sleep` in a container, and the user sits before a terminal that answers
// to nothing. To them we say at the first press what helps. One that also helps is to insist: Docker's client leaves
// then, and the container goes on. This command is the monitor, without which the end would not be recorded, so it
// ends the container instead. A program that has a handler gets what it can handle, and nothing more: it may be about
// to end.

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

// WatchInterrupts prepares for Ctrl-C while the program runs that is PID 1 of a container. It is called before
// [Relay.Start]. tell hears of each that does not end the program, and may be nil; kill ends the container.
func (s *Relay) WatchInterrupts(container string, pid int, tell func(Interrupt), kill func()) {
	s.interrupts = &interrupts{name: container, pid: pid, tell: tell, kill: kill}
}

// Interrupt is called for each SIGINT, before it is passed on.
func (s *Relay) Interrupt() { s.interrupts.signal() }

// insistence is how many Ctrl-Cs mean that the user wants the program to end, if it goes on all the same. Each comes
// within a moment of the one before: an interpreter that only breaks off what it does may get many.
const (
	insistence = 3
	moment     = 2 * time.Second
)

// signal is called before SIGINT is passed on.
func (i *interrupts) signal() {
	caught := proc.Catches(i.pid, syscall.SIGINT)
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

// key is called for Ctrl-C that is typed at a raw terminal. What the terminal inside makes of it does not matter here,
// unless it is a signal and the one to get it is PID 1.
func (i *interrupts) key(inside *os.File) {
	if terminal.Interrupts(inside) && proc.InForeground(i.pid) && !proc.Catches(i.pid, syscall.SIGINT) {
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

// keys reads what is typed, and tells of each Ctrl-C.
type keys struct {
	io.Reader
	interrupt func()
}

func (k keys) Read(buffer []byte) (int, error) {
	n, err := k.Reader.Read(buffer)
	// 3 is ETX, the VINTR of a terminal whose settings were not changed (termios(3)).
	for range bytes.Count(buffer[:n], []byte{3}) {
		k.interrupt()
	}
	return n, err
}
