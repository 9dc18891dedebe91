//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestProgramsFindWhatTheyExpect(t *testing.T) {
	_, got, _ := strings.Cut(mountsOf(inside(t, newRoot(t), "cat /proc/self/mountinfo")), "\n")
	want := "/proc proc\n/sys sysfs\n/tmp tmpfs\n/dev tmpfs\n/dev/pts devpts\n/dev/shm tmpfs\n/dev/mqueue mqueue"
	if got != want {
		t.Errorf("mounted beside the root is\n%s\nwant\n%s", got, want)
	}
}

func TestMountsGiveNoMoreRightsThanTheyNeed(t *testing.T) {
	root := newRoot(t)
	for target, want := range map[string]string{
		"/proc":       "rw,nosuid,nodev,noexec",
		"/sys":        "ro,nosuid,nodev,noexec",
		"/tmp":        "rw,nosuid,nodev",
		"/dev":        "rw,nosuid",
		"/dev/pts":    "rw,nosuid,noexec",
		"/dev/shm":    "rw,nosuid,nodev,noexec",
		"/dev/mqueue": "rw,nosuid,nodev,noexec",
	} {
		options := strings.Fields(inside(t, root, "grep ' "+target+" ' /proc/self/mountinfo"))[5]
		if got := strings.TrimSuffix(options, ",relatime"); got != want {
			t.Errorf("%s has the options %s, want %s", target, got, want)
		}
	}
}

func TestModesAreTheUsualOnesWhateverTheUmask(t *testing.T) {
	root := newRoot(t)
	defer syscall.Umask(syscall.Umask(0o077))
	got := inside(t, root, "cd /; stat -c '%n %a' tmp dev dev/shm")
	if want := "tmp 1777\ndev 755\ndev/shm 1777"; got != want {
		t.Errorf("modes are\n%s\nwant\n%s", got, want)
	}
}

func TestFirstTerminalIsNumberZero(t *testing.T) {
	if got := inside(t, newRoot(t), "exec 3<>/dev/pts/ptmx; ls /dev/pts; stat -c %a /dev/pts/0; stat -c %g /dev/pts/0"); got != "0\nptmx\n620\n5" {
		t.Errorf("the first terminal, its mode and its group: %s", got)
	}
}

func TestFileInTheWayIsNamed(t *testing.T) {
	root := newRoot(t)
	testkit.Must(t, os.WriteFile(filepath.Join(root, "tmp"), nil, 0o644))
	got := run(t, program(root, "true"))
	if want := "3-mounts: make /tmp: mkdir /tmp: not a directory\n"; got.status != 125 || got.stderr != want {
		t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
	}
}

func TestDirectoryOfTheOldRootIsGone(t *testing.T) {
	if got := inside(t, newRoot(t), "ls -A"); got != "bin\ndev\netc\nproc\nsys\ntmp" {
		t.Errorf("the root holds %s", got)
	}
}

func TestRootIsNotEscaped(t *testing.T) {
	root := newRoot(t)
	if got := escape(t, root, secret(t, root)); !strings.Contains(got, "no such file or directory") {
		t.Errorf("who climbs to the top finds %q", got)
	}
}
