//go:build linux

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// copies returns the directories that containers have left.
func copies(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(folder + "/*")
	testkit.Must(t, err)
	return names
}

func TestEachContainerHasACopyOfItsOwn(t *testing.T) {
	image := newImage(t)
	before := snapshot(t, image)
	for range 2 {
		if got := inside(t, image, "cat /etc/hosts; echo changed >/etc/hosts; rm /bin/vi"); got != "127.0.0.1 localhost" {
			t.Errorf("it sees %q", got)
		}
	}
	if after := snapshot(t, image); after != before {
		t.Errorf("the image was\n%s\nand is\n%s", before, after)
	}
	if names := copies(t); len(names) != 2 {
		t.Errorf("there are %v, want two", names)
	}
}

// What the chapter shows: os.CopyFS keeps names and contents, and little else.
func TestCopyLosesModesOwnersAndLinks(t *testing.T) {
	image := newImage(t)
	write(t, image, "etc/shadow", "root:secret\n")
	testkit.Must(t, os.Chmod(filepath.Join(image, "etc/shadow"), 0o600))
	testkit.Must(t, os.Chown(filepath.Join(image, "etc/hosts"), 1000, 1000))
	testkit.Must(t, os.Link(filepath.Join(image, "etc/hosts"), filepath.Join(image, "etc/same")))
	got := inside(t, image, "cd /etc; stat -c '%n %A %u %h' shadow hosts; readlink /bin/sh")
	if want := "shadow -rw-r--r-- 0 1\nhosts -rw-r--r-- 0 1\n/bin/busybox"; got != want {
		t.Errorf("the copy has\n%s\nwant\n%s", got, want)
	}
}

func TestMissingImageIsReported(t *testing.T) {
	newImage(t)
	got := run(t, program("/no/such", "true"))
	if want := "1-copy: find the image: stat /no/such/: no such file or directory\n"; got.status != 125 || got.stderr != want {
		t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
	}
}
