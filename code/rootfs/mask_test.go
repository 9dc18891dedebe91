//go:build linux

package rootfs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func init() {
	looks["masked"] = func(visit) (string, error) {
		var open []string
		var names []string
		for _, pattern := range masked {
			found, err := filepath.Glob(pattern)
			if err != nil {
				return "", err
			}
			names = append(names, found...)
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil {
				continue // not of this kernel
			}
			if info.IsDir() {
				if entries, err := os.ReadDir(name); err != nil || len(entries) > 0 {
					open = append(open, fmt.Sprint(name, entries, err))
				}
			} else if content, err := os.ReadFile(name); err != nil || len(content) > 0 {
				open = append(open, fmt.Sprint(name, len(content), err))
			}
		}
		return strings.Join(open, "\n"), nil
	}
	looks["write to the kernel"] = func(visit) (string, error) {
		var found []string
		for _, name := range []string{
			"/proc/sys/vm/swappiness", "/proc/sysrq-trigger", "/sys/kernel/mm/ksm/run", "/proc/sys/kernel/core_pattern",
		} {
			file, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err == nil {
				file.Close()
				found = append(found, name)
			}
		}
		return strings.Join(found, " "), nil
	}
	looks["processes"] = func(visit) (string, error) {
		content, err := os.ReadFile("/proc/sys/kernel/hostname")
		self, _ := os.Readlink("/proc/self")
		return fmt.Sprintf("%d bytes, self %s", len(content), self), err
	}
}

func TestMaskedPathsAreEmpty(t *testing.T) {
	if got := see(t, visit{Look: "masked", Root: newRoot(t)}); got != "" {
		t.Errorf("these show something:\n%s", got)
	}
}

func TestKernelSettingsCannotBeWritten(t *testing.T) {
	if got := see(t, visit{Look: "write to the kernel", Root: newRoot(t)}); got != "" {
		t.Errorf("these can be opened for writing: %s", got)
	}
}

// Docker's --privileged has no masked and no read-only paths, and /sys can be written. In a user namespace the kernel
// refuses it.
func TestUnmaskedRootMayWriteToTheKernel(t *testing.T) {
	testns.RequireRoot(t, "the right to change the kernel")
	got := see(t, visit{Look: "write to the kernel", Root: newRoot(t), Open: true})
	if !strings.HasPrefix(got, "/proc/sys/vm/swappiness ") || !strings.HasSuffix(got, "/proc/sys/kernel/core_pattern") {
		t.Errorf("these alone can be opened for writing: %q", got)
	}
	if got := see(t, visit{Look: "mounts", Root: newRoot(t), Open: true}); strings.Contains(got, " ro,") {
		t.Errorf("there are read-only mounts:\n%s", got)
	}
}

func TestProcIsOfTheNewPIDNamespaceAndReadable(t *testing.T) {
	got := see(t, visit{Look: "processes", Root: newRoot(t)})
	if !strings.HasSuffix(got, "self 1") || strings.HasPrefix(got, "0 ") {
		t.Errorf("/proc: %s", got)
	}
}
