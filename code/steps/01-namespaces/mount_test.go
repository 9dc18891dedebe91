//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestMountInsideIsNotSeenOutside(t *testing.T) {
	directory := sharedDirectory(t)
	before := mounts(t)
	got := inside(t, "mount -t tmpfs sheep "+directory+" && touch "+directory+"/wool && cat /proc/mounts")
	if !strings.Contains(got, "\nsheep "+directory+" tmpfs ") {
		t.Errorf("inside, the new mount is not in /proc/mounts:\n%s", got)
	}
	if after := mounts(t); after != before {
		t.Errorf("mounts outside changed from\n%s\nto\n%s", before, after)
	}
	if _, err := os.Stat(filepath.Join(directory, "wool")); !os.IsNotExist(err) {
		t.Errorf("a file in the mount inside is seen outside (stat: %v)", err)
	}
}

func TestMountsInsideArePrivate(t *testing.T) {
	directory := sharedDirectory(t)
	// A mount in a peer group has a field shared:N (proc(5), mountinfo).
	if line := mountinfo(mounts(t), directory); !strings.Contains(line, " shared:") {
		t.Fatalf("the test wants %s shared outside, but has %q", directory, line)
	}
	all := inside(t, "cat /proc/self/mountinfo")
	if line := mountinfo(all, directory); line == "" {
		t.Errorf("the mount %s was not copied inside:\n%s", directory, all)
	}
	for _, field := range []string{" shared:", " master:"} {
		if strings.Contains(all, field) {
			t.Errorf("inside, a mount is still tied to others by%s:\n%s", field, all)
		}
	}
}

func TestProcOutsideIsUntouched(t *testing.T) {
	inside(t, "umount /proc") // the new one: beneath it lies the one from outside
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Errorf("/proc outside is gone: %v", err)
	}
}

// sharedDirectory mounts a tmpfs outside whose mounts propagate, as they do for every directory under systemd.
func sharedDirectory(t *testing.T) string {
	t.Helper()
	testns.Require(t)
	directory := t.TempDir()
	testkit.Must(t, syscall.Mount("outside", directory, "tmpfs", 0, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(directory, 0)) })
	testkit.Must(t, syscall.Mount("", directory, "", syscall.MS_SHARED, ""))
	return directory
}

// mounts returns the mounts outside, one a line.
func mounts(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	return string(content)
}

// mountinfo returns the line of a mount point.
func mountinfo(all, mountPoint string) string {
	for line := range strings.Lines(all) {
		if strings.Contains(line, " "+mountPoint+" ") {
			return line
		}
	}
	return ""
}
