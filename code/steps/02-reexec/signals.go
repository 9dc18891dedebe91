package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// listen has all signals sent to a channel, where none ends this process.
func listen() <-chan os.Signal {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	// Ctrl-Z stops the first process too: its shell waits for that.
	signal.Reset(syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU)
	return signals
}

// relay passes signals on to a process.
func relay(signals <-chan os.Signal, pid int) {
	_, err := unix.IoctlGetTermios(0, unix.TCGETS)
	terminal := err == nil
	for s := range signals {
		switch {
		case s == syscall.SIGCHLD || s == syscall.SIGURG: // meant for us
		case terminal && (s == syscall.SIGINT || s == syscall.SIGQUIT):
			// Ctrl-C: the terminal has sent it to the program as well.
		default:
			syscall.Kill(pid, s.(syscall.Signal))
		}
	}
}

// status is what a shell makes of the end of a process.
func status(s syscall.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}
