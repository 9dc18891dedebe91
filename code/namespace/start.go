//go:build linux

package namespace

import (
	"fmt"
	"syscall"
)

// Attributes returns process attributes for os/exec that start a program in
// new namespaces of the given kinds, all made by the one clone(2) that
// makes the process (clone3(2) for Time, whose flag clone would read as an
// exit signal). The caller needs CAP_SYS_ADMIN to start it, except for a
// User namespace alone. With User, its own IDs are mapped to root inside,
// so that any user may ask for the others as well.
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

// MakeMountsPrivate cuts the caller's mounts off from those they were copied from. A new mount namespace starts as a
// copy whose mounts stay in the peer groups of the originals, and where those are shared, as systemd makes them, a mount
// made inside would show up on the host (mount_namespaces(7), "Shared subtrees").
func MakeMountsPrivate() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	return nil
}

// MountProc mounts a procfs of the caller's PID namespace on a directory. Until then /proc shows the processes of the
// namespace that mounted it, which is the host's (pid_namespaces(7), "/proc and PID namespaces").
func MountProc(target string) error {
	if err := syscall.Mount("proc", target, "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount proc on %s: %w", target, err)
	}
	return nil
}
