//go:build linux

package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// patience is how long the kernel may take to end killed processes. One in an uninterruptible sleep, on a dead network
// file system say, does not end at all.
const patience = 10 * time.Second

// Kill kills every process in the group and waits until none is left. That includes processes
// that are being forked right now, which a loop over the PIDs would miss (Linux 5.14). It is nil
// if there is no group.
func (g *Group) Kill() error {
	if err := g.valid(); err != nil {
		return err
	}
	err := write(filepath.Join(g.Dir(), "cgroup.kill"), "1")
	if err == nil {
		crash.Point("cgroup/kill")
		err = g.waitEmpty(patience)
	}
	if err == nil || g.gone(err) {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w (this needs Linux 5.14)", err)
	}
	return fmt.Errorf("kill processes of container: %w", err)
}

// waitEmpty waits until there is no process in the group or below it.
func (g *Group) waitEmpty(patience time.Duration) error {
	events, err := os.Open(filepath.Join(g.Dir(), "cgroup.events"))
	if err != nil {
		return err
	}
	defer events.Close()
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	defer syscall.Close(epoll)
	fd := int(events.Fd())
	interest := []syscall.EpollEvent{{Events: syscall.EPOLLPRI, Fd: int32(fd)}}
	if err := syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, fd, &interest[0]); err != nil {
		return os.NewSyscallError("epoll_ctl", err)
	}
	for deadline := time.Now().Add(patience); ; {
		// An event is one that came after the last read of this very file (cgroups(7), "cgroup.events").
		content := make([]byte, 4096)
		n, err := events.ReadAt(content, 0)
		if n == 0 {
			return err
		}
		populated, err := keyed(string(content[:n]), "populated")
		if err != nil || populated == 0 {
			return err
		}
		left := time.Until(deadline)
		if left <= 0 {
			pids, _ := g.PIDs()
			return fmt.Errorf("%v still live after %v", pids, patience)
		}
		_, err = syscall.EpollWait(epoll, interest, int(left/time.Millisecond)+1)
		if err != nil && err != syscall.EINTR {
			return os.NewSyscallError("epoll_wait", err)
		}
	}
}

// Remove kills what is in the group and removes it, with the groups that the container made below
// it. It is nil if there is no group.
func (g *Group) Remove() error {
	if err := g.valid(); err != nil {
		return err
	}
	err := syscall.Rmdir(g.Dir())
	// The kernel's files do not count. Processes and groups below it do.
	for turn := 0; err == syscall.EBUSY && turn < 10; turn++ { // a process may be added in between
		if err := g.Kill(); err != nil {
			return err
		}
		groups, _ := g.tree()
		if len(groups) == 0 { // another process was faster: the monitor of a container removes its group as well
			err = syscall.ENOENT
		}
		for _, dir := range slices.Backward(groups) {
			err = syscall.Rmdir(dir)
		}
	}
	if err != nil && err != syscall.ENOENT {
		return fmt.Errorf("remove cgroup of container: %w", &os.PathError{Op: "rmdir", Path: g.Dir(), Err: err})
	}
	return nil
}

// gone reports whether an error means that the group does not exist, or no longer exists. The files of one that is
// being removed are dead while open (ENODEV), a moment before its directory goes.
func (g *Group) gone(err error) bool {
	if errors.Is(err, syscall.ENODEV) {
		return true
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	_, err = os.Stat(g.Dir())
	return errors.Is(err, fs.ErrNotExist)
}
