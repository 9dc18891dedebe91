//go:build linux

package namespace

import (
	"fmt"
	"syscall"
)

// Attributes returns process attributes for os/exec that start a program in
// new namespaces of the given kinds, all made by the one clone(2) that
// makes the process (clone3(2) for Time, whose flag clone would read as an
// exit signal). The caller needs CAP_SYS_ADMIN to start it, except where
// User is among the kinds: the kernel makes that one first, and the others
// in it. Its own IDs are then mapped to root, because exec takes the new
// capabilities away from a user without an ID (user_namespaces(7)).
func Attributes(kinds Kind) (*syscall.SysProcAttr, error) {
	if unknown := kinds &^ All; unknown != 0 {
		return nil, fmt.Errorf("new namespaces: unknown kind %v", unknown)
	}
	attributes := &syscall.SysProcAttr{Cloneflags: uintptr(kinds)}
	if kinds&User != 0 {
		rootIs := func(id int) []syscall.SysProcIDMap {
			return []syscall.SysProcIDMap{
				{ContainerID: 0, HostID: id, Size: 1},
			}
		}
		attributes.UidMappings = rootIs(syscall.Geteuid())
		attributes.GidMappings = rootIs(syscall.Getegid())
	}
	return attributes, nil
}

// SetHostname names the machine in the caller's UTS namespace.
func SetHostname(name string) error {
	if err := syscall.Sethostname([]byte(name)); err != nil {
		return fmt.Errorf("set hostname %q: %w", name, err)
	}
	return nil
}
