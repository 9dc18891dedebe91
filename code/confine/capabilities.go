//go:build linux

package confine

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// set is a set of capabilities, a bit for each.
type set uint64

// all are those that have a name here.
var all = set(1)<<len(names) - 1

// names of the capabilities, by number (<linux/capability.h>).
var names = []string{
	"CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
	"LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
	"SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
	"SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
	"MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
	"CHECKPOINT_RESTORE",
}

// byDefault are Docker's fourteen without MKNOD. In Docker a filter of devices in the cgroup says which of them a
// container may open. Without that filter a process that can make the node of a disk can read the disk.
var byDefault = []string{
	"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
	"NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "AUDIT_WRITE", "SETFCAP",
}

// parse returns the set that one name stands for.
func parse(name string) (set, error) {
	bare := strings.TrimPrefix(strings.ToUpper(name), "CAP_")
	if bare == "ALL" {
		return all, nil
	}
	if number := slices.Index(names, bare); number >= 0 {
		return 1 << number, nil
	}
	return 0, fmt.Errorf("unknown capability %q: capabilities(7) has their names, such as NET_ADMIN", name)
}

// union returns what several names stand for together.
func union(list []string) (set, error) {
	var together set
	for _, name := range list {
		one, err := parse(name)
		if err != nil {
			return 0, err
		}
		together |= one
	}
	return together, nil
}

func (s set) has(name string) bool { return s>>slices.Index(names, name)&1 == 1 }

func (s set) String() string {
	var found []string
	for number, name := range names {
		if s>>number&1 == 1 {
			found = append(found, name)
		}
	}
	return strings.Join(found, " ")
}

// capabilities is the set that a profile asks for, as Docker reads its options.
func (p Profile) capabilities() (set, error) {
	base, _ := union(byDefault)
	add, err := union(p.CapAdd)
	if err != nil {
		return 0, err
	}
	drop, err := union(p.CapDrop)
	if err != nil {
		return 0, err
	}
	switch {
	case p.Privileged:
		return all &^ drop, nil
	case add == all:
		return all &^ drop, nil
	case drop == all:
		return add, nil
	}
	return base&^drop | add, nil
}

// kept returns those of a profile's capabilities that this process has. A missing one is an error only if the profile
// asks for it by name.
func (p Profile) kept() (set, error) {
	wanted, err := p.capabilities()
	if err != nil {
		return 0, err
	}
	bounding := readBounding()
	for _, name := range p.CapAdd {
		one, err := parse(name)
		if err != nil {
			return 0, err
		}
		if one != all && one&wanted&^bounding != 0 {
			return 0, fmt.Errorf("cannot give the capability %s, which this process does not have itself", one)
		}
	}
	return wanted & bounding, nil
}

// readBounding returns the bounding set of this thread.
func readBounding() set {
	var found set
	for number := range names {
		// A capability that the kernel does not know is an error, and so not in the set.
		in, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(number), 0, 0, 0)
		if err == nil && in == 1 {
			found |= 1 << number
		}
	}
	return found
}

// dropBounding takes all but keep from the bounding set, including capabilities newer than names: no program, whatever
// its file says, gets more when it is executed. Other threads keep theirs: changing all of them thirty times takes
// longer than all the rest, and they execute no program.
func dropBounding(keep set) error {
	for number := uintptr(0); ; number++ {
		in, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, number, 0, 0, 0)
		if err == unix.EINVAL {
			return nil // the kernel has no more
		}
		if err != nil {
			return os.NewSyscallError("read bounding set: prctl", err)
		}
		if in == 0 || keep>>number&1 == 1 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, number, 0, 0, 0); err != nil {
			return fmt.Errorf("drop capability %d from bounding set: %w", number, err)
		}
	}
}

// setCapabilities leaves the given effective and permitted capabilities. None is inheritable: a file with inheritable
// capabilities would hand them to any user (CVE-2022-24769). Without those there is no ambient one either.
func setCapabilities(keep set) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3} // 64 bits, as two halves (capget(2))
	low, high := uint32(keep), uint32(keep>>32)
	data := [2]unix.CapUserData{{Effective: low, Permitted: low}, {Effective: high, Permitted: high}}
	err := onAllThreads(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&data)), 0)
	if err != nil {
		return fmt.Errorf("set capabilities: %w", err)
	}
	return nil
}
