//go:build linux

package terminal

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Pair returns two connected sockets, for Send and Receive. Both are closed on exec.
func Pair() (a, b *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	return os.NewFile(uintptr(fds[0]), "socket"), os.NewFile(uintptr(fds[1]), "socket"), nil
}

// Send sends an open file to the process at the other end of a socket (unix(7), SCM_RIGHTS).
func Send(socket, file *os.File) error {
	// At least one byte of real data has to go with it.
	if err := syscall.Sendmsg(int(socket.Fd()), []byte{0}, syscall.UnixRights(int(file.Fd())), nil, 0); err != nil {
		return fmt.Errorf("send %s: %w", file.Name(), os.NewSyscallError("sendmsg", err))
	}
	return nil
}

// Receive waits for a file that was sent. When the other end is closed instead, it fails.
func Receive(socket *os.File) (*os.File, error) {
	rights := make([]byte, syscall.CmsgSpace(4))
	var n, flags int
	var err error
	for {
		_, n, flags, _, err = syscall.Recvmsg(int(socket.Fd()), make([]byte, 1), rights, syscall.MSG_CMSG_CLOEXEC)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("receive file: %w", os.NewSyscallError("recvmsg", err))
	}
	if n == 0 || flags&syscall.MSG_CTRUNC != 0 {
		return nil, errors.New("receive file: the message carried no descriptor")
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:n])
	if err != nil {
		return nil, fmt.Errorf("receive file: %w", err)
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil {
		return nil, fmt.Errorf("receive file: %w", err)
	}
	// A terminal can wait for input without a thread, if the runtime may poll it.
	syscall.SetNonblock(fds[0], true)
	return os.NewFile(uintptr(fds[0]), "received"), nil
}
