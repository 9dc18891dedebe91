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

// check refuses what could only fail later.
func check(o Options) error {
	if o.Network != NetworkBridge && o.Network != NetworkNone {
		return fmt.Errorf("no network is called %q; there are %q and %q", o.Network, NetworkBridge, NetworkNone)
	}
	if o.Network == NetworkNone && len(o.Ports) > 0 {
		return errors.New("a container without a network cannot publish ports")
	}
	if err := checkHostname(o.Hostname); err != nil {
		return err
	}
	if err := checkWorkingDir(o.WorkingDir); err != nil {
		return err
	}
	for _, bind := range o.Binds {
		if !filepath.IsAbs(bind.Source) || !filepath.IsAbs(bind.Target) {
			return fmt.Errorf("volume %s:%s: both paths must be absolute", bind.Source, bind.Target)
		}
		if filepath.Clean(bind.Target) == "/" {
			return fmt.Errorf("volume %s:%s: cannot be the root itself", bind.Source, bind.Target)
		}
	}
	if memory := o.Limits.Memory; memory != 0 && memory < minimumMemory {
		return fmt.Errorf("the memory limit of %s is too low to start a container: the least is %s",
			size(memory), size(minimumMemory))
	}
	if err := o.Limits.Check(); err != nil {
		return err
	}
	if pids := o.Limits.Pids; o.Init && pids != 0 && pids < minimumInitPids {
		return fmt.Errorf("a limit of %d processes is too low for a container with an init, which has threads that "+
			"count: the least is %d, or leave out the init", pids, minimumInitPids)
	}
	if err := confine.Check(o.profile()); err != nil {
		return err
	}
	if o.NoLimits {
		if o.Limits != (cgroup.Limits{}) {
			return fmt.Errorf("--no-limits excludes %s: leave out one or the other", limitFlags(o.Limits))
		}
		return nil
	}
	return cgroup.Check()
}

// checkHostname refuses what is no name of a host: letters, digits, and between them hyphens and dots (RFC 1123,
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
			return fmt.Errorf("the hostname %q is invalid: it is made of letters and digits, and between them - _ and .", name)
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
