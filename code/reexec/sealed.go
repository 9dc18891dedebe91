//go:build linux

package reexec

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// allSeals forbid every change of a file, and further seals. None can be removed in any case (memfd_create(2)).
const allSeals = unix.F_SEAL_SEAL | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE

// protectedSelf returns this program's file so that no process that gets
// hold of it can change it.
//
// A container's program may be a link to /proc/self/exe, and then the
// runtime executes its own binary inside. The container holds that file
// open, and writes to it once the runtime has ended: the attacker's code
// then starts the next container (CVE-2019-5736).
func protectedSelf() (*os.File, error) {
	// The copy costs milliseconds and memory. It is for kernels before
	// Linux 5.12, and for a program whose file is not in a mount of this
	// mount namespace: one that is such a copy already, for example.
	if self, err := readOnly("/proc/self/exe"); err == nil {
		return self, nil
	}
	return sealedSelf()
}

// readOnly returns a file as seen through a mount of its own, which is read-only.
//
// The mount is in no mount namespace, and no path leads to it but through the descriptor that is returned, as
// /proc/PID/fd: while that is open, whoever has CAP_SYS_ADMIN and can see it could take the flag off
// (mount_setattr(2)). So the child closes it before anybody can see the child, see Init. After that the kernel
// refuses (EINVAL), and what was opened through it, and is opened again through /proc/PID/exe, stays read-only.
func readOnly(name string) (*os.File, error) {
	fd, err := unix.OpenTree(unix.AT_FDCWD, name, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("open_tree", err)
	}
	attributes := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, attributes); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("mount_setattr", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// sealedSelf returns a copy of this program's file, in memory, that can never be changed.
func sealedSelf() (*os.File, error) {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	if seals(self)&allSeals == allSeals {
		return self, nil // this program runs from such a copy
	}
	defer self.Close()
	copied, err := memfd()
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(copied, self); err != nil {
		copied.Close()
		return nil, err
	}
	if _, err := unix.FcntlInt(copied.Fd(), unix.F_ADD_SEALS, allSeals); err != nil {
		copied.Close()
		return nil, os.NewSyscallError("fcntl F_ADD_SEALS", err)
	}
	return copied, nil
}

// memfd returns a new file in memory.
func memfd() (*os.File, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	// Since Linux 6.3 a sysctl may forbid executing a file that was made without MFD_EXEC.
	fd, err := unix.MemfdCreate("sealed", flags|unix.MFD_EXEC)
	if err == unix.EINVAL { // the answer of a kernel that does not know the flag
		fd, err = unix.MemfdCreate("sealed", flags)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), "sealed"), nil
}

// seals returns the seals of a file, or 0 if it can have none.
func seals(file *os.File) int {
	got, err := unix.FcntlInt(file.Fd(), unix.F_GET_SEALS, 0)
	if err != nil {
		return 0
	}
	return got
}
