//go:build linux

package container

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/inside"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/reexec"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

// Process is the program that a container runs: the user's wishes and the image's configuration together.
type Process struct {
	Args       []string `json:"args"`
	Env        []string `json:"env"`
	WorkingDir string   `json:"working_dir"`
	User       string   `json:"user,omitempty"`
	StopSignal string   `json:"stop_signal,omitempty"` // what asks it to end; empty: SIGTERM
}

// processOf puts together what the user wants and what the image says. An entrypoint given by the user replaces the
// image's whole command line, as in Docker.
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
		Env:        environment([]string{image.DefaultPath}, from.Env),
		WorkingDir: cmp.Or(o.WorkingDir, from.WorkingDir, "/"),
		User:       cmp.Or(o.User, from.User),
		StopSignal: cmp.Or(o.StopSignal, from.StopSignal),
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

// childConfig is what the child of a run is told. The runtime's own binds go on top of the user's.
func (run *run) childConfig(own []rootfs.Bind) inside.Config {
	state, options := run.state, run.state.Options
	profile := options.profile()
	profile.User = state.Process.User
	pidsMax := ""
	if pids := options.Limits.Pids; pids > 0 && pids < setupPids {
		pidsMax = filepath.Join(cgroup.Open(state.ID).Dir(), "pids.max")
	}
	return inside.Config{
		PidsMax: pidsMax, Pids: options.Limits.Pids,
		Root: run.runtime.overlay(state.ID, state.Lower).Merged(),
		Mounts: rootfs.Mounts{
			Binds: append(slices.Clone(options.Binds), own...), Tmpfs: options.Tmpfs, Unmasked: options.Privileged,
		},
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
