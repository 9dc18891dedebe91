// Command 3-again starts itself a second time in new namespaces. The second
// process finishes them from inside, and the first one from outside.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
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
	cmd := exec.Command("/proc/self/exe", "init")
	cmd.Env = append(os.Environ(), "SHEEP_CONFIG="+string(message))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		Cloneflags: syscall.CLONE_NEWUTS | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC |
			syscall.CLONE_NEWNET}
	check("start the second process", cmd.Start())
	check("finish outside", finish(cmd.Process.Pid))
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

// inner finishes the namespaces from inside and becomes the program.
func inner() {
	var c config
	message := os.Getenv("SHEEP_CONFIG")
	check("read the configuration", json.Unmarshal([]byte(message), &c))
	check("set the hostname", syscall.Sethostname([]byte(c.Hostname)))
	const private = syscall.MS_REC | syscall.MS_PRIVATE
	check("set mounts private", syscall.Mount("", "/", "", private, ""))
	check("mount /proc", syscall.Mount("proc", "/proc", "proc", 0, ""))
	path, err := exec.LookPath(c.Args[0])
	check("find the program", err)
	check("run "+path, syscall.Exec(path, c.Args, os.Environ()))
}

// status is what a shell makes of the end of a process.
func status(s syscall.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}

func check(doing string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "3-again: %s: %v\n", doing, err)
		os.Exit(125)
	}
}
