//go:build linux

package namespace

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// Thread is a thread of this process in new namespaces. What it starts is born into them, and
// its sockets belong to them. They go when the thread has ended and nobody else is in them.
type Thread struct {
	work chan func(made error)
	gone chan struct{}
}

// NewThread makes a thread and returns at once: the kernel may take a while for the namespaces, a
// millisecond for Network, in which other things can be done. It cannot have a Mount namespace, nor
// one of User or Time: the threads of a process share what these change, or have to be alone (unshare(2)).
func NewThread(kinds Kind) *Thread {
	t := &Thread{work: make(chan func(error)), gone: make(chan struct{})}
	go func() {
		defer close(t.gone)
		t.run(kinds)
	}()
	return t
}

func (t *Thread) run(kinds Kind) {
	runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
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

// Do calls a function on the thread when its namespaces are there, and returns its error. f must not end the goroutine.
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
