//go:build linux

package inside

import (
	"errors"
	"fmt"
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
func attachTerminal(size unix.Winsize) error {
	master, slave, err := terminal.Open()
	if err != nil {
		return err
	}
	if err := terminal.SetSize(slave, size.Row, size.Col); err != nil {
		return err
	}
	if err := terminal.Send(os.Stdin, master); err != nil {
		return err
	}
	master.Close()
	return terminal.Attach(slave)
}
