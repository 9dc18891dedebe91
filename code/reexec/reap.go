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
	"unsafe"
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
		return p.startAnew()
	}
	return p.run(path)
}

// RunAsParent does the same for a process that is not in the PID namespace of its children. The
// program cannot see this process, and gets nothing of it: its other threads may be anywhere.
func (p Program) RunAsParent() error {
	path, err := p.prepare()
	if err != nil {
		return err
	}
	return p.run(path)
}

// run starts the program and waits for its end. It returns only if there is none.
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
		syscall.Write(reportFD, []byte{execing})
		syscall.Close(reportFD)
		for received := range signals {
			switch received {
			case syscall.SIGCHLD:
				reap(child.pid)
			case syscall.SIGURG: // the Go runtime sends it to itself
			default:
				syscall.Kill(child.pid, received.(syscall.Signal))
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
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil || pid == 0:
			return
		case pid == program:
			os.Exit(exitStatus(status))
		}
	}
}

// keepThreads makes some threads more than are needed at any time. The runtime keeps them. Where there are as many
// processes as the limit allows, a Go program else ends itself when it wants a thread and gets none: an init, for one,
// with all that is in the container.
func keepThreads(spare int) {
	var all sync.WaitGroup
	all.Add(spare)
	enough := make(chan struct{})
	for range spare {
		go func() {
			runtime.LockOSThread() // each on another
			all.Done()
			<-enough
			runtime.UnlockOSThread()
		}()
	}
	all.Wait()
	close(enough)
}

// threadsAgree says whether all our threads have the same rights. What set-up takes from the thread it runs on is enough
// for an exec, which ends the others. An init keeps them, and they share memory with that thread.
func threadsAgree() (bool, error) {
	statuses, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil {
		return false, err
	}
	var first []string
	for _, name := range statuses {
		content, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
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

// anew is the second argument of a second run that has its set-up behind it.
const anew = "anew"

// startAnew executes this program once more, so that this thread is the only one to go on. It is what a program built with
// cgo needs, where Go cannot make a system call in all threads.
func (p Program) startAnew() error {
	if p.Ready != nil {
		return errors.New("the threads of the init differ in their rights, so it has to start anew, and then cannot " +
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
			if err := syscall.Dup3(int(config.Fd()), configFD, 0); err != nil {
				return os.NewSyscallError("dup3", err)
			}
		}
		for _, fd := range []uintptr{configFD, reportFD} {
			if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_SETFD, 0); errno != 0 {
				return os.NewSyscallError("fcntl F_SETFD", errno)
			}
		}
		return syscall.Exec("/proc/self/exe", []string{os.Args[0], Argument, anew}, environment)
	}()
	return fmt.Errorf("start init anew: %w", err)
}

// goOn is the second run that startAnew makes. It has no rights that are worth stealing, and still it is nobody's to trace.
func goOn() error {
	const setDumpable = 4 // PR_SET_DUMPABLE of <linux/prctl.h>
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setDumpable, 0, 0); errno != 0 {
		return os.NewSyscallError("prctl PR_SET_DUMPABLE", errno)
	}
	return receive(Program.RunAsInit)
}

// isTerminal says whether a descriptor is a terminal.
func isTerminal(fd uintptr) bool {
	var attributes syscall.Termios
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TCGETS, uintptr(unsafe.Pointer(&attributes)))
	return errno == 0
}
