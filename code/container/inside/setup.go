//go:build linux

// Package inside (chapter 9) is what runs in a container, or beside it, between the second start of this program and
// the execve(2) that makes it the container's program.
//
// Read [SetUp] first: it is the child's half of a start, step by step. The parent, in package container, has put the
// child into its namespaces and its cgroup, has connected its network, and then sends it a [Config].
//
// Every line here runs where a hostile program may look on. A descriptor that stays open may lead out of the container
// (CVE-2024-21626), and a log line or a path may show what is outside. So nothing is opened here that is not closed
// before the program runs, and nothing is written but the report to the parent (package reexec).
//
// A program that enters a running container is another matter: [Join]. Its parent stays outside, beside the container.
//
// See clone(2), setns(2), cgroups(7), cgroup_namespaces(7), pid_namespaces(7).
package inside

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/confine"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/sysctl"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

// Config is what the parent tells the child.
type Config struct {
	Join     *Join // the container runs, and the program is to enter it; nil: the program is a container's first
	Root     string
	Mounts   rootfs.Mounts
	Hostname string
	Program  reexec.Program
	Profile  confine.Profile
	Init     bool          // run the program under an init, which is PID 1
	PidsMax  string        // file for the limit of processes, if it is still to be written
	Pids     int           // that limit
	Terminal *unix.Winsize // nil: the program gets no terminal
}

// SetUp does the child's half of a start, and ends by becoming the program or its parent: it returns only if that
// fails. The child is in its namespaces already, and alone there.
func SetUp(s Config) error {
	syscall.Umask(0o022)
	if s.Join != nil {
		return s.enter()
	}
	limit, err := s.openLimit()
	if err != nil {
		return err
	}
	// A cgroup namespace shows the cgroup that its maker is in as the root (cgroup_namespaces(7)). The clone that puts
	// the child into its cgroup could make it as well; here, a kernel that has none is forgiven.
	if err := syscall.Unshare(syscall.CLONE_NEWCGROUP); err != nil && !errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("make cgroup namespace: %w", err)
	}
	if err := namespace.SetHostname(s.Hostname); err != nil {
		return err
	}
	if err := openToAllUsers(); err != nil {
		return err
	}
	if err := rootfs.Enter(s.Root, s.Mounts); err != nil {
		return err
	}
	// As Docker does, on which images rely.
	if err := os.MkdirAll(s.Program.Dir, 0o755); err != nil {
		return fmt.Errorf("make working directory: %w", err)
	}
	if err := s.finish(); err != nil {
		return err
	}
	if s.Init {
		s.Program.Ready = limit
		return s.Program.RunAsInit()
	}
	if limit != nil {
		// There may be more threads than that now, but exec ends them.
		if err := limit(); err != nil {
			return err
		}
	}
	return s.Program.Exec()
}

// openToAllUsers allows every user of the container ports below 1024 and echo requests, as Docker does: the network
// namespace is its own (ip(7), ip_unprivileged_port_start; icmp(7), ping_group_range). Where the settings are missing,
// or out of reach as in a user namespace, it does without.
func openToAllUsers() error {
	err := errors.Join(
		sysctl.Set("net/ipv4/ip_unprivileged_port_start", "0"),
		sysctl.Set("net/ipv4/ping_group_range", "0\t2147483647"))
	for _, harmless := range []error{fs.ErrNotExist, fs.ErrPermission, syscall.EINVAL, syscall.EROFS} {
		if errors.Is(err, harmless) {
			return nil
		}
	}
	return err
}

// openLimit returns a function that limits the processes, or nil if they are limited already. Later the file could not
// be opened: the new root filesystem has no path to it, and the cgroup namespace no right.
func (s *Config) openLimit() (func() error, error) {
	if s.PidsMax == "" {
		return nil, nil
	}
	file, err := os.OpenFile(s.PidsMax, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("limit processes: %w", err)
	}
	return func() error {
		defer file.Close() // an init goes on to run, where the program can see its descriptors
		if _, err := fmt.Fprint(file, s.Pids); err != nil {
			return fmt.Errorf("limit processes: %w", err)
		}
		return nil
	}, nil
}

// finish does what a container's first program and one that enters it both need.
func (s *Config) finish() error {
	if err := replaceNull(); err != nil {
		return err
	}
	if s.Terminal != nil {
		if err := attachTerminal(*s.Terminal, s.Join == nil); err != nil {
			return err
		}
	}
	if !has(s.Program.Env, "HOME") { // or it is empty, as runc has it
		s.Program.Env = slices.DeleteFunc(s.Program.Env, func(variable string) bool { return variable == "HOME=" })
		user, err := confine.Lookup(s.Profile.User)
		if err != nil {
			return err
		}
		s.Program.Env = append(s.Program.Env, "HOME="+user.Home)
	}
	if err := s.Program.GoToDir(); err != nil {
		return err
	}
	return confine.Apply(s.Profile)
}

// has reports whether a variable is set in an environment, and not empty.
func has(env []string, name string) bool {
	for _, variable := range env {
		if value, found := strings.CutPrefix(variable, name+"="); found && value != "" {
			return true
		}
	}
	return false
}
