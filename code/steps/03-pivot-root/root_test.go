//go:build linux

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

// The root and the working directory of PID 1, which is still the host's program, are in the new root, and so is what
// lies above.
func TestNoLinkOfPID1LeadsOutside(t *testing.T) {
	root := newRoot(t)
	got := inside(t, root, "ls -A /.. /proc/1/root /proc/1/root/.. /proc/1/cwd/.. | grep -v ^/ | sort -u")
	if want := "\nbin\ndev\netc\nproc\nsys\ntmp"; "\n"+got != want {
		t.Errorf("above the root is %s", got)
	}
}

func TestNoMountOfTheHostIsLeft(t *testing.T) {
	list := strings.Split(mountsOf(inside(t, newRoot(t), "cat /proc/self/mountinfo")), "\n")
	ours := regexp.MustCompile(`^/(proc|sys|tmp|dev|dev/pts|dev/shm|dev/mqueue) \w+$`)
	var mounted []string
	for _, line := range list[1:] {
		name, _, _ := strings.Cut(line, " ")
		if !ours.MatchString(line) && !slices.Contains(masked, name) && !slices.Contains(readOnly, name) {
			t.Errorf("mounted is also %s", line)
		}
		mounted = append(mounted, line)
	}
	want := "/proc proc\n/sys sysfs\n/tmp tmpfs\n/dev tmpfs\n/dev/pts devpts\n/dev/shm tmpfs\n/dev/mqueue mqueue"
	if got := strings.Join(mounted, "\n"); !strings.HasPrefix(got, want) || !strings.HasPrefix(list[0], "/ ") {
		t.Errorf("mounted beside the root %s is\n%s\nwant at first\n%s", list[0], got, want)
	}
}

func TestNothingIsLeftInTheDirectoryButMountPoints(t *testing.T) {
	root := newRoot(t)
	if got := inside(t, root, "pwd; ls -A"); got != "/\nbin\ndev\netc\nproc\nsys\ntmp" {
		t.Errorf("the program is in and sees %s", got)
	}
	for _, name := range []string{"dev", "sys", "tmp", "proc"} {
		if left, err := os.ReadDir(filepath.Join(root, name)); err != nil || len(left) > 0 {
			t.Errorf("outside, %s holds %v (%v)", name, left, err)
		}
	}
}

// Where nothing has to be made in it.
func TestDirectoryMayBeReadOnly(t *testing.T) {
	root := newRoot(t)
	for _, name := range []string{"dev", "sys", "tmp"} {
		testkit.Must(t, os.Mkdir(filepath.Join(root, name), 0o755))
	}
	testkit.Must(t, syscall.Mount(root, root, "", syscall.MS_BIND, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(root, 0)) })
	testkit.Must(t, syscall.Mount("", root, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	if got := inside(t, root, "touch /wool 2>&1 || true"); got != "touch: /wool: Read-only file system" {
		t.Errorf("writing there: %s", got)
	}
}

func TestTwoMayUseOneDirectory(t *testing.T) {
	root := newRoot(t)
	first := program(root, "sh", "-c", "echo ready; read line; ls /proc/self/fd")
	stdin, err := first.StdinPipe()
	testkit.Must(t, err)
	stdout, err := first.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, first.Start())
	t.Cleanup(func() { first.Process.Kill() }) // has ended already where the test passed
	_, err = stdout.Read(make([]byte, 6))
	testkit.Must(t, err)
	inside(t, root, "mount >/dev/null")
	stdin.Close()
	testkit.Must(t, first.Wait())
}

func TestMountsOutsideAreUntouched(t *testing.T) {
	root := newRoot(t)
	parent := filepath.Dir(root)
	testkit.Must(t, syscall.Mount(parent, parent, "", syscall.MS_BIND, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(parent, syscall.MNT_DETACH)) })
	testkit.Must(t, syscall.Mount("", parent, "", syscall.MS_SHARED, "")) // as systemd has it
	before, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	inside(t, root, "mount -t tmpfs wool /tmp")
	after, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	if string(before) != string(after) {
		t.Errorf("mounts outside changed from\n%s\nto\n%s", before, after)
	}
}

// CVE-2019-19921: an image whose /proc is a link, so that the runtime mounts and masks somewhere else.
func TestCVE201919921LinkInTheWayIsRefused(t *testing.T) {
	for _, name := range []string{"proc", "sys", "dev", "tmp"} {
		root := newRoot(t)
		testkit.Must(t, os.RemoveAll(filepath.Join(root, name)))
		testkit.Must(t, os.Symlink("/etc", filepath.Join(root, name)))
		got := run(t, program(root, "true"))
		if want := "03-pivot-root: mount /" + name + ": a link is in the way\n"; got.status != 125 || got.stderr != want {
			t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
		}
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
		{[]string{"/", "sh"}, 125, "pivot_root: device or resource busy"},
		{[]string{root, "no-such-program"}, 127, `find the program: exec: "no-such-program": executable file not found in $PATH`},
		{[]string{root, "/no/such"}, 127, `find the program: exec: "/no/such": stat /no/such: no such file or directory`},
		{[]string{root, "/etc/passwd"}, 126, `find the program: exec: "/etc/passwd": permission denied`},
	} {
		got := run(t, program(c.arguments...))
		if want := "03-pivot-root: " + c.want + "\n"; got.status != c.status || got.stderr != want {
			t.Errorf("%q: exit status %d, %q; want %d, %q", c.arguments, got.status, got.stderr, c.status, want)
		}
	}
}

func TestStatusIsTheProgramsOrAsAShellReportsASignal(t *testing.T) {
	root := newRoot(t)
	for script, want := range map[string]int{"exit 0": 0, "exit 42": 42, "kill -KILL $$": 128 + 9} {
		if got := run(t, program(root, "sh", "-c", script)); got.status != want {
			t.Errorf("%q inside: exit status %d, want %d (%s)", script, got.status, want, got.stderr)
		}
	}
}

func TestRootMayBeNamedFromTheWorkingDirectory(t *testing.T) {
	root := newRoot(t)
	for name, dir := range map[string]string{"root": filepath.Dir(root), ".": root, "../root": root} {
		cmd := program(name, "ls", "/etc")
		cmd.Dir = dir
		if got := run(t, cmd); got.stdout != "passwd\n" {
			t.Errorf("in %s, %s: %q %s", dir, name, got.stdout, got.stderr)
		}
	}
}
