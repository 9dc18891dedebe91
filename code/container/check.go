//go:build linux

package container

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/confine"
)

// minimumMemory is what Docker also asks for. With less the kernel kills the child before it becomes the program.
const minimumMemory = 6 << 20

// minimumInitPids leaves an init, which is a program with threads, as many as it can have, and the program some.
const minimumInitPids = 16

// check refuses what could only fail later, with an [OptionError]. Where containers cannot be limited at all, it is
// [cgroup.ErrUnavailable].
func check(o Options) error {
	refuse := func(field, format string, arguments ...any) error {
		return &OptionError{field, fmt.Errorf(format, arguments...)}
	}
	if o.Network != NetworkBridge && o.Network != NetworkNone {
		return refuse("network", "no network is called %q; there are %q and %q", o.Network, NetworkBridge, NetworkNone)
	}
	if o.Network == NetworkNone && len(o.Ports) > 0 {
		return refuse("ports", "a container without a network cannot publish ports")
	}
	if err := checkHostname(o.Hostname); err != nil {
		return &OptionError{"hostname", err}
	}
	if err := checkWorkingDir(o.WorkingDir); err != nil {
		return &OptionError{"working_dir", err}
	}
	if o.StopSignal != "" {
		if _, err := ParseSignal(o.StopSignal); err != nil {
			return &OptionError{"stop_signal", err}
		}
	}
	if err := checkVolumes(o); err != nil {
		return err
	}
	if memory := o.Limits.Memory; memory > 0 && memory < minimumMemory {
		return refuse("memory", "the memory limit of %s is too low to start a container: the minimum is %s",
			size(memory), size(minimumMemory))
	}
	var limit *cgroup.LimitError
	if err := o.Limits.Check(); errors.As(err, &limit) {
		return &OptionError{limit.Field, err}
	} else if err != nil {
		return err
	}
	if pids := o.Limits.Pids; o.Init && pids != 0 && pids < minimumInitPids {
		return refuse("pids", "a limit of %d processes is too low for a container with an init, which has threads "+
			"that count: the minimum is %d, or leave out the init", pids, minimumInitPids)
	}
	if err := confine.Check(o.profile()); err != nil {
		field := "cap_drop"
		if confine.Check(confine.Profile{CapAdd: o.CapAdd}) != nil {
			field = "cap_add"
		}
		return &OptionError{field, err}
	}
	if !o.NoLimits {
		return cgroup.Check()
	}
	if given := o.Limits.Given(); len(given) > 0 {
		return &OptionError{"no_limits", &ConflictError{"no_limits", given}}
	}
	return nil
}

// checkHostname refuses what is not the name of a host: letters, digits, and between them hyphens and dots (RFC 1123,
// section 2.1), or underscores, which Docker takes as well. It is written to the container's /etc/hosts, a line a
// name.
func checkHostname(name string) error {
	if name == "" {
		return nil // there will be one
	}
	if len(name) > 64 { // sethostname(2)
		return fmt.Errorf("the hostname %q is longer than 64 bytes", name)
	}
	for label := range strings.SplitSeq(name, ".") {
		strange := strings.ContainsFunc(label, func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		})
		if strange || label == "" || strings.Trim(label, "-_") != label {
			return fmt.Errorf("the hostname %q is invalid: "+
				"it is made of letters and digits, and between them - _ and .", name)
		}
	}
	return nil
}

// checkWorkingDir refuses a directory that would be relative to nothing, in Docker's words.
func checkWorkingDir(name string) error {
	if name != "" && !filepath.IsAbs(name) {
		return fmt.Errorf("the working directory %q is invalid, it needs to be an absolute path", name)
	}
	return nil
}

// size writes a number of bytes as users write limits: 64m.
func size(bytes int64) string {
	unit := 0
	for bytes != 0 && bytes%1024 == 0 && unit < len(units)-1 {
		bytes, unit = bytes/1024, unit+1
	}
	return fmt.Sprint(bytes) + units[unit]
}

var units = []string{"b", "k", "m", "g", "t"}
