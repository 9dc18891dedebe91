//go:build linux

package inside

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// replaceNull puts the container's null device in the place of the host's, if that is standard input. A process can
// change the mode of any file that it has open, and the host's users depend on that of /dev/null.
func replaceNull() error {
	isNull := func(fd int) bool {
		var stat syscall.Stat_t
		err := syscall.Fstat(fd, &stat)
		return err == nil && stat.Mode&syscall.S_IFMT == syscall.S_IFCHR && stat.Rdev == 1<<8|3
	}
	if !isNull(0) {
		return nil
	}
	// A running container may have put anything there.
	fd, err := syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open the container's %s: %w", os.DevNull, err)
	}
	defer syscall.Close(fd)
	if !isNull(fd) {
		return fmt.Errorf("the container's %s is not the null device", os.DevNull)
	}
	if err := errors.Join(syscall.SetNonblock(fd, false), syscall.Dup3(fd, 0, 0)); err != nil {
		return fmt.Errorf("make the container's %s standard input: %w", os.DevNull, err)
	}
	return nil
}

// attachTerminal makes a pseudo-terminal inside, so that its name is one that exists there, and sends the outer end
// out, through the socket that is standard input until then.
// console says that it is also to be /dev/console, as with Docker and runc: programs write there what is for the user.
func attachTerminal(size unix.Winsize, console bool) error {
	master, slave, err := terminal.Open()
	if err != nil {
		return err
	}
	if err := terminal.SetSize(slave, size.Row, size.Col); err != nil {
		return err
	}
	if console {
		if err := bindConsole(slave); err != nil {
			return err
		}
	}
	if err := terminal.Send(os.Stdin, master); err != nil {
		return err
	}
	master.Close()
	return terminal.Attach(slave)
}

// bindConsole makes a terminal /dev/console. Where the user has bound a /dev that has one, that stays.
func bindConsole(slave *os.File) error {
	const name = "/dev/console"
	place, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.EROFS) {
		return nil
	}
	if err == nil {
		place.Close()
		err = unix.Mount(fmt.Sprintf("/proc/self/fd/%d", slave.Fd()), name, "", unix.MS_BIND, "")
	}
	if err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	return nil
}
