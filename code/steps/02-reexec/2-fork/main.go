// Command 2-fork forks, as a program in C would, and goes on in the child.
package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
)

func main() {
	runtime.LockOSThread()            // the child is to have this thread
	time.Sleep(10 * time.Millisecond) // until the others rest

	// fork(2) is clone(2) without a flag that shares anything.
	const flags = uintptr(syscall.SIGCHLD) // sent to us when the child ends
	pid, _, errno := syscall.RawSyscall(syscall.SYS_CLONE, flags, 0, 0)
	if errno != 0 {
		fmt.Fprintln(os.Stderr, "clone:", errno)
		os.Exit(1)
	}
	if pid == 0 {
		child()
		os.Exit(0)
	}

	ended := make(chan bool)
	go func() {
		syscall.Wait4(int(pid), nil, 0, nil)
		close(ended)
	}()
	select {
	case <-ended:
		fmt.Println("parent: the child has ended")
	case <-time.After(3 * time.Second):
		fmt.Println("parent: 3 seconds later, the child is still there")
		fmt.Println("parent: threads of mine:", threads(os.Getpid()))
		fmt.Println("parent: threads of the child:", threads(int(pid)))
		syscall.Kill(int(pid), syscall.SIGKILL)
		<-ended
	}
}

// child does what every program in Go does.
func child() {
	fmt.Println("child: I can print")
	fmt.Println("child: I start a goroutine and wait for it")
	done := make(chan bool)
	go func() { close(done) }()
	<-done
	fmt.Println("child: I collect garbage")
	runtime.GC()
	fmt.Println("child: I am done")
}

// threads counts the threads of a process.
func threads(pid int) int {
	entries, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	return len(entries)
}
