//go:build linux

package namespace_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

func TestWhatAThreadStartsIsBornIntoItsNamespaces(t *testing.T) {
	testns.Require(t)
	const kinds = namespace.Network | namespace.UTS | namespace.IPC
	outside := map[namespace.Kind]namespace.ID{}
	for _, kind := range kinds.Kinds() {
		id, err := namespace.Of(os.Getpid(), kind)
		if err != nil {
			t.Fatal(err)
		}
		outside[kind] = id
	}
	thread := namespace.NewThread(kinds)
	defer thread.End()
	for _, kind := range kinds.Kinds() {
		var born string
		err := thread.Do(func() error {
			out, err := exec.Command("readlink", "/proc/self/ns/"+kind.String()).Output()
			born = strings.TrimSpace(string(out))
			return err
		})
		if err != nil || born == outside[kind].String() || !strings.HasPrefix(born, kind.String()) {
			t.Errorf("what it starts is in the %v namespace %q, %v; outside is %v", kind, born, err, outside[kind])
		}
		// Everybody else in this process stays where they were, the first thread above all, which stands for it.
		for _, place := range []string{"self", "thread-self"} {
			if now, err := os.Readlink("/proc/" + place + "/ns/" + kind.String()); err != nil ||
				now != outside[kind].String() {
				t.Errorf("/proc/%s is in the %v namespace %s now, %v", place, kind, now, err)
			}
		}
	}
}

// Whichever thread a goroutine comes to: the process's first one must not be it.
func TestThreadIsNeverTheFirst(t *testing.T) {
	testns.Require(t)
	for range 100 {
		thread := namespace.NewThread(namespace.UTS)
		err := thread.Do(func() error {
			if syscall.Gettid() == os.Getpid() {
				return errors.New("it is the first thread")
			}
			return nil
		})
		thread.End()
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestThreadsEndAndSayWhatWentWrong(t *testing.T) {
	testns.Require(t)
	// Other threads share what a user namespace changes.
	thread := namespace.NewThread(namespace.User)
	called := false
	err := thread.Do(func() error { called = true; return nil })
	if !errors.Is(err, syscall.EINVAL) || !strings.Contains(fmt.Sprint(err), "make namespaces user") || called {
		t.Errorf("without its namespace Do returns %v; called: %v", err, called)
	}
	thread.End()
	var id int
	thread = namespace.NewThread(namespace.UTS)
	if err := thread.Do(func() error { id = syscall.Gettid(); return errors.New("wolf") }); fmt.Sprint(err) != "wolf" {
		t.Errorf("Do returns %v and not what the function did", err)
	}
	thread.End()
	for range 1000 { // the kernel takes the thread away soon after
		if err = syscall.Kill(id, 0); err != nil {
			break
		}
		if _, err = os.Stat(fmt.Sprintf("/proc/self/task/%d", id)); err != nil {
			break
		}
	}
	if err == nil {
		t.Errorf("thread %d is still there", id)
	}
}
