//go:build linux

// Package stdio (chapter 9) carries what a program in a container reads and writes: between the program's standard
// streams and the files of a user, and into the log.
//
// Read [Relay] first. All of it runs in the monitor, outside the container. The program never gets the user's files
// themselves: it holds the other ends of pipes, or of a pseudo-terminal that was made inside. [Log] writes the log,
// [Reader] reads it again, and [Relay.Interrupt] sees to it that Ctrl-C ends a program that does not handle it.
//
// # Caveats
//
// A log is not synced to the disk: when the power fails, its last lines may be lost. When the disk is full, lines are
// left out, and the program goes on.
//
// See pipe(7), pty(7), termios(3), inotify(7).
package stdio

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// Streams are where a program's standard streams lead to on the host. Any may be nil.
type Streams struct{ In, Out, Err *os.File }

// Relay carries bytes between a program inside and the files of a user outside. The program never gets the user's files
// themselves: through a terminal of the host it could reach the host.
type Relay struct {
	user Streams
	log  *Log // nil: none is kept

	in, out, err      *os.File // the monitor's ends
	childIn, childOut *os.File // the program's ends
	childErr          *os.File
	socket, master    *os.File // with a terminal: where it comes from, and then it
	withTerminal      bool
	restore           func() // puts the user's terminal back
	copying           sync.WaitGroup
	ended             atomic.Bool // the program has ended, and what it wrote is still to be carried
	stopResizing      chan struct{}
	interrupts        *interrupts // nil: Ctrl-C is not watched for
}

// DrainTime is how long no output may come, once every process that could write it is gone, until it is taken to be
// complete.
const DrainTime = 2 * time.Second

// ErrNoTerminal is the error for a program that is to have a terminal and input, without a terminal for the input.
var ErrNoTerminal = errors.New("standard input is not a terminal")

// Open makes the pipes for a program's standard streams, or the socket that its terminal will come through. interactive
// is whether the program gets the user's input.
func Open(user Streams, interactive, withTerminal bool) (_ *Relay, err error) {
	s := &Relay{user: user, withTerminal: withTerminal}
	if !interactive {
		s.user.In = nil
	}
	if withTerminal {
		if s.user.In != nil && !terminal.IsTerminal(s.user.In) {
			return nil, ErrNoTerminal
		}
		s.socket, s.childIn, err = terminal.Pair()
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	defer func() {
		if err != nil {
			s.Close()
			err = fmt.Errorf("make pipe for standard streams: %w", err)
		}
	}()
	// The null device, and not nil: os/exec would open it later, inside another root. The child replaces it by the
	// container's own (package inside, replaceNull).
	if s.childIn, err = os.Open(os.DevNull); err != nil {
		return nil, err
	}
	if interactive {
		s.childIn.Close()
		if s.childIn, s.in, err = os.Pipe(); err != nil {
			return nil, err
		}
	}
	if s.out, s.childOut, err = os.Pipe(); err != nil {
		return nil, err
	}
	s.err, s.childErr, err = os.Pipe()
	return s, err
}

// Child returns the program's standard streams.
func (s *Relay) Child() (in, out, err *os.File) {
	if s.withTerminal {
		return s.childIn, s.childIn, s.childIn // a socket, until it has made a terminal
	}
	return s.childIn, s.childOut, s.childErr
}

// CloseChild closes this process's copies of the program's ends, once the program has its own.
func (s *Relay) CloseChild() { closeAll(s.childIn, s.childOut, s.childErr) }

// Close closes everything. [Relay.Drain] does so by itself.
func (s *Relay) Close() {
	closeAll(s.childIn, s.childOut, s.childErr, s.in, s.out, s.err, s.socket, s.master)
	s.log.close()
}

func closeAll(files ...*os.File) {
	for _, file := range files {
		if file != nil {
			file.Close()
		}
	}
}

// WindowSize is the size that the program's terminal starts with, in characters; nil if it has none.
func (s *Relay) WindowSize() *unix.Winsize {
	if !s.withTerminal {
		return nil
	}
	size := &unix.Winsize{Row: 24, Col: 80}
	if s.user.In != nil {
		if rows, cols, err := terminal.Size(s.user.In); err == nil {
			size.Row, size.Col = rows, cols
		}
	}
	return size
}

// Start begins to carry. The program must have started: with a terminal, it sends that first.
func (s *Relay) Start() (err error) {
	if s.withTerminal {
		if s.master, err = terminal.Receive(s.socket); err != nil {
			return err
		}
		s.socket.Close()
		if s.user.In != nil {
			if s.restore, err = terminal.MakeRaw(s.user.In); err != nil {
				return err
			}
			s.followSize()
		}
		s.carryOut(s.master, s.user.Out, s.log.stream("stdout"))
		s.carryIn(s.master)
		return nil
	}
	s.carryOut(s.out, s.user.Out, s.log.stream("stdout"))
	s.carryOut(s.err, s.user.Err, s.log.stream("stderr"))
	s.carryIn(s.in)
	return nil
}

// carryOut carries output, to the user and to the log.
func (s *Relay) carryOut(from, user *os.File, log io.WriteCloser) {
	s.copying.Go(func() {
		defer log.Close()
		buffer := make([]byte, 32<<10)
		for {
			if s.ended.Load() {
				from.SetReadDeadline(time.Now().Add(DrainTime)) // the user may be slow to take the rest
			}
			n, err := from.Read(buffer)
			log.Write(buffer[:n])
			if user != nil && n > 0 {
				if _, err := user.Write(buffer[:n]); err != nil {
					// There is no reader any more. The program finds that out as in a pipeline: by SIGPIPE.
					from.Close()
					return
				}
			}
			if err != nil { // its end; for a terminal that is EIO
				return
			}
		}
	})
}

// carryIn carries what the user types. Nothing waits for it: input may still come after the end.
func (s *Relay) carryIn(to *os.File) {
	from := s.user.In
	if from == nil {
		return // the pipe stays open, so that a program that reads from it waits
	}
	go func() {
		var source io.Reader = from
		if s.withTerminal && s.interrupts != nil {
			source = keys{from, func() { s.interrupts.key(to) }}
		}
		io.Copy(to, source)
		if s.withTerminal {
			to.Write([]byte{4}) // the key Ctrl-D, termios(3), VEOF
			return
		}
		to.Close()
	}()
}

// followSize keeps the program's terminal as big as the user's window.
func (s *Relay) followSize() {
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	s.stopResizing = make(chan struct{})
	go func() {
		defer signal.Stop(changed)
		for {
			if rows, cols, err := terminal.Size(s.user.In); err == nil {
				terminal.SetSize(s.master, rows, cols)
			}
			select {
			case <-changed:
			case <-s.stopResizing:
				return
			}
		}
	}()
}

// Drain carries what is left when the program has ended, puts the user's terminal back and closes everything.
func (s *Relay) Drain() {
	s.ended.Store(true)
	for _, file := range []*os.File{s.out, s.err, s.master} {
		if file != nil {
			// A process outside may have been handed the other end. Do not wait for that.
			file.SetReadDeadline(time.Now().Add(DrainTime))
		}
	}
	s.copying.Wait()
	if s.stopResizing != nil {
		close(s.stopResizing)
	}
	if s.restore != nil {
		s.restore()
	}
	s.Close()
}
