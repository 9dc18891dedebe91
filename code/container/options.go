//go:build linux

package container

import (
	"slices"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/confine"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

// The networks that a container can have.
const (
	NetworkBridge = "bridge" // an address on the bridge
	NetworkNone   = "none"   // the loopback alone
)

// Options are what the user wants of a container.
type Options struct {
	Name        string            `json:"name"` // made up if empty
	Image       string            `json:"image"`
	Args        []string          `json:"args,omitempty"`       // nil: the image's Cmd
	Entrypoint  []string          `json:"entrypoint,omitempty"` // nil: the image's
	Env         []string          `json:"env,omitempty"`        // NAME=value, after the image's
	User        string            `json:"user,omitempty"`       // empty: the image's
	WorkingDir  string            `json:"working_dir,omitempty"`
	Hostname    string            `json:"hostname,omitempty"` // empty: the short ID
	Limits      cgroup.Limits     `json:"limits"`
	NoLimits    bool              `json:"no_limits,omitempty"` // no cgroup, for hosts without cgroup v2
	Binds       []rootfs.Bind     `json:"binds,omitempty"`
	Tmpfs       []rootfs.Tmpfs    `json:"tmpfs,omitempty"`
	Ports       []nat.Port        `json:"ports,omitempty"`
	Network     string            `json:"network"` // "": NetworkBridge
	Interactive bool              `json:"interactive,omitempty"`
	Terminal    bool              `json:"terminal,omitempty"`
	Init        bool              `json:"init,omitempty"`
	StopSignal  string            `json:"stop_signal,omitempty"`  // as [ParseSignal] takes it; empty: the image's
	StopTimeout *int              `json:"stop_timeout,omitempty"` // seconds; nil: 10
	Remove      bool              `json:"remove,omitempty"`       // when it has stopped
	Privileged  bool              `json:"privileged,omitempty"`
	CapAdd      []string          `json:"cap_add,omitempty"`
	CapDrop     []string          `json:"cap_drop,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
}

// profile is what the container's root may do.
func (o Options) profile() confine.Profile {
	profile := confine.Profile{CapAdd: o.CapAdd, CapDrop: o.CapDrop, Privileged: o.Privileged, User: o.User}
	dropped := slices.ContainsFunc(o.CapDrop, func(name string) bool {
		name = strings.TrimPrefix(strings.ToUpper(name), "CAP_")
		return name == "MKNOD" || name == "ALL"
	})
	if !o.NoLimits && !dropped {
		// As in Docker: the cgroup has rules that say which devices can be opened.
		profile.CapAdd = append(slices.Clone(profile.CapAdd), "MKNOD")
	}
	return profile
}
