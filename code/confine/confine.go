//go:build linux

// Package confine (a helper of chapter 3) takes from a process what a container's root must not do.
//
// Root in a container is the root of the machine: user 0, in the first user namespace. Namespaces hide things from it,
// but the kernel still does what it asks. [Apply] takes that away, between the end of set-up and execve(2), in layers
// that stand behind one another. Root's power is split into capabilities, and all but a few go. no_new_privs promises
// that no program brings more, not even a setuid one. A seccomp filter closes the system calls that reach code of the
// kernel which few test and many attack. And the user may be another than root.
//
// Most of this belongs to a thread. execve(2) ends all threads but the one that calls it, so it is enough to confine
// that one. An init stays, and forks: a thread of its own that is still mighty shares memory with one that the
// container can reach. So where Go allows it, Apply confines all threads.
//
// Read first: [Apply], then dangerous in policy.go. filter.go, which makes a program for the kernel of it, can wait.
//
// # Caveats
//
// A filter knows the calls up to Linux 6.17 and answers ENOSYS to later ones. It cannot look into memory that a call
// points to, so a program of i386 may open sockets of any family through socketcall(2). A container shares the kernel
// with its host: none of this protects from an error in a call that stays open.
//
// See capabilities(7), user_namespaces(7), prctl(2), seccomp(2), credentials(7).
package confine

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Profile says what a container may do, and as whom.
type Profile struct {
	CapAdd, CapDrop []string // names from capabilities(7), with or without CAP_; or ALL
	Privileged      bool     // all that the caller may do
	User            string   // as [Lookup] takes it
}

// Check returns an error if a name in a profile is not that of a capability.
func Check(p Profile) error {
	_, err := p.capabilities()
	return err
}

// Apply confines the calling process, whose goroutine is locked to its thread, inside the new root. execve follows, on
// the same thread. After an error the process must end.
func Apply(p Profile) error {
	keep, err := p.kept()
	if err != nil {
		return err
	}
	user, err := Lookup(p.User)
	if err != nil {
		return err
	}
	// A process of the container may see this one already: when it enters, as exec does, or stays, as an init. If it is
	// not dumpable, it cannot be traced nor opened in /proc (CVE-2016-9962).
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid tracing: %w", err)
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
	if err := onAllThreads(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	// keep and not have decides, as with Docker: a user who is not root fails in the kernel itself.
	return load(filter(native, keep))
}

// onAllThreads makes a system call on every thread of the process.
func onAllThreads(trap, a1, a2, a3 uintptr) error {
	_, _, errno := syscall.AllThreadsSyscall6(trap, a1, a2, a3, 0, 0, 0)
	if errno == syscall.ENOTSUP {
		// With cgo there may be threads that Go does not know. For execve this one is enough.
		_, _, errno = unix.RawSyscall6(trap, a1, a2, a3, 0, 0, 0)
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// leaveKeyring puts a new session keyring in the place of the user's, which namespaces do not hide (keyrings(7)).
func leaveKeyring() error {
	// Each thread would get a different one, so only this thread gets one. The filter keeps the others from using
	// theirs.
	_, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0) // 0: a new keyring without a name
	// EPERM is the answer of a surrounding filter, such as Docker's. It forbids the rest of keyctl as well.
	if err != nil && err != unix.ENOSYS && err != unix.EPERM {
		return os.NewSyscallError("leave session keyring: keyctl", err)
	}
	return nil
}
