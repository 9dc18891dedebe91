//go:build linux && !vm

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// looks sees that what only reads works, though nothing can be written, and that the rest says why it does not.
func (u user) looks(reason string) {
	u.t.Helper()
	for _, c := range []struct{ line, want string }{
		{"ps", "web"}, {"ps -a", "created"}, {"images", "busybox"}, {"inspect web busybox", `"busybox"`},
		{"logs web", "baa\n"}, {"logs -t web", " baa\n"}, {"exec web echo inside", "inside\n"},
	} {
		r := u.sheep(strings.Fields(c.line)...)
		if !strings.Contains(r.out, c.want) || r.err != "" || r.code != 0 {
			u.t.Errorf("%s prints %q and %q and ends with %d", c.line, r.out, r.err, r.code)
		}
	}
	u.sheep("logs", "-f", "created").check(u.t, "logs -f of one that never ran", "", "", 0)

	// One that ends now cannot be noted down. That it has ended is to be seen all the same, and is said.
	u.sheep("stop", "-t0", "web")
	r := u.sheep("ps", "-a")
	if !regexp.MustCompile(`web .*Exited`).MatchString(r.out) || r.code != 0 {
		u.t.Errorf("ps -a prints %q and ends with %d", r.out, r.code)
	}
	for _, line := range []string{"ps", "images", "logs web", "run --no-limits busybox true"} {
		r := u.sheep(strings.Fields(line)...)
		for complaint := range strings.Lines(r.err) {
			if !strings.HasPrefix(complaint, "sheep: ") || !strings.Contains(complaint, reason) {
				u.t.Errorf("%s says %q", line, complaint)
			}
		}
		if !strings.Contains(r.err, "container web cannot be repaired") {
			u.t.Errorf("%s says %q", line, r.err)
		}
		if regexp.MustCompile("[0-9a-f]{13}").MatchString(r.err) {
			u.t.Errorf("%s shows a long ID: %q", line, r.err)
		}
	}
}

// flock is a user with two containers, one of which runs.
func flock(t *testing.T) user {
	t.Helper()
	u := newUserWithImage(t)
	u.ok("create", "--no-limits", "--name", "created", "busybox", "true")
	u.detached("--name", "web", "busybox", "sh", "-c", "echo baa; sleep 1000")
	testkit.Eventually(t, "it prints something", func() bool { return u.ok("logs", "web") == "baa\n" })
	return u
}

func TestReadingNeedsNoWriting(t *testing.T) {
	u := flock(t)
	dir := os.Getenv("SHEEP_ROOT")
	testkit.Must(t, syscall.Mount(dir, dir, "", syscall.MS_BIND|syscall.MS_REC, ""))
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	testkit.Must(t, syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_BIND|syscall.MS_RDONLY, ""))
	u.looks("read-only file system")
	u.sheep("rm", "created").check(t, "rm", "",
		"sheep: remove state of created in "+dir+"/containers: read-only file system\n", 1)
	u.sheep("start", "created").check(t, "start", "",
		"sheep: mark container as active in "+dir+"/containers: read-only file system\n", 1)
}

// The exit code is the program's, and it is not lost, though there was no room to note it down.
func TestProgramThatFillsTheDiskEndsWithItsOwnExitCode(t *testing.T) {
	u := newUserWithImage(t)
	dir := filepath.Dir(u.program)
	testkit.Must(t, syscall.Mount("sheep", dir, "tmpfs", syscall.MS_REMOUNT, "size=20m"))
	r := u.sheep("run", "--no-limits", "--name", "web", "busybox", "sh", "-c",
		"dd if=/dev/zero of=/filler bs=1k 2>/dev/null; exit 7")
	if want := "container web has ended with exit code 7, which cannot be noted down: "; r.code != 7 ||
		!strings.Contains(r.err, want) || !strings.Contains(r.err, "no space left on device") {
		t.Errorf("run ends with %d and says %q", r.code, r.err)
	}
	testkit.Must(t, syscall.Mount("sheep", dir, "tmpfs", syscall.MS_REMOUNT, "size=40m"))
	if r := u.sheep("ps", "-a"); !strings.Contains(r.out, "Exited (7)") ||
		!strings.Contains(r.err, "container web has ended with exit code 7, which is noted down only now") {
		t.Errorf("ps prints %q and says %q", r.out, r.err)
	}
}

func TestReadingNeedsNoRoomOnTheDisk(t *testing.T) {
	u := flock(t)
	dir := filepath.Dir(u.program)
	testkit.Must(t, syscall.Mount("sheep", dir, "tmpfs", syscall.MS_REMOUNT, "size=16m"))
	filler := filepath.Join(dir, "filler")
	t.Cleanup(func() { os.Remove(filler) })
	if err := os.WriteFile(filler, make([]byte, 16<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	u.looks("no space left on device")
	u.ok("rm", "created") // which makes room
}
