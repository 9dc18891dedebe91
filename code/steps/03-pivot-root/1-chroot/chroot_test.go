//go:build linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestDirectoryIsTheRootAndTheWorkingDirectory(t *testing.T) {
	if got := inside(t, newRoot(t), "pwd; echo *"); got != "/\nbin etc proc" {
		t.Errorf("the program is in and sees %s", got)
	}
}

func TestProcIsThatOfTheNewPIDNamespace(t *testing.T) {
	if got := inside(t, newRoot(t), "cd /proc; echo [0-9]*; echo $PPID"); !strings.HasPrefix(got, "1 ") || !strings.HasSuffix(got, "\n1") {
		t.Errorf("processes inside, and the parent of the program: %s; want 1 among them, and 1", got)
	}
}

// The reason for the next stage.
func TestChrootIsEscaped(t *testing.T) {
	root := newRoot(t)
	if got := escape(t, root, secret(t, root)); got != "the host's" {
		t.Errorf("who climbs out of the root finds %q", got)
	}
}

// From inside the root, mountinfo does not list what cannot be reached from there: proc_pid_mountinfo(5).
func TestMountsOfTheHostAreOutOfSightOnly(t *testing.T) {
	root := newRoot(t)
	outside, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	if got := mountsOf(inside(t, root, "cat /proc/self/mountinfo")); got != "/proc proc" {
		t.Errorf("the program sees the mounts %q, want its /proc alone", got)
	}
	want := slices.Sorted(strings.Lines(mountsOf(string(outside)) + "\n" + root + "/proc proc\n"))
	got := slices.Sorted(strings.Lines(mountsOf(escape(t, root, "/proc/self/mountinfo")) + "\n"))
	if !slices.Equal(got, want) {
		t.Errorf("who climbs out of the root sees the mounts\n%q\nwant\n%q", got, want)
	}
}

func TestErrorsComeBack(t *testing.T) {
	root := newRoot(t)
	for _, c := range []struct {
		arguments []string
		status    int
		want      string
	}{
		{[]string{root}, 125, "usage: ROOT PROGRAM [ARGUMENT...]"},
		{[]string{"init"}, 125, "read the configuration: read pipe: bad file descriptor"}, // typed by hand
		{[]string{"/no/such", "sh"}, 125, "find the root: stat /no/such/: no such file or directory"},
		{[]string{root + "/bin/busybox", "sh"}, 125, "find the root: stat " + root + "/bin/busybox/: not a directory"},
		{[]string{filepath.Join(root, "bin"), "sh"}, 125, "mount /proc: no such file or directory"},
		{[]string{root, "no-such-program"}, 127, `find the program: exec: "no-such-program": executable file not found in $PATH`},
		{[]string{root, "/etc/passwd"}, 126, `find the program: exec: "/etc/passwd": permission denied`},
	} {
		got := run(t, program(c.arguments...))
		if want := "1-chroot: " + c.want + "\n"; got.status != c.status || got.stderr != want {
			t.Errorf("%q: exit status %d, %q; want %d, %q", c.arguments, got.status, got.stderr, c.status, want)
		}
	}
}
