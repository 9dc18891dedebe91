//go:build linux

package main

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestOptionsChangeWhatTheProgramSees(t *testing.T) {
	u := newUserWithImage(t)
	t.Setenv("FROM_OUTSIDE", "wool")
	cases := []struct{ flags, program, want string }{
		{"-e A=1 --env B=2 -eC=3 -e FROM_OUTSIDE -e NOT_SET", "echo $A $B $C $FROM_OUTSIDE ${NOT_SET-unset}",
			"1 2 3 wool unset"},
		{"", "echo ${FROM_OUTSIDE-unset} $HOME $PATH",
			"unset /root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
		{"--hostname ewe", "hostname; grep -c ewe /etc/hosts", "ewe\n1"},
		{"-h ewe", "hostname", "ewe"},
		{"-w /var/new", "pwd", "/var/new"},
		{"--network none", "ls /sys/class/net", "lo"},
		{"--cap-drop ALL", "grep CapBnd /proc/self/status | cut -f2", "0000000000000000"},
		{"--cap-drop ALL --cap-add CHOWN", "grep CapBnd /proc/self/status | cut -f2", "0000000000000001"},
		// Docker's without MKNOD, which needs a cgroup.
		{"", "grep CapBnd /proc/self/status | cut -f2", "00000000a00425fb"},
		{"--privileged", "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | cut -f2", "0\n0"},
		{"", "touch /sys/x 2>&1 | grep -o 'Read-only.*'; head -c1 /proc/timer_list 2>/dev/null | wc -c",
			"Read-only file system\n0"},
		{"", "grep -q ^nameserver /etc/resolv.conf && ip route | cut -d' ' -f1-3 | head -n1", "default via 10.20.0.1"},
	}
	if !withCgo() { // with cgo the threads cannot all be confined, so sheep refuses to run an init
		cases = append(cases, struct{ flags, program, want string }{"--init", "[ $$ != 1 ] && echo child", "child"})
	}
	for _, c := range cases {
		line := append(strings.Fields(c.flags), "--rm", "busybox", "sh", "-c", c.program)
		u.run(line...).check(t, "run "+c.flags, c.want+"\n", "", 0)
	}
}

func TestUserOfTheProgramIsFoundInTheImage(t *testing.T) {
	testns.RequireUsers(t)
	u := newUserWithImage(t)
	script := []string{"--rm", "busybox", "sh", "-c", "id -u; id -g; echo $HOME"}
	for user, want := range map[string]string{"ewe": "7\n8\n/tmp\n", "1000:8": "1000\n8\n/\n"} {
		u.run(append([]string{"-u", user}, script...)...).check(t, "run -u "+user, want, "", 0)
	}
}

// withCgo reports whether this binary was built with cgo.
func withCgo() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "CGO_ENABLED", Value: "1"})
}

func TestValuesThatCannotBeAreRefusedBeforeAnythingIsMade(t *testing.T) {
	u := newUserWithImage(t)
	for _, c := range []struct{ flags, want string }{
		{"-h big|ewe", `the hostname "big|ewe" is invalid`},
		{"-h " + strings.Repeat("e", 65), "is longer than 64 bytes"},
		{"-w rel", `the working directory "rel" is invalid, it needs to be an absolute path`},
		{"-m 1m", "the memory limit of 1m is too low to start a container: the minimum is 6m"},
		{"--cpu-shares 1", "sheep: --cpu-shares 1: must be between 2 and 262144; 1024 is the default\n  " +
			"--cpu-shares: see sheep "},
		{"--cpu-shares 262145", "sheep: --cpu-shares 262145: must be between 2 and"},
		{"--cpus 0.001", "sheep: --cpus 0.001: must be at least 0.01"},
		{"--cpus 4096", "sheep: --cpus 4096: must be between 0.01 and "},
		{"--init --pids-limit 8", "a limit of 8 processes is too low for a container with an init"},
	} {
		line := append(strings.Fields(c.flags), "busybox", "true")
		for _, command := range []string{"run", "create"} {
			u.sheep(append([]string{command}, line...)...).check(t, command+" "+c.flags, "", c.want, 2)
		}
	}
	if left := u.ok("ps", "-aq"); left != "" {
		t.Errorf("there is left %q", left)
	}
	u.run("--rm", "--pids-limit", "-1", "--cpus", "0", "--cpu-shares", "0", "-m", "0", "busybox", "true").check(t,
		"no limits", "", "", 0)
	u.detached("--name", "web", "busybox", "sleep", "1000")
	u.sheep("exec", "-w", "rel", "web", "true").check(t, "exec -w rel", "", `the working directory "rel" is invalid`, 2)
}

func TestEntrypointTakesThePlaceOfTheImages(t *testing.T) {
	u := newUserWithImage(t)
	u.run("--rm", "--entrypoint", "echo", "busybox", "a", "b").check(t, "--entrypoint echo", "a b\n", "", 0)
	u.run("--rm", "--entrypoint", "", "busybox", "echo", "a").check(t, "no entrypoint", "a\n", "", 0)
}

func TestVolumesAreSharedAndCanBeReadOnly(t *testing.T) {
	u := newUserWithImage(t)
	dir := t.TempDir()
	testkit.Must(t, os.WriteFile(filepath.Join(dir, "file"), []byte("outside\n"), 0o644))
	u.run("--rm", "-v", dir+":/data", "busybox", "sh", "-c", "cat /data/file; echo inside >/data/file").check(t, "-v",
		"outside\n", "", 0)
	u.run("--rm", "-v", dir+":/data:ro", "busybox", "sh", "-c", "cat /data/file; echo no >/data/file").
		check(t, "-v :ro", "inside\n", "Read-only file system", 1)
	u.run("--rm", "-v", dir+"/made/here:/data", "busybox", "touch", "/data/file").check(t, "-v of nothing", "", "", 0)
	if _, err := os.Stat(filepath.Join(dir, "made/here/file")); err != nil {
		t.Errorf("no directory was made: %v", err)
	}
	u.run("--rm", "-v", dir+"/file/below:/data", "busybox", "true").check(t, "-v below a file", "",
		"not a directory", 125)
	u.run("--rm", "-v", "/proc/none:/data", "busybox", "true").check(t, "-v of what cannot be made", "",
		"/proc/none", 125)
}

func TestInputReachesTheProgramOnlyIfItIsInteractive(t *testing.T) {
	u := newUserWithImage(t)
	u.sheepWith("baa\n", "run", "--no-limits", "--rm", "-i", "busybox", "cat").check(t, "run -i", "baa\n", "", 0)
	u.sheepWith("baa\n", "run", "--no-limits", "--rm", "busybox", "cat").check(t, "run", "", "", 0)
	u.detached("--name", "web", "busybox", "sleep", "1000")
	u.sheepWith("baa\n", "exec", "-i", "web", "cat").check(t, "exec -i", "baa\n", "", 0)
	u.sheepWith("baa\n", "exec", "web", "cat").check(t, "exec", "", "", 0)
	u.sheepWith("", "run", "--no-limits", "-it", "busybox", "sh").check(t, "run -it without a terminal", "",
		"leave out -t", 125)
	if left := strings.Fields(u.ok("ps", "-aq")); len(left) != 1 {
		t.Errorf("a container is left: %q", left)
	}
}

func TestExecHasOptionsOfItsOwn(t *testing.T) {
	testns.RequireUsers(t)
	u := newUserWithImage(t)
	u.detached("--name", "web", "-e", "A=1", "busybox", "sleep", "1000")
	u.sheep("exec", "-e", "B=2", "-w", "/tmp", "-u", "ewe", "web", "sh", "-c", "echo $A $B $(pwd) $(id -u)").
		check(t, "exec", "1 2 /tmp 7\n", "", 0)
}
