//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// CVE-2021-41091: the directories of Docker could be entered by everybody.
func TestCVE202141091UsersOfTheHostDoNotReachTheFiles(t *testing.T) {
	image := newImage(t)
	defer syscall.Umask(syscall.Umask(0))
	inside(t, image, "cp /bin/busybox /bin/wolf; chmod 4755 /bin/wolf")
	names, err := filepath.Glob(folder + "/*/upper/bin/wolf")
	if err != nil || len(names) != 1 {
		t.Fatalf("there is %v, %v", names, err)
	}
	for uid, want := range map[uint32]bool{0: true, 1000: false} {
		cmd := exec.Command(names[0])
		cmd.Args = []string{"id"} // as what busybox runs
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		if out, err := cmd.CombinedOutput(); (err == nil) != want {
			t.Errorf("user %d runs a program of the container: %v %s", uid, err, out)
		}
	}
}

func TestRootOfTheContainerHasOwnerAndModeOfTheImages(t *testing.T) {
	image := newImage(t)
	testkit.Must(t, os.Chown(image, 7, 8))
	testkit.Must(t, os.Chmod(image, 0o751|os.ModeSticky))
	defer syscall.Umask(syscall.Umask(0o077))
	if got := inside(t, image, "stat -c '%a %u:%g' /; su lamb -c 'cat /etc/hosts'"); got != "1751 7:8\n127.0.0.1 localhost" {
		t.Errorf("it is %s", got)
	}
}

func TestPathsMayContainWhatEndsAnOption(t *testing.T) {
	image := newImage(t)
	for _, name := range []string{"a,b", "a:b", `a\b`, `ends\`, "a=b,upperdir=c", "::,,", "a b"} {
		moved := filepath.Join(filepath.Dir(image), name)
		testkit.Must(t, os.Rename(image, moved))
		if got := run(t, program(moved, "cat", "/etc/hosts")); got.stdout != "127.0.0.1 localhost\n" {
			t.Errorf("%q: exit status %d, %q %s", name, got.status, got.stdout, got.stderr)
		}
		image = moved
	}
}
