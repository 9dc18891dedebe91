package main

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// sealed returns a copy of this program's file, in memory. Seals forbid to
// change it, whoever opens it in whatever way: memfd_create(2), fcntl(2).
func sealed() (*os.File, error) {
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, err
	}
	defer self.Close()
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate("sealed", flags|unix.MFD_EXEC)
	if err == unix.EINVAL { // Linux before 6.3 does not know MFD_EXEC
		fd, err = unix.MemfdCreate("sealed", flags)
	}
	if err != nil {
		return nil, err
	}
	copied := os.NewFile(uintptr(fd), "sealed")
	if _, err := io.Copy(copied, self); err != nil {
		return nil, err
	}
	const seals = unix.F_SEAL_WRITE | unix.F_SEAL_GROW |
		unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL // and none can be added
	_, err = unix.FcntlInt(copied.Fd(), unix.F_ADD_SEALS, seals)
	return copied, err
}
