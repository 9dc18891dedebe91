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

func TestRootIsNotEscaped(t *testing.T) {
	root := newRoot(t)
	if got := escape(t, root, secret(t, root)); !strings.Contains(got, "no such file or directory") {
		t.Errorf("who climbs to the top finds %q", got)
	}
}

func TestNoMountOfTheHostIsLeft(t *testing.T) {
	_, got, _ := strings.Cut(mountsOf(inside(t, newRoot(t), "cat /proc/self/mountinfo")), "\n")
	if got != "/proc proc" {
		t.Errorf("mounted beside the root is %q, want /proc alone", got)
	}
}

func TestDirectoryOfTheOldRootIsGone(t *testing.T) {
	root := newRoot(t)
	if got := inside(t, root, "pwd; ls -A"); got != "/\nbin\netc\nproc" {
		t.Errorf("the program is in and sees %s", got)
	}
	if _, err := os.Lstat(filepath.Join(root, ".old")); !os.IsNotExist(err) {
		t.Errorf("outside, .old is still there (lstat: %v)", err)
	}
}

// A directory that holds something is not the old root any more, whatever it is.
func TestDirectoryOfTheOldRootIsNotEmptied(t *testing.T) {
	root := newRoot(t)
	file := filepath.Join(root, ".old/wool")
	testkit.Must(t, os.Mkdir(filepath.Dir(file), 0o700))
	testkit.Must(t, os.WriteFile(file, nil, 0o600))
	got := run(t, program(root, "true"))
	if want := "2-pivot: remove its directory: remove /.old: directory not empty\n"; got.status != 125 || got.stderr != want {
		t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
	}
	if _, err := os.Lstat(file); err != nil {
		t.Error(err)
	}
}

// Whatever is mounted below the directory comes along.
func TestMountsBelowTheRootComeAlong(t *testing.T) {
	root := newRoot(t)
	below := filepath.Join(root, "etc")
	testkit.Must(t, syscall.Mount("wool", below, "tmpfs", 0, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(below, 0)) })
	testkit.Must(t, os.WriteFile(filepath.Join(below, "wool"), nil, 0o644))
	if got := inside(t, root, "ls /etc"); got != "wool" {
		t.Errorf("/etc holds %s", got)
	}
}

func TestMountsOutsideAreUntouched(t *testing.T) {
	root := newRoot(t)
	parent := filepath.Dir(root)
	testkit.Must(t, syscall.Mount(parent, parent, "", syscall.MS_BIND, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(parent, syscall.MNT_DETACH)) })
	testkit.Must(t, syscall.Mount("", parent, "", syscall.MS_SHARED, "")) // as systemd has it
	before, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	inside(t, root, "mkdir /mnt; mount -t tmpfs wool /mnt")
	after, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	if string(before) != string(after) {
		t.Errorf("mounts outside changed from\n%s\nto\n%s", before, after)
	}
}
