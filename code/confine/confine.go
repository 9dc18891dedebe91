//go:build linux

// Package confine takes from a process what a container's root must not do.
//
// Root in a container is the root of the machine: user 0, in the first user namespace. Namespaces hide things from it,
// but the kernel still does what it asks. [Apply] takes that away, between the end of set-up and execve(2), in layers
// that stand behind one another. Root's power is split into capabilities, and all but a few go. no_new_privs promises
// that no program brings more, not even a setuid one. A seccomp filter closes the system calls that reach code of the
// kernel which few test and many attack. And the user may be another than root.
//
// Most of this belongs to a thread. execve(2) ends all threads but the one that calls it, so it is enough to confine
// that one. An init stays, and forks: a thread of its own that is still mighty shares memory with one that the container
// can reach. So where Go allows it, Apply confines all threads.
//
// See capabilities(7), user_namespaces(7), prctl(2), seccomp(2), credentials(7).
package confine

import (
	"fmt"
	"os"
	"syscall"
)

// Profile says what a container may do, and as whom.
type Profile struct {
	CapAdd, CapDrop []string // names from capabilities(7), with or without CAP_; or ALL
	Privileged      bool     // all that the caller may do
	User            string   // as [Lookup] takes it
}

// Check says whether the names in a profile are those of capabilities.
func Check(p Profile) error {
	_, err := p.capabilities()
	return err
}

// Constants of <linux/prctl.h> and <linux/keyctl.h>.
const (
	prSetDumpable    = 4
	prCapBSetRead    = 23
	prCapBSetDrop    = 24
	prSetNoNewPrivs  = 38
	keyJoinSession   = 1
	keyringAnonymous = 0
)

// Apply confines the calling process, whose goroutine is locked to its thread, inside the new
// root. What follows is execve, on the same thread. After an error the process must end.
func Apply(p Profile) error {
	keep, err := p.kept()
	if err != nil {
		return err
	}
	user, err := Lookup(p.User)
	if err != nil {
		return err
	}
	// A process of the container may see this one already: when it enters, as exec does, or
	// stays, as an init. Not dumpable, it cannot be traced nor opened in /proc (CVE-2016-9962).
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0); errno != 0 {
		return fmt.Errorf("forbid tracing: %w", errno)
	}
	if err := leaveKeyring(); err != nil {
		return err
	}
	// While there is still the right to: CAP_SETPCAP, and then CAP_SETUID and CAP_SETGID.
	if err := dropBounding(keep); err != nil {
		return err
	}
	if err := user.become(); err != nil {
		return err
	}
	have := keep
	if user.UID != 0 {
		have = 0 // as execve would have it: only the bounding set is left (capabilities(7))
	}
	if err := setCapabilities(have); err != nil {
		return err
	}
	if p.Privileged {
		return nil
	}
	if err := onAllThreads(syscall.SYS_PRCTL, prSetNoNewPrivs, 1, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	// keep and not have decides, as with Docker: a user who is not root fails in the kernel itself.
	return load(filter(native, keep))
}

// onAllThreads makes a system call on every thread of the process.
func onAllThreads(trap, a1, a2, a3 uintptr) error {
	_, _, errno := syscall.AllThreadsSyscall6(trap, a1, a2, a3, 0, 0, 0)
	if errno == syscall.ENOTSUP {
		// With cgo there may be threads that Go does not know. This one will do for execve.
		_, _, errno = syscall.RawSyscall6(trap, a1, a2, a3, 0, 0, 0)
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// leaveKeyring puts a new session keyring in the place of the user's, which namespaces do not hide (keyrings(7)).
func leaveKeyring() error {
	// Each thread would get another: this one has to do. A filter is there for the others.
	_, _, errno := syscall.RawSyscall(syscall.SYS_KEYCTL, keyJoinSession, keyringAnonymous, 0)
	// EPERM is what a filter around us answers, that of Docker for one. It forbids the rest of keyctl as well.
	if errno != 0 && errno != syscall.ENOSYS && errno != syscall.EPERM {
		return os.NewSyscallError("leave session keyring: keyctl", errno)
	}
	return nil
}
