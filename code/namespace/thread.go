//go:build linux

package namespace

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// Thread is a thread of this process in new namespaces. Processes that it starts and sockets that it opens belong to
// them. They go when the thread has ended and nothing else uses them.
type Thread struct {
	work chan func(made error)
	gone chan struct{}
}

// NewThread makes a thread and returns immediately: the kernel may take a millisecond for a Network namespace, during
// which the caller can do other work. The kinds cannot include Mount, User or Time: either the threads of a process
// share what these change, or the kernel demands that there is only one (unshare(2)).
func NewThread(kinds Kind) *Thread {
	t := &Thread{work: make(chan func(error)), gone: make(chan struct{})}
	go func() {
		defer close(t.gone)
		t.run(kinds)
	}()
	return t
}

func (t *Thread) run(kinds Kind) {
	runtime.LockOSThread() // never unlocked, so that the thread ends with this goroutine
	if syscall.Gettid() == os.Getpid() {
		// The first thread stands for the whole process in /proc, so it stays where it is.
		other := make(chan struct{})
		go func() {
			defer close(other)
			t.run(kinds)
		}()
		<-other
		runtime.UnlockOSThread()
		return
	}
	err := syscall.Unshare(int(kinds))
	if err != nil {
		err = fmt.Errorf("make namespaces %v: %w", kinds, err)
	}
	for f := range t.work {
		f(err)
	}
}

// Do calls f on the thread once its namespaces are there, and returns the error of f, or why there are no namespaces. f
// must not end the goroutine.
func (t *Thread) Do(f func() error) error {
	done := make(chan error)
	t.work <- func(made error) {
		if made == nil {
			made = f()
		}
		done <- made
	}
	return <-done
}

// End ends the thread. It may be called once.
func (t *Thread) End() {
	close(t.work)
	<-t.gone
}
