// Command 1-thread tries to do without a second process: it moves itself
// into a new UTS namespace. Then it asks its threads for the hostname.
package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

func main() {
	threads, err := os.ReadDir("/proc/self/task")
	check(err)
	fmt.Println("threads before main does anything:", len(threads))

	runtime.LockOSThread() // main keeps this thread, and is its only user
	check(syscall.Unshare(syscall.CLONE_NEWUTS))
	check(syscall.Sethostname([]byte("wolf")))
	report("main")

	for _, name := range []string{"first", "second", "third"} {
		done := make(chan bool)
		go func() {
			runtime.LockOSThread() // one thread each
			report(name + " goroutine")
			close(done)
			select {} // and it is not given back
		}()
		<-done
	}
	report("main again")
}

// report prints the hostname as the calling thread has it.
func report(who string) {
	hostname, err := os.Hostname()
	check(err)
	fmt.Printf("%s, thread %d: %s\n", who, syscall.Gettid(), hostname)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
