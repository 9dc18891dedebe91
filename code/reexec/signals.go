//go:build linux

package reexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	setMask    = 2  // SIG_SETMASK of sigprocmask(2)
	setSize    = 8  // of a set of signals, in bytes
	lastSignal = 64 // signal(7)
)

// resetSignals gives every signal its default effect and blocks none, so that the program starts as it would from a
// terminal. What is ignored or blocked outlives execve(2), and the one who started this process may have left it so: a
// shell's background job, nohup(1), Python. Go's runtime would get signals that it has no handler for any more, so the
// execve follows, on the same thread.
func resetSignals() {
	var byDefault [4]uint64                                    // struct sigaction of the kernel: SIG_DFL is zero
	for signal := uintptr(1); signal <= lastSignal; signal++ { // fails for SIGKILL and SIGSTOP
		syscall.RawSyscall6(unix.SYS_RT_SIGACTION, signal, uintptr(unsafe.Pointer(&byDefault)), 0, setSize, 0, 0)
	}
	var none uint64
	syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&none)), 0, setSize, 0, 0)
}
