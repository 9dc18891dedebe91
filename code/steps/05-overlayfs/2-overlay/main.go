// Command 2-overlay runs a program whose root is an overlay: an image,
// which many containers share, below a directory for what this one changes.
// That directory stays.
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
	"syscall"

	"golang.org/x/sys/unix"
)

// config is what the outer half tells the inner one.
type config struct {
	Hostname string
	Image    string   // the directory below, which nobody changes
	Dir      string   // what is the container's own
	Args     []string // the program and its arguments
}

// Pdeathsig belongs to one thread, and an exec by another one forgets it.
func init() { runtime.LockOSThread() }

func main() {
	again := len(os.Args) == 2 && os.Args[1] == "init"
	if len(os.Args) < 3 && !again {
		check("usage", errors.New("IMAGE PROGRAM [ARGUMENT...]"))
	}
	// Whoever started us may have left a way out open.
	check("close descriptors at exec",
		unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC))
	if again {
		inner()
	}
	outer(os.Args[1], os.Args[2:])
}

// outer starts a process in new namespaces and tells it what to do.
func outer(image string, args []string) {
	_, err := os.Stat(image + "/") // the slash: only if it is a directory
	check("find the image", err)
	dir := prepare()
	message, err := json.Marshal(config{"sheep", image, dir, args})
	check("write the configuration", err)
	receive, send, err := os.Pipe()
	check("make a pipe", err)
	said, say, err := os.Pipe() // the other way
	check("make a pipe", err)
	cmd := exec.Command("/proc/self/exe", "init")
	cmd.ExtraFiles = []*os.File{receive, say} // 3 and 4 over there
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		Cloneflags: syscall.CLONE_NEWUTS | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC |
			syscall.CLONE_NEWNET}
	signals := listen()
	check("start the second process", cmd.Start())
	receive.Close() // these two are the second process's now
	say.Close()
	send.Write(message)
	send.Close()             // the end of the message says: go
	io.Copy(os.Stderr, said) // until the program runs, or will not
	go relay(signals, cmd.Process.Pid)
	cmd.Wait() // its error says no more than the status below
	os.Exit(status(cmd.ProcessState.Sys().(syscall.WaitStatus)))
}

// inner finishes the namespaces from inside and runs the program there.
func inner() {
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
	enter(c.Image, c.Dir)
	path, err := exec.LookPath(c.Args[0])
	failed = 126 // as in a shell
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		failed = 127
	}
	check("find the program", err)
	program, err := syscall.ForkExec(path, c.Args, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2}})
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
		fmt.Fprintf(report, "2-overlay: %s: %v\n", doing, err)
		os.Exit(failed)
	}
}
