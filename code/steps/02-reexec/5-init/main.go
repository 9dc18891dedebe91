// Command 5-init starts itself a second time in new namespaces. The second
// process stays there as PID 1, and runs the program as its child.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

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
	if len(os.Args) < 2 {
		check("usage", errors.New("PROGRAM [ARGUMENT...]"))
	}
	if os.Args[1] == "init" {
		inner()
	}
	outer()
}

// outer starts a process in new namespaces, and does for it what only the
// host can do.
func outer() {
	message, err := json.Marshal(config{"sheep", os.Args[1:]})
	check("write the configuration", err)
	receive, send, err := os.Pipe()
	check("make a pipe", err)
	cmd := exec.Command("/proc/self/exe", "init")
	cmd.ExtraFiles = []*os.File{receive} // descriptor 3 over there
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		Cloneflags: syscall.CLONE_NEWUTS | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC |
			syscall.CLONE_NEWNET}
	signals := listen()
	check("start the second process", cmd.Start())
	receive.Close() // it is the second process's now
	check("finish outside", finish(cmd.Process.Pid))
	send.Write(message)
	send.Close() // the end of the message says: go
	go relay(signals, cmd.Process.Pid)
	cmd.Wait() // its error says no more than the status below
	os.Exit(status(cmd.ProcessState.Sys().(syscall.WaitStatus)))
}

// finish gives a process an interface to the host, and a limit.
func finish(pid int) error {
	time.Sleep(time.Second / 2) // a busy host, or a slow network plugin
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
	signals := listen()
	pipe := os.NewFile(3, "pipe")
	message, err := io.ReadAll(pipe) // until the outer half closes its end
	check("read the configuration", err)
	pipe.Close() // the program must not inherit it
	var c config
	if json.Unmarshal(message, &c) != nil {
		os.Exit(125) // the outer half has failed, and has said why
	}
	check("set the hostname", syscall.Sethostname([]byte(c.Hostname)))
	const private = syscall.MS_REC | syscall.MS_PRIVATE
	check("set mounts private", syscall.Mount("", "/", "", private, ""))
	check("mount /proc", syscall.Mount("proc", "/proc", "proc", 0, ""))
	path, err := exec.LookPath(c.Args[0])
	check("find the program", err)
	program, err := syscall.ForkExec(path, c.Args, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2}})
	check("run "+path, err)
	go relay(signals, program)
	for { // orphans are given to PID 1, which has to wait for them
		var s syscall.WaitStatus
		if pid, _ := syscall.Wait4(-1, &s, 0, nil); pid == program {
			os.Exit(status(s)) // and the kernel kills whoever is left
		}
	}
}

func check(doing string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "5-init: %s: %v\n", doing, err)
		os.Exit(125)
	}
}
