//go:build linux

package container

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// forwardSignals passes the signals that this process gets on to the program, from now on. The caller calls stop.
// Before there is a program, interrupted reports one that is to end it.
func forwardSignals() (to func(send func(syscall.Signal) error), interrupted func() error, stop func()) {
	signals := make(chan os.Signal, 64)
	// Not those that stop and continue a job, nor what the runtime needs. SIGPIPE is caught so as not to die of it.
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGUSR1,
		syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGPIPE)
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
