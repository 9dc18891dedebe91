//go:build linux

package reexec

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Constants of <linux/fcntl.h> and <linux/memfd.h> that package syscall does not have.
const (
	fAddSeals, fGetSeals = 1033, 1034
	allSeals             = 0x1 | 0x2 | 0x4 | 0x8 // of the seals, shrinking, growing, writing
	mfdCloexec           = 0x1
	mfdAllowSealing      = 0x2
	mfdExec              = 0x10 // since Linux 6.3, where a sysctl may forbid to execute others
)

var sysMemfdCreate = map[string]uintptr{"amd64": 319, "arm64": 279, "386": 356}[runtime.GOARCH]

// protectedSelf returns this program's file so that whoever gets hold of it cannot change it.
//
// A container's program may be a link to /proc/self/exe, and then the runtime executes its own
// binary inside. The container holds that file open, and writes to it when the runtime has
// ended: the next container is started by code of the attacker's (CVE-2019-5736).
func protectedSelf() (*os.File, error) {
	// The copy costs milliseconds and the memory that it takes. It is for kernels before Linux 5.12,
	// and for a program that is in no mount of ours, such as a copy.
	if self, err := readOnly("/proc/self/exe"); err == nil {
		return self, nil
	}
	return sealedSelf()
}

// readOnly returns a file as seen through a mount of its own, which is read-only.
//
// The mount is in nobody's tree: no path leads to it, and mount_setattr(2) and open_tree(2), with
// which its flag could be taken off, only take mounts of the caller's own mount namespace. What is
// opened through it, and opened again through /proc/PID/fd or /proc/PID/exe, stays read-only.
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
		return self, nil // we are such a copy ourselves
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
	if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, copied.Fd(), fAddSeals, allSeals); errno != 0 {
		copied.Close()
		return nil, os.NewSyscallError("fcntl F_ADD_SEALS", errno)
	}
	return copied, nil
}

// memfd returns a new file in memory.
func memfd() (*os.File, error) {
	if sysMemfdCreate == 0 {
		return nil, fmt.Errorf("the number of memfd_create(2) on %s is not known", runtime.GOARCH)
	}
	name, err := syscall.BytePtrFromString("sealed")
	if err != nil {
		return nil, err
	}
	for _, flags := range []uintptr{mfdCloexec | mfdAllowSealing | mfdExec, mfdCloexec | mfdAllowSealing} {
		fd, _, errno := syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(name)), flags, 0)
		if errno == 0 {
			return os.NewFile(fd, "sealed"), nil
		}
		if errno != syscall.EINVAL { // the answer of a kernel that does not know the flag
			return nil, os.NewSyscallError("memfd_create", errno)
		}
	}
	return nil, os.NewSyscallError("memfd_create", syscall.EINVAL)
}

// seals returns the seals of a file, or 0 if it can have none.
func seals(file *os.File) uintptr {
	got, _, errno := syscall.Syscall(syscall.SYS_FCNTL, file.Fd(), fGetSeals, 0)
	if errno != 0 {
		return 0
	}
	return got
}
