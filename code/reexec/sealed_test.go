//go:build linux

package reexec

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

// CVE-2019-5736: a container opens the runtime's binary through /proc/PID/exe, waits until it is no longer running, and
// overwrites it.
func TestCVE20195736BinaryCannotBeOverwritten(t *testing.T) {
	child, _ := start(t, namespace.UTS)
	own, err := os.Stat("/proc/self/exe")
	must(t, err)
	exe := fmt.Sprintf("/proc/%d/exe", child.PID())
	// Until its execve(2) is done the child is a copy of us, and nothing of a container's runs in it yet. On a slow
	// machine that can still be seen here.
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		running, err := os.Stat(exe)
		must(t, err)
		if !os.SameFile(own, running) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the child runs from the same file as we do")
		}
	}
	attack, err := os.Open(exe)
	must(t, err)
	defer attack.Close()
	child.Abandon() // from here on the file is not running, and no "text file busy" protects it
	writable, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", attack.Fd()), os.O_WRONLY, 0)
	must(t, err) // root may open it: the seals are what counts
	defer writable.Close()
	if _, err := syscall.Write(int(writable.Fd()), []byte("#!/evil")); err != syscall.EPERM {
		t.Errorf("writing to it: %v, want %v", err, syscall.EPERM)
	}
	if err := syscall.Ftruncate(int(writable.Fd()), 0); err != syscall.EPERM {
		t.Errorf("truncating it: %v, want %v", err, syscall.EPERM)
	}
}

func TestSealedCopyIsMadeOnce(t *testing.T) {
	first, err := sealedSelf()
	must(t, err)
	defer first.Close()
	if got := seals(first); got&allSeals != allSeals {
		t.Errorf("its seals are %#x", got)
	}
	if got := seals(os.Stdin); got != 0 {
		t.Errorf("a file that is no memfd has seals %#x", got)
	}
}

func BenchmarkSealedSelf(b *testing.B) {
	for b.Loop() {
		file, err := sealedSelf()
		if err != nil {
			b.Fatal(err)
		}
		file.Close()
	}
}
