package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// listen has signals sent to a channel, where none ends this process.
func listen() <-chan os.Signal {
	signals := make(chan os.Signal, 64)
	for s := syscall.Signal(1); s <= 64; s++ {
		switch s {
		case syscall.SIGCHLD, syscall.SIGURG: // meant for us alone
		case syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU:
			// Ctrl-Z stops the whole job, and our shell waits for that.
		default:
			signal.Notify(signals, s)
		}
	}
	return signals
}

// relay passes signals on to a process. Ctrl-C and Ctrl-\ it does not: the
// terminal sends them to all processes of the job, so the program has them.
func relay(signals <-chan os.Signal, pid int) {
	_, err := unix.IoctlGetTermios(0, unix.TCGETS)
	terminal := err == nil
	for s := range signals {
		if terminal && (s == syscall.SIGINT || s == syscall.SIGQUIT) {
			continue
		}
		syscall.Kill(pid, s.(syscall.Signal))
	}
}

// status is what a shell makes of the end of a process.
func status(s syscall.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}
