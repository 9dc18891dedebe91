//go:build linux

package terminal

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Pair returns two connected sockets, for Send and Receive. Both are closed on exec.
func Pair() (a, b *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(fds[0]), "socket"), os.NewFile(uintptr(fds[1]), "socket"), nil
}

// Send sends an open file to the process at the other end of a socket (unix(7), SCM_RIGHTS).
func Send(socket, file *os.File) error {
	// At least one byte of real data has to go with it.
	if err := unix.Sendmsg(int(socket.Fd()), []byte{0}, unix.UnixRights(int(file.Fd())), nil, 0); err != nil {
		return fmt.Errorf("send %s: %w", file.Name(), os.NewSyscallError("sendmsg", err))
	}
	return nil
}

// Receive waits for a file that [Send] sends. It fails if the other end is closed instead.
func Receive(socket *os.File) (*os.File, error) {
	rights := make([]byte, unix.CmsgSpace(4))
	var n, flags int
	var err error
	for {
		_, n, flags, _, err = unix.Recvmsg(int(socket.Fd()), make([]byte, 1), rights, unix.MSG_CMSG_CLOEXEC)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("receive file: %w", os.NewSyscallError("recvmsg", err))
	}
	if n == 0 || flags&unix.MSG_CTRUNC != 0 {
		return nil, errors.New("receive file: the message carried no descriptor")
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil {
		return nil, fmt.Errorf("receive file: %w", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return nil, fmt.Errorf("receive file: %w", err)
	}
	// A terminal can wait for input without a thread, if the runtime may poll it.
	unix.SetNonblock(fds[0], true)
	return os.NewFile(uintptr(fds[0]), "received"), nil
}
