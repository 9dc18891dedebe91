//go:build linux

package rootfs

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
)

func init() {
	looks["cgroup"] = func(visit) (string, error) {
		var found []string
		mounts, err := os.ReadFile("/proc/self/mountinfo")
		if err != nil {
			return "", err
		}
		for line := range strings.Lines(string(mounts)) {
			if fields := strings.Fields(line); fields[4] == "/sys/fs/cgroup" {
				found = append(found, fields[3], strings.Split(fields[5], ",")[0]) // root of the mount, options
			}
		}
		for _, name := range []string{"/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/cgroup.subtree_control"} {
			file, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err == nil {
				file.Close()
				found = append(found, name)
			} else if !errors.Is(err, syscall.EROFS) {
				found = append(found, err.Error())
			}
		}
		if err := os.Mkdir("/sys/fs/cgroup/escape", 0o755); !errors.Is(err, syscall.EROFS) {
			found = append(found, "mkdir")
		}
		return strings.Join(found, " "), nil
	}
}

func TestCgroupIsVisibleAndReadOnlyInItsOwnNamespace(t *testing.T) {
	var host syscall.Statfs_t
	if err := syscall.Statfs("/sys/fs/cgroup", &host); err != nil || host.Type != 0x63677270 {
		t.Skip("needs a machine with cgroup v2 on /sys/fs/cgroup")
	}
	if got := see(t, visit{Look: "cgroup", Root: newRoot(t), Cgroup: true}); got != "/ ro" {
		t.Errorf("found %q", got)
	}
	if file, err := os.OpenFile("/sys/fs/cgroup/cgroup.procs", os.O_WRONLY, 0); err != nil {
		t.Errorf("on the host cgroups are now read-only: %v", err)
	} else {
		file.Close()
	}
}

func TestCgroupsOfTheHostAreNotVisible(t *testing.T) {
	if got := see(t, visit{Look: "mounts", Root: newRoot(t)}); strings.Contains(got, "cgroup") {
		t.Errorf("mounts in the initial cgroup namespace:\n%s", got)
	}
}
