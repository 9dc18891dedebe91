// Command enter runs a program in namespaces of its own, or in the PID
// namespace of another process.
//
// With the setting below, Go's runtime does not keep files of the host's
// cgroup open, which the program would find in /proc/1/fd.
//
//go:debug containermaxprocs=0
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// config is what the outer half tells the inner one.
type config struct {
	Hostname string
	Args     []string // the program and its arguments
}

// Pdeathsig belongs to one thread, and an exec by another one forgets it.
func init() { runtime.LockOSThread() }

func main() {
	into, args := "", os.Args[1:]
	if len(args) > 1 && args[0] == "-into" {
		into, args = args[1], args[2:]
	}
	if len(args) < 1 {
		check("usage", errors.New("[-into PID] PROGRAM [ARGUMENT...]"))
	}
	// Whoever started us may have left a way out open.
	check("close descriptors at exec",
		unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC))
	if args[0] == "init" {
		inner()
	}
	outer(into, args)
}

// outer starts a process in new namespaces, and does for it what only the
// host can do.
func outer(into string, args []string) {
	message, err := json.Marshal(config{"sheep", args})
	check("write the configuration", err)
	receive, send, err := os.Pipe()
	check("make a pipe", err)
	said, say, err := os.Pipe() // the other way
	check("make a pipe", err)
	cmd := exec.Command("/proc/self/exe", "init")
	cmd.ExtraFiles = []*os.File{receive, say} // 3 and 4 over there
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUTS | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC |
			syscall.CLONE_NEWNET}
	if into != "" {
		cmd.SysProcAttr.Cloneflags &^= syscall.CLONE_NEWPID
		check("join the PID namespace of "+into, join(into))
	}
	signals := listen()
	check("start the second process", cmd.Start())
	check("leave the PID namespace", join("self"))
	receive.Close() // these two are the second process's now
	say.Close()
	check("finish outside", finish(cmd.Process.Pid))
	send.Write(message)
	send.Close()             // the end of the message says: go
	io.Copy(os.Stderr, said) // until the program runs, or will not
	go relay(signals, cmd.Process.Pid)
	cmd.Wait() // its error says no more than the status below
	os.Exit(status(cmd.ProcessState.Sys().(syscall.WaitStatus)))
}

// join has the children of this thread begin in the PID namespace of a
// process. The thread itself remains where it is.
func join(pid string) error {
	namespace, err := os.Open("/proc/" + pid + "/ns/pid")
	if err != nil {
		return err
	}
	defer namespace.Close()
	return unix.Setns(int(namespace.Fd()), unix.CLONE_NEWPID)
}

// finish gives a process an interface to the host, and a limit.
func finish(pid int) error {
	add := "link add veth%d type veth peer eth0 netns %[1]d"
	link := strings.Fields(fmt.Sprintf(add, pid))
	ip := exec.Command("ip", link...)
	ip.Stderr = os.Stderr
	if err := ip.Run(); err != nil {
		return fmt.Errorf("ip link add: %w", err)
	}
	limit := unix.Rlimit{Cur: 60, Max: 60} // seconds of CPU time
	return unix.Prlimit(pid, unix.RLIMIT_CPU, &limit, nil)
}

// inner finishes the namespaces from inside and runs the program there.
func inner() {
	// Go's Pdeathsig compares numbers: in a PID namespace that is neither
	// new nor ours it takes the parent, which has none there, for dead.
	check("end with the outer half", unix.Prctl(unix.PR_SET_PDEATHSIG,
		uintptr(syscall.SIGKILL), 0, 0, 0))
	signals := listen()
	pipe := os.NewFile(3, "pipe")
	message, err := io.ReadAll(pipe) // until the outer half closes its end
	check("read the configuration", err)
	pipe.Close()
	report = os.NewFile(4, "report")
	var c config
	if json.Unmarshal(message, &c) != nil {
		os.Exit(125) // the outer half has failed, and has said why
	}
	check("set the hostname", syscall.Sethostname([]byte(c.Hostname)))
	const private = syscall.MS_REC | syscall.MS_PRIVATE
	check("set mounts private", syscall.Mount("", "/", "", private, ""))
	check("mount /proc", syscall.Mount("proc", "/proc", "proc", 0, ""))
	path, err := exec.LookPath(c.Args[0])
	failed = 126 // as in a shell
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		failed = 127
	}
	check("find the program", err)
	// We are not PID 1 there, so that our end would not be the program's.
	program, err := syscall.ForkExec(path, c.Args, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}})
	check("run "+path, err)
	report.Close()
	go relay(signals, program)
	for { // orphans are given to PID 1, which has to wait for them
		var s syscall.WaitStatus
		if pid, _ := syscall.Wait4(-1, &s, 0, nil); pid == program {
			os.Exit(status(s)) // and the kernel kills whoever is left
		}
	}
}

// Where check reports an error, and with which status it ends this process.
var report, failed = os.Stderr, 125

func check(doing string, err error) {
	if err != nil {
		fmt.Fprintf(report, "enter: %s: %v\n", doing, err)
		os.Exit(failed)
	}
}
