//go:build linux

package reexec

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// RunAsInit starts the program as a child and stays as PID 1, for programs that are not made to
// be it: it reaps the orphans that PID 1 inherits, and passes on signals, which the kernel keeps
// from a PID 1 without handlers. When the program ends it ends with the program's status, and
// the kernel kills what is left. It returns only if the program cannot be started.
func (p Program) RunAsInit() error {
	path, err := p.prepare()
	if err != nil {
		return err
	}
	if agree, err := threadsAgree(); err != nil {
		return err
	} else if !agree {
		return p.restart()
	}
	return p.run(path)
}

// RunAsParent does the same for a process that is not in the PID namespace of its children. The program cannot see this
// process and gets nothing from it, so its threads need not have the same rights.
func (p Program) RunAsParent() error {
	path, err := p.prepare()
	if err != nil {
		return err
	}
	return p.run(path)
}

// run starts the program and ends with its status. It returns only if the program cannot be started.
func (p Program) run(path string) error {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	child, err := newFork(path, p)
	if err != nil {
		return err
	}
	if p.Ready != nil {
		keepThreads(2)
		if err := p.Ready(); err != nil {
			return err
		}
	}
	forked := make(chan struct{})
	go func() {
		<-forked
		if p.Started != nil {
			p.Started()
		}
		if err := child.executed(); err != nil {
			fail(err)
		}
		unix.Write(reportFD, []byte{execing})
		unix.Close(reportFD)
		for received := range signals {
			switch received {
			case unix.SIGCHLD:
				reap(child.pid)
			case unix.SIGURG: // the Go runtime sends it to itself
			default:
				unix.Kill(child.pid, received.(syscall.Signal))
			}
		}
	}()
	child.start()
	close(forked)
	select {}
}

// reap waits for all children that have ended, and ends with the program if it is among them.
func reap(program int) {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		switch {
		case err == unix.EINTR:
		case err != nil || pid == 0:
			return
		case pid == program:
			os.Exit(exitStatus(status))
		}
	}
}

// keepThreads makes a few spare threads, which the runtime keeps. Without them, where there are as many processes as
// the limit allows, a Go program that wants a thread and gets none ends itself. An init would take the container with
// it.
func keepThreads(spare int) {
	var all sync.WaitGroup
	all.Add(spare)
	enough := make(chan struct{})
	for range spare {
		go func() {
			runtime.LockOSThread() // each goroutine on another thread
			all.Done()
			<-enough
			runtime.UnlockOSThread()
		}()
	}
	all.Wait()
	close(enough)
}

// threadsAgree reports whether all threads of this process have the same rights. For an exec it is enough to take
// rights from the calling thread, since exec ends the others. An init keeps them, and they share memory with that
// thread.
func threadsAgree() (bool, error) {
	statuses, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil {
		return false, err
	}
	var first []string
	for _, name := range statuses {
		content, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue // has ended
		}
		if err != nil {
			return false, fmt.Errorf("compare threads of init: %w", err)
		}
		var rights []string
		for line := range strings.Lines(string(content)) {
			switch name, _, _ := strings.Cut(line, ":"); name {
			case "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "NoNewPrivs", "Seccomp":
				rights = append(rights, strings.TrimSpace(line))
			}
		}
		if first == nil {
			first = rights
		}
		if !slices.Equal(rights, first) {
			return false, nil
		}
	}
	return true, nil
}

// restarted is the second argument of a second run that has done its set-up already.
const restarted = "restarted"

// restart executes this program once more, so that only this thread goes on. A program built with cgo needs it, since
// Go cannot make a system call on all its threads.
func (p Program) restart() error {
	if p.Ready != nil {
		return errors.New("the threads of the init differ in their rights, so it has to restart, and then cannot " +
			"limit itself; build this program with CGO_ENABLED=0")
	}
	err := func() error {
		message, err := json.Marshal(p)
		if err != nil {
			return err
		}
		config, err := memfd()
		if err != nil {
			return err
		}
		defer config.Close()
		if _, err := config.WriteAt(message, 0); err != nil {
			return err
		}
		if config.Fd() != configFD {
			if err := unix.Dup3(int(config.Fd()), configFD, 0); err != nil {
				return os.NewSyscallError("dup3", err)
			}
		}
		for _, fd := range []uintptr{configFD, reportFD} {
			if _, err := unix.FcntlInt(fd, unix.F_SETFD, 0); err != nil {
				return os.NewSyscallError("fcntl F_SETFD", err)
			}
		}
		return unix.Exec("/proc/self/exe", []string{os.Args[0], Argument, restarted}, environment)
	}()
	return fmt.Errorf("restart init: %w", err)
}

// goOn is the second run that restart makes. It has no rights that are worth stealing, and still no process may trace
// it.
func goOn() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return os.NewSyscallError("prctl PR_SET_DUMPABLE", err)
	}
	return receive(Program.RunAsInit)
}
