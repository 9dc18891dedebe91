//go:build linux

package container

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// forwarded are the signals that are the program's: all, as with Docker, since one that ended this process would leave
// the program without a monitor. But those that stop and continue a job, or that come because something happened to
// this process, are its own. What this process was started to ignore, such as SIGHUP under nohup(1), it goes on
// ignoring. SIGPIPE is caught so as not to die of it. The first real-time signals are beyond Go.
func forwarded() (all []os.Signal) {
	for number := syscall.Signal(1); number <= realTimeLast; number++ {
		switch number {
		case syscall.SIGKILL, syscall.SIGSTOP, // cannot be caught
			syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGCONT,
			syscall.SIGCHLD, syscall.SIGWINCH, syscall.SIGURG, syscall.SIGPROF,
			syscall.SIGILL, syscall.SIGTRAP, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGSEGV, syscall.SIGSYS,
			realTimeFirst - 2, realTimeFirst - 1, realTimeFirst:
			continue
		}
		if !signal.Ignored(number) {
			all = append(all, number)
		}
	}
	return all
}

// ignoreRealTimeFirst keeps SIGRTMIN from ending this process. Go gives no program that signal, since musl uses it
// (https://go.dev/issue/42494), so it cannot be passed on: only [Runtime.Kill] sends it. What is ignored here is not
// ignored by the program (package reexec).
func ignoreRealTimeFirst() {
	ignore := [4]uint64{1} // struct sigaction of the kernel, which begins with the handler: SIG_IGN
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, realTimeFirst, uintptr(unsafe.Pointer(&ignore)), 0, 8, 0, 0)
}

// forwardSignals passes the signals that this process gets on to the program, from now on. The caller calls stop.
// Before there is a program, interrupted reports one that is to end it.
func forwardSignals() (to func(send func(syscall.Signal) error), interrupted func() error, stop func()) {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, forwarded()...)
	ignoreRealTimeFirst()
	to = func(send func(syscall.Signal) error) {
		go func() {
			for received := range signals {
				if received != syscall.SIGPIPE {
					send(received.(syscall.Signal))
				}
			}
		}()
	}
	interrupted = func() error {
		for {
			select {
			case received := <-signals:
				switch received {
				case syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM:
					return &Error{
						Code: 128 + int(received.(syscall.Signal)), Err: fmt.Errorf("broken off: %v", received),
					}
				}
			default:
				return nil
			}
		}
	}
	return to, interrupted, func() {
		signal.Stop(signals)
		close(signals)
	}
}
