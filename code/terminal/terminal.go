//go:build linux

// Package terminal (a helper of chapter 10) makes pseudo-terminals and handles the terminal that a command is run from.
//
// A program that talks to a person wants a terminal: line editing, Ctrl-C, a window size. A container's program gets a
// pseudo-terminal, two files of which one is, to the program, a terminal (the slave), and the other (the master) stands
// for the keyboard and the screen. [Open] makes the pair in the devpts of the caller, so that called inside a container
// the name of the slave is valid there; [Send] and [Receive] bring the master out. [Attach] makes the slave the
// terminal of a process.
//
// On the outside a user's own terminal is in the way: it would edit lines and turn Ctrl-C into a signal for the
// runtime. [MakeRaw] makes it pass on every byte, and returns a function that restores it. [Size] and [SetSize] carry
// the size of its window over, at the start and on each SIGWINCH.
//
// Read first: [Open], [Attach], then [Send] and [Receive].
//
// # Caveats
//
// Needs Linux 4.13, for TIOCGPTPEER. Nothing restores a raw terminal if the process is killed: reset(1) does.
//
// See pty(7), pts(4), ioctl_tty(2), termios(3), credentials(7).
package terminal

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// Open makes a pseudo-terminal in the devpts that the caller's /dev/ptmx belongs to.
func Open() (master, slave *os.File, err error) {
	// O_NOCTTY: it is to become the terminal of the program, not of the process that opens it.
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make pseudo-terminal: %w", err)
	}
	slave, err = peer(master)
	if err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("make pseudo-terminal: %w", err)
	}
	return master, slave, nil
}

// peer unlocks and opens the slave of a master. No path is looked up, since a path may lead to the wrong file: /dev/pts
// can be another instance, or something that an image put there.
func peer(master *os.File) (*os.File, error) {
	var number uint32
	var slave uintptr
	err := withFD(master, func(fd int) error {
		if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
			return os.NewSyscallError("ioctl TIOCSPTLCK", err)
		}
		var err error
		if number, err = unix.IoctlGetUint32(fd, unix.TIOCGPTN); err != nil {
			return os.NewSyscallError("ioctl TIOCGPTN", err)
		}
		// Since Linux 4.13 (ioctl_tty(2)). x/sys has no function for an ioctl with a number as argument and as result.
		const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
		var errno unix.Errno
		if slave, _, errno = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.TIOCGPTPEER, flags); errno != 0 {
			return os.NewSyscallError("ioctl TIOCGPTPEER", errno)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return os.NewFile(slave, fmt.Sprintf("/dev/pts/%d", number)), nil
}

// Attach makes a slave the controlling terminal of the calling process, and its standard input, output and error. The
// process becomes the leader of a new session, so it must not lead a process group yet (setsid(2)).
func Attach(slave *os.File) error {
	// Only the leader of a session that has no terminal can get one (ioctl_tty(2), TIOCSCTTY).
	if _, err := unix.Setsid(); err != nil {
		return fmt.Errorf("start session: %w", os.NewSyscallError("setsid", err))
	}
	if err := withFD(slave, func(fd int) error { return unix.IoctlSetInt(fd, unix.TIOCSCTTY, 0) }); err != nil {
		return fmt.Errorf("make %s the controlling terminal: %w", slave.Name(),
			os.NewSyscallError("ioctl TIOCSCTTY", err))
	}
	fd := int(slave.Fd())
	for standard := range 3 {
		if fd == standard {
			continue // dup3(2) refuses two equal descriptors
		}
		if err := unix.Dup3(fd, standard, 0); err != nil {
			return fmt.Errorf("make %s standard stream %d: %w", slave.Name(), standard, os.NewSyscallError("dup3", err))
		}
	}
	return nil
}

// IsTerminal reports whether a file is a terminal.
func IsTerminal(f *os.File) bool {
	is := false
	withFD(f, func(fd int) error { // a nil file is none
		is = term.IsTerminal(fd)
		return nil
	})
	return is
}

// Interrupts reports whether a terminal makes a signal of Ctrl-C (termios(3), ISIG). A master answers for its slave.
func Interrupts(f *os.File) bool {
	var state *unix.Termios
	err := withFD(f, func(fd int) (err error) {
		state, err = unix.IoctlGetTermios(fd, unix.TCGETS)
		return err
	})
	return err == nil && state.Lflag&unix.ISIG != 0 && state.Cc[unix.VINTR] == 'C'&0x1f
}

// MakeRaw makes a terminal pass on what is typed as it is, byte by byte, and print what is written as it is, as
// cfmakeraw(3) does: the terminal inside the container does the rest. restore puts back the settings from before. It
// may be called more than once.
func MakeRaw(f *os.File) (restore func(), err error) {
	var before *term.State
	err = withFD(f, func(fd int) (err error) {
		before, err = term.MakeRaw(fd)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("make terminal raw: %w", err)
	}
	return func() { withFD(f, func(fd int) error { return term.Restore(fd, before) }) }, nil
}

// Size returns the size of a terminal's window, in characters.
func Size(f *os.File) (rows, cols uint16, err error) {
	err = withFD(f, func(fd int) error {
		width, height, err := term.GetSize(fd)
		rows, cols = uint16(height), uint16(width)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("size of terminal: %w", err)
	}
	return rows, cols, nil
}

// SetSize sets the size of a terminal's window, in characters. If it changes, the kernel sends SIGWINCH to the
// foreground process group of the terminal.
func SetSize(f *os.File, rows, cols uint16) error {
	err := withFD(f, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
	})
	if err != nil {
		return fmt.Errorf("set size of terminal: %w", os.NewSyscallError("ioctl TIOCSWINSZ", err))
	}
	return nil
}

// withFD calls do with the descriptor of a file. [os.File.Fd] would make the file blocking, and closing a blocking
// master does not wake up a goroutine that reads from it.
func withFD(f *os.File, do func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	if failed := raw.Control(func(fd uintptr) { err = do(int(fd)) }); failed != nil {
		return failed
	}
	return err
}
