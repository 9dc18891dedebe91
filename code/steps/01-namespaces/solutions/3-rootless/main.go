// Command 3-rootless is the program of chapter 1 for any user: whoever
// starts it is root inside, and stays who they are outside.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// Pdeathsig belongs to one thread, and an exec by another one forgets it.
func init() { runtime.LockOSThread() }

func main() {
	if len(os.Args) < 2 {
		check("usage", fmt.Errorf("3-rootless PROGRAM [ARGUMENT...]"))
	}
	if os.Args[0] == "inside" { // the second process: PID 1
		check("set the hostname", syscall.Sethostname([]byte("sheep")))
		const private = syscall.MS_REC | syscall.MS_PRIVATE
		check("set mounts private", syscall.Mount("", "/", "", private, ""))
		check("mount /proc", syscall.Mount("proc", "/proc", "proc", 0, ""))
		path, err := exec.LookPath(os.Args[1])
		check("find the program", err)
		check("run "+path, syscall.Exec(path, os.Args[1:], os.Environ()))
	}

	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = "inside" // this very binary, told which half it runs
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL, // if we are killed, PID 1 is too
		Cloneflags: syscall.CLONE_NEWUTS | syscall.CLONE_NEWPID |
			syscall.CLONE_NEWNS | syscall.CLONE_NEWIPC |
			syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER,
		UidMappings: root(os.Getuid()),
		GidMappings: root(os.Getgid())}
	check("create the namespaces", cmd.Start())
	cmd.Wait() // its error says no more than the status below
	if s := cmd.ProcessState.Sys().(syscall.WaitStatus); s.Signaled() {
		os.Exit(128 + int(s.Signal())) // as a shell reports it
	}
	os.Exit(cmd.ProcessState.ExitCode())
}

// root maps one ID of the outside, and no other, to 0 inside.
func root(id int) []syscall.SysProcIDMap {
	return []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
}

func check(doing string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "3-rootless: %s: %v\n", doing, err)
		os.Exit(125)
	}
}
