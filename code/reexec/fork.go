//go:build linux

package reexec

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// failFD is where the forked child says why it could not execute the program.
const failFD = 3

// fork is a child that shares nothing with this process.
//
// [syscall.ForkExec] forks, too. But until it executes, its child has the memory of the parent and a copy of all its
// descriptors (clone(2), CLONE_VM). When another program enters a container, the parent stays outside and the child
// does not: a process in there with CAP_SYS_PTRACE could catch the child before it executes, and keep a way to write to
// the parent's memory, or to the epoll instance whose events are pointers to the parent's Go runtime. So this fork
// copies the memory. Before that, the calling thread leaves the table of descriptors that it shares with the others: it
// copies the table, and closes all descriptors that the child must not get.
type fork struct {
	path       *byte
	args, env  []*byte
	foreground bool
	fail       [2]int // a pipe for the child to say why it could not execute the program

	pid   int
	errno syscall.Errno
}

// newFork prepares what the child needs, since the child cannot allocate.
func newFork(path string, p Program) (f *fork, err error) {
	f = &fork{foreground: term.IsTerminal(0)}
	if f.path, err = syscall.BytePtrFromString(path); err == nil {
		f.args, err = syscall.SlicePtrFromStrings(p.Args)
	}
	if err == nil {
		f.env, err = syscall.SlicePtrFromStrings(p.Env)
	}
	if err != nil {
		return nil, &programError{fmt.Errorf("exec %s: %w", path, err)}
	}
	if err := unix.Pipe2(f.fail[:], unix.O_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("pipe2", err)
	}
	return f, nil
}

// executed waits until the child executes the program. It is called on a thread that still has the pipe.
func (f *fork) executed() error {
	unix.Close(f.fail[1])
	defer unix.Close(f.fail[0])
	if f.errno != 0 {
		return fmt.Errorf("start a process: %w", f.errno)
	}
	var reason uint32
	buffer := (*[unsafe.Sizeof(reason)]byte)(unsafe.Pointer(&reason))
	n, err := unix.Read(f.fail[0], buffer[:])
	for err == unix.EINTR {
		n, err = unix.Read(f.fail[0], buffer[:])
	}
	if err != nil || n == 0 { // exec has closed it
		return err
	}
	return &programError{fmt.Errorf("exec %s: %w", unix.BytePtrToString(f.path), syscall.Errno(reason))}
}

// start forks. The child is a copy of this thread alone: the locks that other threads held stay locked in it. Until it
// executes the program it must not allocate, grow its stack or enter the scheduler, so it makes raw system calls, which
// the runtime does not notice, and calls no function of packages os, syscall or x/sys that does more than that.
//
// In the parent, this thread is of no use afterwards. It must not even allocate, since a garbage collection that starts
// on it would end in a look at the epoll instance.
//
//go:norace
func (f *fork) start() {
	var (
		all, none, before = ^uint64(0), uint64(0), uint64(0) // sets of signals
		byDefault         [4]uint64                          // struct sigaction of the kernel: SIG_DFL is zero
		pid               uintptr
		errno             syscall.Errno
		group             int32
	)
	_, _, errno = syscall.RawSyscall(unix.SYS_UNSHARE, unix.CLONE_FILES, 0, 0)
	if errno == 0 && f.fail[1] != failFD {
		_, _, errno = syscall.RawSyscall(unix.SYS_DUP3, uintptr(f.fail[1]), failFD, unix.O_CLOEXEC)
	}
	if errno == 0 {
		_, _, errno = syscall.RawSyscall(unix.SYS_CLOSE_RANGE, failFD+1, uintptr(^uint32(0)), 0)
	}
	if errno != 0 {
		f.errno = errno
		return
	}
	// A signal in the child would call one of the runtime's handlers.
	syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&all)),
		uintptr(unsafe.Pointer(&before)), setSize, 0, 0)
	pid, _, errno = syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno != 0 || pid != 0 {
		syscall.RawSyscall(unix.SYS_CLOSE, failFD, 0, 0)
		syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&before)), 0, setSize, 0, 0)
		f.pid, f.errno = int(pid), errno
		return
	}

	// The child goes on here, in a new process group, in the foreground if there is a terminal: keys such as Ctrl-C
	// then reach the program once, from the terminal, and not again through the init.
	_, _, errno = syscall.RawSyscall(unix.SYS_SETPGID, 0, 0, 0)
	if errno == 0 && f.foreground {
		pid, _, _ = syscall.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
		group = int32(pid)
		_, _, errno = syscall.RawSyscall(unix.SYS_IOCTL, 0, unix.TIOCSPGRP, uintptr(unsafe.Pointer(&group)))
	}
	if errno == 0 {
		// As resetSignals does, which may not be called here.
		for signal := uintptr(1); signal <= lastSignal; signal++ {
			syscall.RawSyscall6(unix.SYS_RT_SIGACTION, signal, uintptr(unsafe.Pointer(&byDefault)), 0, setSize, 0, 0)
		}
		syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&none)), 0, setSize, 0, 0)
		_, _, errno = syscall.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(f.path)),
			uintptr(unsafe.Pointer(&f.args[0])), uintptr(unsafe.Pointer(&f.env[0])))
	}
	group = int32(errno)
	syscall.RawSyscall(unix.SYS_WRITE, failFD, uintptr(unsafe.Pointer(&group)), unsafe.Sizeof(group))
	for {
		syscall.RawSyscall(unix.SYS_EXIT_GROUP, 1, 0, 0)
	}
}
