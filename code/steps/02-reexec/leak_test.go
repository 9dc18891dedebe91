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

// CVE-2024-21626: a descriptor of a directory of the host's that the runtime left open led out of the container.
func TestCVE202421626NoDescriptorReachesProgramOrPID1(t *testing.T) {
	fd, err := syscall.Open("/etc", syscall.O_DIRECTORY, 0) // without O_CLOEXEC
	testkit.Must(t, err)
	defer syscall.Close(fd)
	// The shell's own descriptor for reading the directory is the lowest that is free.
	if got := inside(t, "cd /proc/self/fd && echo *"); got != "0 1 2 3" {
		t.Errorf("descriptors of the program: %s, with %d left open outside", got, fd)
	}
	// PID 1 closes what it reports errors through a moment after the program has begun.
	if got := inside(t, `cd /proc/1/fd
		for i in $(seq 200); do set -- *; [ $# -gt 3 ] || break; sleep 0.1; done; echo *`); got != "0 1 2" {
		t.Errorf("descriptors of PID 1: %s, with %d left open outside:\n%s", got, fd, inside(t, "ls -l /proc/1/fd"))
	}
}

func TestConfigurationIsNotInTheEnvironment(t *testing.T) {
	require(t)
	cmd := program("env")
	cmd.Env = []string{asProgram + "=1", "PATH=" + os.Getenv("PATH"), "WOOL=white"}
	if got, want := run(t, cmd), strings.Join(cmd.Env, "\n")+"\n"; got.stdout != want {
		t.Errorf("the program has the environment\n%s%s, want\n%s", got.stdout, got.stderr, want)
	}
}

func TestProgramHasItsInterfaceAndItsLimit(t *testing.T) {
	if got := inside(t, "ulimit -t; cd /proc/sys/net/ipv4/conf && echo *"); got != "60\nall default eth0 lo" {
		t.Errorf("limit and interfaces inside are %s", got)
	}
}

func TestMountsAndHostnameOutsideAreUntouched(t *testing.T) {
	require(t)
	directory := t.TempDir()
	testkit.Must(t, syscall.Mount("outside", directory, "tmpfs", 0, ""))
	t.Cleanup(func() { testkit.Must(t, syscall.Unmount(directory, 0)) })
	testkit.Must(t, syscall.Mount("", directory, "", syscall.MS_SHARED, ""))
	outside := func() string {
		mounts, err := os.ReadFile("/proc/self/mountinfo")
		testkit.Must(t, err)
		hostname, err := os.Hostname()
		testkit.Must(t, err)
		return hostname + "\n" + string(mounts)
	}
	before := outside()
	if got := inside(t, "mkdir "+directory+"/in && mount -t tmpfs sheep "+directory+"/in && hostname"); got != "sheep" {
		t.Errorf("the hostname inside is %s, want sheep", got)
	}
	if after := outside(); after != before {
		t.Errorf("outside changed from\n%s\nto\n%s", before, after)
	}
}

func TestErrorsComeBack(t *testing.T) {
	require(t)
	folder := t.TempDir()
	script := filepath.Join(folder, "script")
	testkit.Must(t, os.WriteFile(script, []byte("#!/no/such/interpreter\n"), 0o755))
	text := filepath.Join(folder, "text")
	testkit.Must(t, os.WriteFile(text, nil, 0o644))
	for _, c := range []struct {
		arguments []string
		status    int
		want      string
	}{
		{nil, 125, "usage: PROGRAM [ARGUMENT...]"},
		{[]string{"no-such-program"}, 127, `find the program: exec: "no-such-program": executable file not found in $PATH`},
		{[]string{"/no/such"}, 127, `find the program: exec: "/no/such": stat /no/such: no such file or directory`},
		{[]string{text}, 126, `find the program: exec: "` + text + `": permission denied`},
		{[]string{"/"}, 126, `find the program: exec: "/": is a directory`},
		{[]string{script}, 126, "run " + script + ": no such file or directory"},
		{[]string{"init"}, 125, "read the configuration: read pipe: bad file descriptor"}, // typed by hand
	} {
		cmd := program(c.arguments...)
		cmd.Stdin = strings.NewReader("")
		got := run(t, cmd)
		if want := "02-reexec: " + c.want + "\n"; got.status != c.status || got.stderr != want {
			t.Errorf("%q: exit status %d, %q; want %d, %q", c.arguments, got.status, got.stderr, c.status, want)
		}
	}
}
