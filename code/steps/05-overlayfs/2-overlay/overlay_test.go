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

// upper returns the upper directory of the one container that has run.
func upper(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob(folder + "/*/upper")
	if err != nil || len(names) != 1 {
		t.Fatalf("there is %v (%v), want one", names, err)
	}
	return names[0]
}

func TestUpperHoldsWhatHasChangedAlone(t *testing.T) {
	image := newImage(t)
	before := snapshot(t, image)
	inside(t, image, "cat /etc/passwd; echo 10.20.0.2 dolly >>/etc/hosts; rm /bin/vi")
	var all []string
	testkit.Must(t, filepath.WalkDir(upper(t), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all = append(all, strings.TrimPrefix(path, upper(t))+" "+entry.Type().String()[:1])
		}
		return err
	}))
	if got, want := strings.Join(all, ", "), "/bin/vi D, /etc/hosts -"; got != want {
		t.Errorf("upper has %s; want %s", got, want)
	}
	content, err := os.ReadFile(filepath.Join(upper(t), "etc/hosts"))
	if string(content) != "127.0.0.1 localhost\n10.20.0.2 dolly\n" {
		t.Errorf("the file has %q, %v", content, err)
	}
	if after := snapshot(t, image); after != before {
		t.Errorf("the image was\n%s\nand is\n%s", before, after)
	}
}

func TestNothingIsMountedOnTheHost(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, syscall.Mount("", filepath.Dir(folder), "", syscall.MS_SHARED, "")) // as systemd has it
	before, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	inside(t, image, "grep ' / / rw,nodev,.* - overlay ' /proc/self/mountinfo")
	after, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	if string(before) != string(after) {
		t.Errorf("mounts outside changed from\n%s\nto\n%s", before, after)
	}
}

// What the next stages mend.
func TestUsersOfTheHostReachTheFilesAndAColonEndsThePath(t *testing.T) {
	image := newImage(t)
	defer syscall.Umask(syscall.Umask(0o022))
	inside(t, image, "true")
	for _, name := range []string{folder, filepath.Dir(upper(t)), upper(t)} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}
	moved := image + ":1"
	testkit.Must(t, os.Rename(image, moved))
	got := run(t, program(moved, "true"))
	if want := "2-overlay: mount the overlay: no such file or directory\n"; got.status != 125 || got.stderr != want {
		t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
	}
}
