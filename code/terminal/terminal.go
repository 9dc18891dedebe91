//go:build linux

// Package terminal makes pseudo-terminals and handles the terminal that a command is run from.
//
// A program that talks to a person wants a terminal: line editing, Ctrl-C, a window size. A container's program gets a
// pseudo-terminal, two files of which one is, to the program, a terminal (the slave), and the other (the master) stands
// for the keyboard and the screen. [Open] makes the pair in the devpts of the caller, so that called inside a container
// the name of the slave is valid there; [Send] and [Receive] bring the master out. [Attach] makes the slave the terminal
// of a process.
//
// On the outside a user's own terminal is in the way: it would edit lines and turn Ctrl-C into a signal for the runtime.
// [MakeRaw] makes it pass on every byte, and returns what puts it back. [Size] and [SetSize] carry the size of its
// window over, at the start and on each SIGWINCH.
//
// See pty(7), pts(4), ioctl_tty(2), termios(3), credentials(7).
package terminal

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// tiocgptpeer opens the slave of a master, without a path (ioctl_tty(2), Linux 4.13). It is _IO('T', 0x41), the same
// number on every architecture that Sheep is built for.
const tiocgptpeer = 0x5441

// Open makes a pseudo-terminal in the devpts that the caller's /dev/ptmx belongs to.
func Open() (master, slave *os.File, err error) {
	// O_NOCTTY: it is to be the terminal of the program, not of whoever opens it.
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC, 0)
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

// peer unlocks and opens the slave of a master. No path is looked up, since by a path the wrong
// file may be found: /dev/pts can be another instance, or what an image has put there.
func peer(master *os.File) (*os.File, error) {
	var number, locked int32
	if err := control(master, syscall.TIOCSPTLCK, "TIOCSPTLCK", unsafe.Pointer(&locked)); err != nil {
		return nil, err
	}
	if err := control(master, syscall.TIOCGPTN, "TIOCGPTN", unsafe.Pointer(&number)); err != nil {
		return nil, err
	}
	fd, err := ioctl(master, tiocgptpeer, syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("ioctl TIOCGPTPEER", err)
	}
	return os.NewFile(fd, fmt.Sprintf("/dev/pts/%d", number)), nil
}

// Attach makes a slave the controlling terminal of the calling process, and its standard input,
// output and error. The process becomes the leader of a new session, which it must not be yet.
func Attach(slave *os.File) error {
	// Only the leader of a session that has no terminal can get one (ioctl_tty(2), TIOCSCTTY).
	if _, err := syscall.Setsid(); err != nil {
		return fmt.Errorf("start session: %w", os.NewSyscallError("setsid", err))
	}
	if _, err := ioctl(slave, syscall.TIOCSCTTY, 0); err != nil {
		return fmt.Errorf("make %s the controlling terminal: %w", slave.Name(), os.NewSyscallError("ioctl TIOCSCTTY", err))
	}
	fd := int(slave.Fd())
	for standard := range 3 {
		if fd == standard {
			continue // dup3(2) refuses; and Attach cannot be asked to close what is in use
		}
		if err := syscall.Dup3(fd, standard, 0); err != nil {
			return fmt.Errorf("make %s standard stream %d: %w", slave.Name(), standard, os.NewSyscallError("dup3", err))
		}
	}
	return nil
}

// IsTerminal says whether a file is a terminal.
func IsTerminal(f *os.File) bool {
	if f == nil {
		return false
	}
	var state syscall.Termios
	return control(f, syscall.TCGETS, "TCGETS", unsafe.Pointer(&state)) == nil
}

// Interrupts says whether a terminal makes a signal of Ctrl-C (termios(3), ISIG). The master is asked about the slave.
func Interrupts(f *os.File) bool {
	var state syscall.Termios
	return control(f, syscall.TCGETS, "TCGETS", unsafe.Pointer(&state)) == nil &&
		state.Lflag&syscall.ISIG != 0 && state.Cc[syscall.VINTR] == 'C'&0x1f
}

// MakeRaw makes a terminal pass on what is typed as it is, byte by byte, and print what is written
// as it is: the terminal inside the container does the rest. restore puts back what was before.
// It may be called more than once.
func MakeRaw(f *os.File) (restore func(), err error) {
	var before syscall.Termios
	if err := control(f, syscall.TCGETS, "TCGETS", unsafe.Pointer(&before)); err != nil {
		return nil, fmt.Errorf("make terminal raw: %w", err)
	}
	// As cfmakeraw(3).
	raw := before
	raw.Iflag &^= syscall.IGNBRK | syscall.BRKINT | syscall.PARMRK | syscall.ISTRIP |
		syscall.INLCR | syscall.IGNCR | syscall.ICRNL | syscall.IXON
	raw.Oflag &^= syscall.OPOST
	raw.Lflag &^= syscall.ECHO | syscall.ECHONL | syscall.ICANON | syscall.ISIG | syscall.IEXTEN
	raw.Cflag &^= syscall.CSIZE | syscall.PARENB
	raw.Cflag |= syscall.CS8
	raw.Cc[syscall.VMIN], raw.Cc[syscall.VTIME] = 1, 0 // a read returns with the first byte
	if err := control(f, syscall.TCSETS, "TCSETS", unsafe.Pointer(&raw)); err != nil {
		return nil, fmt.Errorf("make terminal raw: %w", err)
	}
	return func() { control(f, syscall.TCSETS, "TCSETS", unsafe.Pointer(&before)) }, nil
}

// window is struct winsize of <asm/termios.h>.
type window struct{ rows, cols, width, height uint16 }

// Size returns the size of a terminal's window, in characters.
func Size(f *os.File) (rows, cols uint16, err error) {
	var size window
	if err := control(f, syscall.TIOCGWINSZ, "TIOCGWINSZ", unsafe.Pointer(&size)); err != nil {
		return 0, 0, fmt.Errorf("size of terminal: %w", err)
	}
	return size.rows, size.cols, nil
}

// SetSize sets the size of a terminal's window. If it changes, the kernel sends SIGWINCH to the foreground process group
// of the terminal.
func SetSize(f *os.File, rows, cols uint16) error {
	size := window{rows: rows, cols: cols}
	if err := control(f, syscall.TIOCSWINSZ, "TIOCSWINSZ", unsafe.Pointer(&size)); err != nil {
		return fmt.Errorf("set size of terminal: %w", err)
	}
	return nil
}

// control does an ioctl(2) whose argument is in memory.
func control(f *os.File, request uintptr, name string, argument unsafe.Pointer) error {
	var errno syscall.Errno
	err := withFD(f, func(fd uintptr) {
		_, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(argument))
	})
	if err != nil {
		return err
	}
	if errno != 0 {
		return os.NewSyscallError("ioctl "+name, errno)
	}
	return nil
}

// ioctl does an ioctl(2) whose argument is a number.
func ioctl(f *os.File, request, argument uintptr) (result uintptr, err error) {
	var errno syscall.Errno
	if err := withFD(f, func(fd uintptr) {
		result, _, errno = syscall.Syscall(syscall.SYS_IOCTL, fd, request, argument)
	}); err != nil {
		return 0, err
	}
	if errno != 0 {
		return 0, errno
	}
	return result, nil
}

// withFD calls do with the descriptor of a file. [os.File.Fd] would make the file blocking, and closing a blocking master
// does not wake up who is reading from it.
func withFD(f *os.File, do func(fd uintptr)) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(do)
}
