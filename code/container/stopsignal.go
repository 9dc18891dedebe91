//go:build linux

package container

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// defaultGrace is how long a program may take to end after the signal that asks for it, unless the user says otherwise.
const defaultGrace = 10 * time.Second

// The real-time signals as programs know them: the C libraries keep the kernel's first two for themselves (signal(7)).
const (
	realTimeFirst = 34
	realTimeLast  = 64
)

// ParseSignal reads a signal as kill(1) and docker take it: a number, or a name with or without SIG, in any case, also
// one relative to the real-time signals, RTMIN+3 or RTMAX-1.
func ParseSignal(text string) (syscall.Signal, error) {
	bad := fmt.Errorf("there is no signal %q", text)
	if number, err := strconv.Atoi(text); err == nil {
		if number < 1 || number > realTimeLast {
			return 0, bad
		}
		return syscall.Signal(number), nil
	}
	name := strings.TrimPrefix(strings.ToUpper(text), "SIG")
	if signal := unix.SignalNum("SIG" + name); signal != 0 {
		return signal, nil
	}
	for prefix, base := range map[string]int{"RTMIN": realTimeFirst, "RTMAX": realTimeLast} {
		rest, found := strings.CutPrefix(name, prefix)
		if !found {
			continue
		}
		offset, err := strconv.Atoi(rest) // takes a sign
		if rest != "" && (err != nil || rest[0] != '+' && rest[0] != '-') {
			return 0, bad
		}
		if number := base + offset; number >= realTimeFirst && number <= realTimeLast {
			return syscall.Signal(number), nil
		}
	}
	return 0, bad
}

// stopSignal is what asks the program to end. Only the image can have a signal here that there is not, which Docker
// passes over as well.
func (s *State) stopSignal() syscall.Signal {
	signal, err := ParseSignal(s.Process.StopSignal)
	if err != nil {
		return syscall.SIGTERM
	}
	return signal
}

// grace is how long the program may take to end.
func (s *State) grace() time.Duration {
	if seconds := s.Options.StopTimeout; seconds != nil {
		return time.Duration(*seconds) * time.Second
	}
	return defaultGrace
}

// Kill sends a signal to a container's program. SIGKILL ends all its processes, and Kill waits for that. A program that
// is PID 1 gets only signals that it has a handler for, and SIGKILL and SIGSTOP (pid_namespaces(7)).
func (r *Runtime) Kill(ctx context.Context, id string, signal syscall.Signal) error {
	process, state, err := r.openProcess(ctx, id)
	if err != nil {
		return r.noteSuspended(err)
	}
	if process == nil {
		return fmt.Errorf("container %s is not running", state.Name)
	}
	defer process.close()
	if signal != syscall.SIGKILL {
		return process.signal(signal)
	}
	if err := r.kill(ctx, process, state); err != nil {
		return err
	}
	return r.noteSuspended(r.awaitEnd(ctx, id))
}
