//go:build linux

package inside

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/proc"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

// Join is what the child is told of a container that its program enters: no more than it needs, since a hostile
// container may be able to read the child's memory.
type Join struct {
	ID       string
	Process  proc.Identity // the container's PID 1
	NoLimits bool          // it has no cgroup
}

// enter starts one more program in a running container. This process stays outside, as its parent.
func (s *Config) enter() error {
	in, out, err := s.Join.openCgroups()
	if err != nil {
		return err
	}
	if err := joinNamespaces(s.Join.Process); err != nil {
		return err
	}
	if in != nil {
		// A child starts in the cgroup of its parent, so the parent goes there first: 0 stands for the process that
		// writes (cgroups(7)). A clone straight into the group would need clone3, which this process has forbidden
		// itself, since no filter can look into its arguments. At that point it no longer has the right to write
		// there, but what counts is the right it had when it opened the file (CVE-2021-4197).
		s.Program.Ready = func() error {
			defer in.Close()
			if _, err := in.WriteString("0"); err != nil {
				return fmt.Errorf("enter cgroup: %w", err)
			}
			return nil
		}
		// And out again: killed with the group, it could not reap the program, and until that is done the
		// container's PID 1 cannot end (pid_namespaces(7)).
		s.Program.Started = func() { out.WriteString("0") }
	}
	if err := s.finish(); err != nil {
		return err
	}
	return s.Program.RunAsParent()
}

// openCgroups opens the ways into the container's cgroup and back into this process's own: from inside there are none.
func (j *Join) openCgroups() (in, out *os.File, err error) {
	if j.NoLimits {
		return nil, nil, nil
	}
	content, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, nil, fmt.Errorf("find own cgroup: %w", err)
	}
	container := cgroup.Open(j.ID).Dir()
	own := filepath.Dir(filepath.Dir(container)) // the root
	for line := range strings.Lines(string(content)) {
		if name, found := strings.CutPrefix(strings.TrimSpace(line), "0::"); found {
			own = filepath.Join(own, name)
		}
	}
	if in, err = os.OpenFile(filepath.Join(container, "cgroup.procs"), os.O_WRONLY, 0); err == nil {
		out, err = os.OpenFile(filepath.Join(own, "cgroup.procs"), os.O_WRONLY, 0)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("enter cgroup: %w", err)
	}
	return in, out, nil
}

// joinNamespaces moves the calling thread into the namespaces of a running container. A thread that shares
// its root and working directory with others, as those of Go do, cannot change its mount namespace,
// so it gets its own first. The PID namespace becomes that of its children only (setns(2)). So this
// process, of which the other threads are still outside, stays out of sight of the container. What
// appears there is a fork of this one thread, confined, with a copy of its memory and of nothing
// else that it has, which then becomes the program (CVE-2016-9962).
func joinNamespaces(process proc.Identity) error {
	pidfd, err := unix.PidfdOpen(process.PID, 0)
	if err == nil {
		defer unix.Close(pidfd)
		if !process.Alive() {
			err = syscall.ESRCH // what was opened is another process
		}
	}
	if err != nil {
		return fmt.Errorf("open process of container: %w", err)
	}
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("unshare directories of thread: %w", err)
	}
	if err := unix.Setns(pidfd, int(namespace.Sheep|namespace.Cgroup)); err != nil {
		return fmt.Errorf("join namespaces: %w", err)
	}
	return nil
}
