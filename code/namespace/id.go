//go:build linux

package namespace

import (
	"fmt"
	"os"
	"syscall"
)

// ID tells namespaces of one kind apart: two processes are in the same one
// if and only if both numbers are equal (namespaces(7), "The /proc/pid/ns/
// directory"). A number may be given to a new namespace once the old one is
// gone.
type ID struct {
	Kind   Kind
	Device uint64 // of nsfs, the kernel's file system for namespaces
	Inode  uint64
}

// Of returns which namespace of the given kind a process is in. It needs
// rights to look into that process: the same user, or root (ptrace(2),
// PTRACE_MODE_READ_FSCREDS).
func Of(pid int, kind Kind) (ID, error) {
	return read(fmt.Sprintf("/proc/%d/ns/%v", pid, kind), kind)
}

// read identifies the namespace that a file in /proc/PID/ns stands for.
func read(path string, kind Kind) (ID, error) {
	var stat syscall.Stat_t
	// The file is a magic link: stat(2) follows it to the namespace itself, without opening it.
	if err := syscall.Stat(path, &stat); err != nil {
		return ID{}, fmt.Errorf("identify %v namespace: %w", kind, &os.PathError{Op: "stat", Path: path, Err: err})
	}
	return ID{Kind: kind, Device: uint64(stat.Dev), Inode: stat.Ino}, nil
}

// String returns what readlink(1) and lsns(8) show: "uts:[4026531838]".
func (id ID) String() string {
	return fmt.Sprintf("%v:[%d]", id.Kind, id.Inode)
}
