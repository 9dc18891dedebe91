//go:build linux

package container

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/confine"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/terminal"
)

// defaultPath is where programs are looked for when the image does not say.
const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// setup is what the child is told.
type setup struct {
	Join     *entrance // the container runs, and this is to be a further program in it
	Root     string
	Binds    []rootfs.Bind
	Hostname string
	Program  reexec.Program
	Profile  confine.Profile
	Init     bool
	PidsMax  string // file for the limit of processes, if it is still to be written
	Pids     int
	Terminal *unix.Winsize // nil: none
}

// inside is the child's half of the start. It is in its namespaces already, and alone there.
func inside(s setup) error {
	syscall.Umask(0o022)
	if s.Join != nil {
		return s.further()
	}
	limit, err := s.limit()
	if err != nil {
		return err
	}
	// A cgroup namespace shows the cgroup that its maker is in as the root. It cannot be made by the
	// clone that puts the child there: that would take the parent's.
	if err := syscall.Unshare(syscall.CLONE_NEWCGROUP); err != nil && !errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("make cgroup namespace: %w", err)
	}
	if err := namespace.SetHostname(s.Hostname); err != nil {
		return err
	}
	if err := rootfs.Enter(s.Root, s.Binds); err != nil {
		return err
	}
	// Docker makes it, too, and images rely on that.
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
		// The threads that there are may be more than that, but exec ends them.
		if err := limit(); err != nil {
			return err
		}
	}
	return s.Program.Exec()
}

// limit returns a function that limits the processes, or nil if they are limited already. From the
// root filesystem there will be no way to the file, and with a cgroup namespace no right.
func (s *setup) limit() (func() error, error) {
	if s.PidsMax == "" {
		return nil, nil
	}
	file, err := os.OpenFile(s.PidsMax, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("limit processes: %w", err)
	}
	return func() error {
		defer file.Close() // an init stays, in sight of the program
		if _, err := fmt.Fprint(file, s.Pids); err != nil {
			return fmt.Errorf("limit processes: %w", err)
		}
		return nil
	}, nil
}

// finish does what the first and each further program need.
func (s *setup) finish() error {
	if err := ownNull(); err != nil {
		return err
	}
	if s.Terminal != nil {
		if err := attachTerminal(*s.Terminal); err != nil {
			return err
		}
	}
	if !has(s.Program.Env, "HOME") {
		user, err := confine.Lookup(s.Profile.User)
		if err != nil {
			return err
		}
		s.Program.Env = append(s.Program.Env, "HOME="+user.Home)
	}
	return confine.Apply(s.Profile)
}

// ownNull puts the container's null device in the place of the host's, if that is standard input. Whoever
// has a file open can change its mode, and without the null device's the host's users are at a loss.
func ownNull() error {
	isNull := func(fd int) bool {
		var stat syscall.Stat_t
		err := syscall.Fstat(fd, &stat)
		return err == nil && stat.Mode&syscall.S_IFMT == syscall.S_IFCHR && stat.Rdev == 1<<8|3
	}
	if !isNull(0) {
		return nil
	}
	// A running container may have put anything there.
	fd, err := syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open the container's %s: %w", os.DevNull, err)
	}
	defer syscall.Close(fd)
	if !isNull(fd) {
		return fmt.Errorf("the container's %s is not the null device", os.DevNull)
	}
	if err := errors.Join(syscall.SetNonblock(fd, false), syscall.Dup3(fd, 0, 0)); err != nil {
		return fmt.Errorf("make the container's %s standard input: %w", os.DevNull, err)
	}
	return nil
}

// further starts a further program in a container. This process stays outside, as its parent.
func (s *setup) further() error {
	in, out, err := s.groups()
	if err != nil {
		return err
	}
	if err := join(s.Join.Process); err != nil {
		return err
	}
	if in != nil {
		// What we start is born where we are. The number 0 is the writer (cgroups(7)). A clone straight
		// into the group would need clone3, which no filter can look into, and so ours forbids it. By
		// then we have no right to this any more, but whoever opened the file had (CVE-2021-4197).
		s.Program.Ready = func() error {
			defer in.Close()
			if _, err := in.WriteString("0"); err != nil {
				return fmt.Errorf("enter cgroup: %w", err)
			}
			return nil
		}
		// And out again: killed with the group, we could not reap the program, and until somebody does
		// the container's PID 1 cannot end (pid_namespaces(7)).
		s.Program.Started = func() { out.WriteString("0") }
	}
	if err := s.finish(); err != nil {
		return err
	}
	return s.Program.RunAsParent()
}

// groups opens the ways into the container's cgroup and back into our own: from inside there are none.
func (s *setup) groups() (in, out *os.File, err error) {
	if s.Join.NoLimits {
		return nil, nil, nil
	}
	content, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil, nil, fmt.Errorf("find own cgroup: %w", err)
	}
	container := cgroup.Open(s.Join.ID).Dir()
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

// attachTerminal makes a pseudo-terminal inside, so that its name is one that exists there, and sends the outer end
// out, through the socket that is standard input until then.
func attachTerminal(size unix.Winsize) error {
	master, slave, err := terminal.Open()
	if err != nil {
		return err
	}
	if err := terminal.SetSize(slave, size.Row, size.Col); err != nil {
		return err
	}
	if err := terminal.Send(os.Stdin, master); err != nil {
		return err
	}
	master.Close()
	return terminal.Attach(slave)
}

// processOf puts together what the user wants and what the image says. An entrypoint of the user's takes the place of
// the image's whole command line, as in Docker.
func processOf(o Options, from image.Config) Process {
	entrypoint, args := from.Entrypoint, from.Cmd
	if o.Entrypoint != nil {
		entrypoint, args = o.Entrypoint, nil
	}
	if len(o.Args) > 0 {
		args = o.Args
	}
	process := Process{
		Args:       append(append([]string{}, entrypoint...), args...),
		Env:        environment([]string{defaultPath}, from.Env),
		WorkingDir: first(o.WorkingDir, from.WorkingDir, "/"),
		User:       first(o.User, from.User),
	}
	if o.Terminal {
		process.Env = environment(process.Env, []string{"TERM=xterm"})
	}
	process.Env = environment(process.Env, o.Env)
	return process
}

// environment adds variables to others. A later one takes the place of an earlier one; without "=" it is taken away.
func environment(base, more []string) []string {
	result := append([]string{}, base...)
	for _, variable := range more {
		name, _, set := strings.Cut(variable, "=")
		at := -1
		for index, other := range result {
			if strings.HasPrefix(other, name+"=") {
				at = index
			}
		}
		switch {
		case at < 0 && set:
			result = append(result, variable)
		case at >= 0 && set:
			result[at] = variable
		case at >= 0:
			result = append(result[:at], result[at+1:]...)
		}
	}
	return result
}

func has(env []string, name string) bool {
	for _, variable := range env {
		if strings.HasPrefix(variable, name+"=") {
			return true
		}
	}
	return false
}

func first(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

// setup is what the child of a run is told.
func (run *run) setup(binds []rootfs.Bind) setup {
	state, options := run.state, run.state.Options
	profile := options.profile()
	profile.User = state.Process.User
	pidsMax := ""
	if pids := options.Limits.Pids; pids > 0 && pids < setupPids {
		pidsMax = filepath.Join(cgroup.Open(state.ID).Dir(), "pids.max")
	}
	return setup{
		PidsMax: pidsMax, Pids: options.Limits.Pids,
		Root:     run.runtime.overlay(state.ID, state.Lower).Merged(),
		Binds:    append(binds, options.Binds...),
		Hostname: options.Hostname,
		Program: reexec.Program{
			Args: state.Process.Args,
			Env:  environment([]string{"HOSTNAME=" + options.Hostname}, state.Process.Env),
			Dir:  state.Process.WorkingDir,
		},
		Profile:  profile,
		Init:     options.Init,
		Terminal: run.streams.WindowSize(),
	}
}
