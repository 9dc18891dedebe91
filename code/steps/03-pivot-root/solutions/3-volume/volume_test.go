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

// newVolume makes a directory with a file in it, and one in a mount below.
func newVolume(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	below := filepath.Join(folder, "below")
	testkit.Must(t, os.Mkdir(below, 0o755))
	testkit.Must(t, syscall.Mount("wool", below, "tmpfs", syscall.MS_NOSUID, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(below, 0)) })
	for _, name := range []string{"wool", "below/wool"} {
		testkit.Must(t, os.WriteFile(filepath.Join(folder, name), []byte("white"), 0o644))
	}
	return folder
}

func TestVolumeIsTheHostsDirectoryWithWhatIsMountedBelow(t *testing.T) {
	root, folder := newRoot(t), newVolume(t)
	got := run(t, program("-v", folder+":/srv/data", root, "sh", "-c", "cd /srv/data; cat wool below/wool; echo black >wool"))
	if got.stdout != "whitewhite" || got.status != 0 {
		t.Errorf("exit status %d, %q, %s", got.status, got.stdout, got.stderr)
	}
	if content, err := os.ReadFile(filepath.Join(folder, "wool")); string(content) != "black\n" {
		t.Errorf("outside, the file has %q (%v)", content, err)
	}
	// In the directory that is the root, there is the mount point alone.
	if left, err := os.ReadDir(filepath.Join(root, "srv/data")); err != nil || len(left) > 0 {
		t.Errorf("the mount point holds %v (%v)", left, err)
	}
}

func TestReadOnlyVolumeRefusesToBeWritten(t *testing.T) {
	root, folder := newRoot(t), newVolume(t)
	got := run(t, program("-v", folder+":/data:ro", "-v", folder+":/other", root, "sh", "-c",
		"cd /data; for name in wool below/wool; do cat $name; (echo black >$name) 2>&1 | sed 's/.*: //'; done; echo >/other/wool"))
	if want := "whiteRead-only file system\nwhiteRead-only file system\n"; got.stdout != want || got.status != 0 {
		t.Errorf("exit status %d, %q, want %q; %s", got.status, got.stdout, want, got.stderr)
	}
}

func TestVolumeKeepsItsOptionsAndOpensNoDevices(t *testing.T) {
	root, folder := newRoot(t), newVolume(t)
	testkit.Must(t, syscall.Mknod(filepath.Join(folder, "null"), syscall.S_IFCHR|0o666, 1<<8|3))
	got := run(t, program("-v", folder+":/data", root, "sh", "-c", "cat /data/null; grep below /proc/self/mountinfo"))
	if got.stderr != "cat: can't open '/data/null': Permission denied\n" || !strings.Contains(got.stdout, " rw,nosuid,nodev,") {
		t.Errorf("%q, %s", got.stdout, got.stderr)
	}
}

func TestLinkInTheRootDoesNotLeadOutside(t *testing.T) {
	root, folder, outside := newRoot(t), newVolume(t), t.TempDir()
	for _, link := range []string{outside, strings.Repeat("../", 30) + outside, "/proc/1/cwd" + outside} {
		name := filepath.Join(root, "data")
		testkit.Must(t, os.Symlink(link, name))
		got := run(t, program("-v", folder+":/data/in", root, "true"))
		if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
			t.Errorf("by a link to %s, %v is made outside (%v); %s", link, left, err, got.stderr)
		}
		testkit.Must(t, os.Remove(name))
	}
}

func TestMountsOutsideAreUntouched(t *testing.T) {
	root, folder := newRoot(t), newVolume(t)
	for _, name := range []string{filepath.Dir(root), folder} {
		testkit.Must(t, syscall.Mount(name, name, "", syscall.MS_BIND, ""))
		t.Cleanup(func() { testkit.Must(t, syscall.Unmount(name, syscall.MNT_DETACH)) })
		testkit.Must(t, syscall.Mount("", name, "", syscall.MS_SHARED, "")) // as systemd has it
	}
	before, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	got := run(t, program("-v", folder+":/data", root, "mount", "-t", "tmpfs", "wool", "/data"))
	after, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	if string(before) != string(after) || got.status != 0 {
		t.Errorf("%s; mounts outside changed from\n%s\nto\n%s", got.stderr, before, after)
	}
}

func TestNothingIsLeftOpen(t *testing.T) {
	root, folder := newRoot(t), newVolume(t)
	// PID 1 closes what it reports errors through a moment after the program has begun.
	got := run(t, program("-v", folder+":/data", root, "sh", "-c", `cd /proc/1/fd
		for i in $(seq 200); do set -- *; [ $# -gt 3 ] || break; sleep 0.1; done; echo *; cd /proc/self/fd; echo *`))
	if want := "0 1 2\n0 1 2 3\n"; got.stdout != want { // 3: the shell reads the directory
		t.Errorf("descriptors are %q, want %q (%s)", got.stdout, want, got.stderr)
	}
}

func TestErrorsComeBack(t *testing.T) {
	root, folder := newRoot(t), newVolume(t)
	const must = "must be HOST:CONTAINER or HOST:CONTAINER:ro, where CONTAINER begins with /"
	for _, c := range []struct {
		arguments []string
		status    int
		want      string
	}{
		{[]string{"-v"}, 125, "usage: [-v HOST:CONTAINER[:ro]]... ROOT PROGRAM [ARGUMENT...]"},
		{[]string{"-v", folder, root, "true"}, 125, "-v " + folder + ": " + must},
		{[]string{"-v", folder + ":data", root, "true"}, 125, "-v " + folder + ":data: " + must},
		{[]string{"-v", folder + ":/data:rx", root, "true"}, 125, "-v " + folder + ":/data:rx: " + must},
		{[]string{"-v", "/no/such:/data", root, "true"}, 125, "find the volume: stat /no/such/: no such file or directory"},
		{[]string{"-v", folder + ":/etc/passwd", root, "true"}, 125, "make /etc/passwd: mkdir /etc/passwd: not a directory"},
		{[]string{"-v", folder + ":/data", root, "no-such"}, 127, `find the program: exec: "no-such": executable file not found in $PATH`},
	} {
		got := run(t, program(c.arguments...))
		if want := "3-volume: " + c.want + "\n"; got.status != c.status || got.stderr != want {
			t.Errorf("%q: exit status %d, %q; want %d, %q", c.arguments, got.status, got.stderr, c.status, want)
		}
	}
}

func TestVolumeMayBeNamedFromTheWorkingDirectory(t *testing.T) {
	root, folder := newRoot(t), newVolume(t)
	cmd := program("-v", ".:/data", root, "cat", "/data/wool")
	cmd.Dir = folder
	if got := run(t, cmd); got.stdout != "white" {
		t.Errorf("%q %s", got.stdout, got.stderr)
	}
}
