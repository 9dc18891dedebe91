//go:build linux

package container

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// Streams are where a program's standard streams lead to on the host. Any may be nil.
type Streams struct{ In, Out, Err *os.File }

// streams carry bytes between a program inside and the files of a user outside. The program never gets the user's files
// themselves: a terminal of the host's is a device of the host's.
type streams struct {
	user Streams
	log  *logFile // nil: none is kept

	in, out, err      *os.File // the monitor's ends
	childIn, childOut *os.File // the program's ends
	childErr          *os.File
	socket, master    *os.File // with a terminal: where it comes from, and then it
	withTerminal      bool
	restore           func() // of the user's terminal
	copying           sync.WaitGroup
	ended             atomic.Bool // the program has, and what it wrote is still to be carried
	stopResizing      chan struct{}
	interrupts        *interrupts // nil: Ctrl-C ends the program, or nobody can type it
}

// drainTime is for how long none may come before output is taken to be complete, when all who could write it are gone.
const drainTime = 2 * time.Second

// openStreams makes pipes, or what a terminal will come through.
func openStreams(user Streams, interactive, withTerminal bool) (_ *streams, err error) {
	s := &streams{user: user, withTerminal: withTerminal}
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
			s.close()
			err = fmt.Errorf("make pipe for standard streams: %w", err)
		}
	}()
	// The null device, and not nil: a program that is started inside another root has no other. It
	// gets the container's in its place, see ownNull.
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

// inside returns the program's standard streams.
func (s *streams) inside() (in, out, err *os.File) {
	if s.withTerminal {
		return s.childIn, s.childIn, s.childIn // until it has a terminal
	}
	return s.childIn, s.childOut, s.childErr
}

// closeInside lets go of the program's ends, when it has them.
func (s *streams) closeInside() { closeAll(s.childIn, s.childOut, s.childErr) }

func (s *streams) close() {
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

// window is the size that the program's terminal starts with.
func (s *streams) window() *window {
	if !s.withTerminal {
		return nil
	}
	size := &window{Rows: 24, Cols: 80}
	if s.user.In != nil {
		if rows, cols, err := terminal.Size(s.user.In); err == nil {
			size.Rows, size.Cols = rows, cols
		}
	}
	return size
}

// start begins to carry.
func (s *streams) start() (err error) {
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
func (s *streams) carryOut(from, user *os.File, log io.WriteCloser) {
	s.copying.Go(func() {
		defer log.Close()
		buffer := make([]byte, 32<<10)
		for {
			if s.ended.Load() {
				from.SetReadDeadline(time.Now().Add(drainTime)) // the user may be slow to take the rest
			}
			n, err := from.Read(buffer)
			log.Write(buffer[:n])
			if user != nil && n > 0 {
				if _, err := user.Write(buffer[:n]); err != nil {
					// Nobody reads any more. The program finds that out as in a pipeline.
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

// carryIn carries what the user types. It is not waited for: it may come after the end.
func (s *streams) carryIn(to *os.File) {
	from := s.user.In
	if from == nil {
		return // and to stays open, so that a program that reads waits
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
func (s *streams) followSize() {
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

// drain carries what is left when the program has ended, and puts the user's terminal back.
func (s *streams) drain() {
	s.ended.Store(true)
	for _, file := range []*os.File{s.out, s.err, s.master} {
		if file != nil {
			// A process outside may have been handed the other end. It is not waited for.
			file.SetReadDeadline(time.Now().Add(drainTime))
		}
	}
	s.copying.Wait()
	if s.stopResizing != nil {
		close(s.stopResizing)
	}
	if s.restore != nil {
		s.restore()
	}
	s.close()
}

// forwardSignals passes the signals that this process gets on to the program, from now on. The caller calls stop. Before
// there is a program, early says whether one of them is to end it.
func forwardSignals() (to func(send func(syscall.Signal) error), early func() error, stop func()) {
	signals := make(chan os.Signal, 64)
	// Not those that stop and continue a job, nor what the runtime needs. SIGPIPE is caught so as not to die of it.
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1,
		syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGPIPE)
	to = func(send func(syscall.Signal) error) {
		go func() {
			for received := range signals {
				if received != syscall.SIGPIPE {
					send(received.(syscall.Signal))
				}
			}
		}()
	}
	early = func() error {
		for {
			select {
			case received := <-signals:
				switch received {
				case syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM:
					return &Error{Code: 128 + int(received.(syscall.Signal)), Err: fmt.Errorf("broken off: %v", received)}
				}
			default:
				return nil
			}
		}
	}
	return to, early, func() {
		signal.Stop(signals)
		close(signals)
	}
}
