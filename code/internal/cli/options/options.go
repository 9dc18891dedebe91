//go:build linux

// Package options (chapter 10) is the tables of flags that say what a container is to be like, how a program is run in
// one, and how its log is shown: which flag stands for which field.
//
// Read first: [Container].
package options

import (
	"errors"
	"strconv"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/flags"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

const (
	inputHelp = "pass standard input on to the program"
	ttyHelp   = "give it a terminal"
	envHelp   = "set an environment variable (NAME alone: copy it from here)"
	userHelp  = "user (and group) to run as"
)

// Container adds the flags of run and create.
func Container(f *flags.Set, o *container.Options) {
	f.String(&o.Name, "name", "", "NAME", "name of the container (default: a random one)")
	f.Bool(&o.Interactive, "interactive", "i", inputHelp)
	f.Bool(&o.Terminal, "tty", "t", ttyHelp)
	f.Bytes(&o.Limits.Memory, "memory", "m", "BYTES", "limit memory, without swap: 64m, 1.5g")
	f.Float(&o.Limits.CPUs, "cpus", "", "NUMBER", "limit CPU time: 1.5 is one and a half CPUs")
	f.Func("cpu-quota", "", "MICROSECONDS", "the same in every tenth of a second: 50000 is --cpus 0.5",
		func(text string) error { return quota(&o.Limits.CPUs, text) })
	f.Int(&o.Limits.CPUShares, "cpu-shares", "", "NUMBER", "weight when CPUs are busy: 2 to 262144 (default 1024)")
	f.Limit(&o.Limits.Pids, "pids-limit", "", "NUMBER", "limit the number of processes and threads; -1: no limit")
	f.Bool(&o.NoLimits, "no-limits", "", "run without a cgroup, on a machine without cgroup v2")
	f.Env(&o.Env, "env", "e", envHelp)
	flags.Each(f, &o.Binds, rootfs.ParseBind, "volume", "v", "SOURCE:TARGET[:ro]",
		"mount a file or directory of this machine (made if missing)")
	flags.Each(f, &o.Tmpfs, rootfs.ParseTmpfs, "tmpfs", "", "TARGET[:OPTION,…]",
		"mount an empty file system in memory: /tmp:size=64m,exec")
	flags.Each(f, &o.Ports, nat.ParsePort, "publish", "p", "[IP:]HOST:CONTAINER[/udp]",
		"publish a port of the container on this machine")
	f.String(&o.Network, "network", "", "NAME", "bridge, or none (default bridge)")
	f.String(&o.Hostname, "hostname", "h", "NAME", "hostname (default: the short ID)")
	f.String(&o.WorkingDir, "workdir", "w", "DIRECTORY", "working directory of the program")
	f.String(&o.User, "user", "u", "USER[:GROUP]", userHelp)
	f.Word(&o.Entrypoint, "entrypoint", "", "PROGRAM", "run this in place of the image's entrypoint")
	f.Bool(&o.Init, "init", "", "run a small init as PID 1, so that Ctrl-C and stop work at once")
	f.String(&o.StopSignal, "stop-signal", "", "SIGNAL", "signal that stop sends (default: the image's, or TERM)")
	f.Optional(&o.StopTimeout, "stop-timeout", "", "SECONDS", "how long stop waits before killing it (default 10)")
	f.Strings(&o.CapAdd, "cap-add", "", "CAPABILITY", "give its root a capability: NET_ADMIN, ALL")
	f.Strings(&o.CapDrop, "cap-drop", "", "CAPABILITY", "take a capability from its root")
	f.Bool(&o.Privileged, "privileged", "", "allow its root everything: nothing protects this machine")
	f.Map(&o.Labels, "label", "l", "attach a label")
}

// MaxSize adds the flag of the commands that unpack what strangers packed. What it returns bounds what a store takes,
// once the line is read.
func MaxSize(f *flags.Set) (bound func(*image.Store)) {
	var size int64
	f.Bytes(&size, "max-size", "", "BYTES", "take up to so much, however tight it is packed (default 64g)")
	return func(s *image.Store) {
		if size > 0 {
			s.Limits = archive.Limits{Bytes: size} // the user vouches for the rest
		}
	}
}

// quota reads docker's older way to limit CPU time, in microseconds of a period of 100 milliseconds; -1 lifts it.
func quota(cpus *float64, text string) error {
	number, err := strconv.ParseInt(text, 10, 32)
	if err != nil || number < -1 {
		return errors.New("must be a whole number of microseconds, like 50000, or -1 for no limit")
	}
	*cpus = max(float64(number), 0) / 100_000
	return nil
}

// Exec adds the flags of exec.
func Exec(f *flags.Set, e *container.ExecOptions) {
	f.Bool(&e.Interactive, "interactive", "i", inputHelp)
	f.Bool(&e.Terminal, "tty", "t", ttyHelp)
	f.Env(&e.Env, "env", "e", envHelp)
	f.String(&e.User, "user", "u", "USER[:GROUP]", userHelp)
	f.String(&e.WorkingDir, "workdir", "w", "DIRECTORY", "working directory of the program")
	f.Bool(&e.Privileged, "privileged", "", "allow it everything")
}

// Logs adds the flags of logs.
func Logs(f *flags.Set, o *container.LogOptions) {
	f.Bool(&o.Follow, "follow", "f", "keep showing output until the container ends")
	f.Count(&o.Tail, "tail", "n", "LINES", "show only the last LINES lines (default all)")
	f.Bool(&o.Timestamps, "timestamps", "t", "show timestamps")
}
