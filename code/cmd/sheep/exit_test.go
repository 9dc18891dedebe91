//go:build linux && !vm

package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestExitCodesAreThoseOfDocker(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "busybox", "sleep", "1000")
	for _, c := range []struct {
		program []string
		code    int
	}{
		{[]string{"true"}, 0},
		{[]string{"sh", "-c", "exit 42"}, 42},
		{[]string{"sh", "-c", "exit 255"}, 255},
		{[]string{"/etc/not-a-program"}, 126},
		{[]string{"/etc"}, 126},
		{[]string{"no-such-program"}, 127},
		{[]string{"/no/such/program"}, 127},
	} {
		if r := u.run(append([]string{"--rm", "busybox"}, c.program...)...); r.code != c.code {
			t.Errorf("run %q ends with %d (%s), want %d", c.program, r.code, r.err, c.code)
		}
		if r := u.sheep(append([]string{"exec", "web"}, c.program...)...); r.code != c.code {
			t.Errorf("exec %q ends with %d (%s), want %d", c.program, r.code, r.err, c.code)
		}
	}
	// A PID 1 cannot kill itself; its child can be killed.
	u.sheep("exec", "web", "sh", "-c", "kill -KILL $$").check(t, "exec, killed", "", "", 128+9)
	u.run("busybox", "sh", "-c", "sh -c 'kill -SEGV $$'; exit $?").check(t, "run, killed", "",
		"Segmentation fault", 128+11)
	u.run("--user", "nobody-here", "busybox", "true").check(t, "no such user", "", "nobody-here", 125)
	u.sheep("exec", "nothing", "true").check(t, "exec in no container", "", `no container "nothing"`, 125)
}

func TestMistakeInAFlagOfRunEndsWith2(t *testing.T) {
	u := newUserWithImage(t)
	for flag, complaint := range map[string]string{
		"--no-such-flag":  "unknown flag",
		"-v /a":           `flag -v: "/a": must be SOURCE:TARGET or SOURCE:TARGET:ro`,
		"-v data:/data":   `flag -v: "data:/data": there are no named volumes: give a path like ./data or /srv/data`,
		"-v /tmp:/":       "volume /tmp:/: cannot be the root itself",
		"-p 80":           `flag -p: "80": the port of the host is missing`,
		"-p 80:80/sctp":   `flag -p: "80:80/sctp": the protocol is tcp or udp`,
		"-m much":         `flag -m: "much"`,
		"-m 1k":           "the minimum is 6m\n  --memory: see sheep ",
		"-m 64m --cpus 1": "--no-limits excludes --memory, --cpus: leave out one or the other",
		"--network moon":  `no network is called "moon"`,
		"--name -":        `"-" cannot be a name`,
		"--cap-add FLY":   `unknown capability "FLY"`,
	} {
		for _, command := range []string{"run", "create"} {
			line := append([]string{command, "--no-limits"}, strings.Fields(flag)...)
			u.sheep(append(line, "busybox", "true")...).check(t, command+" "+flag, "", complaint, 2)
		}
	}
	u.run("zebra", "true").check(t, "no such image", "", `"zebra"`, 125)
	u.sheep("create", "--no-limits", "zebra").check(t, "create of no such image", "", `"zebra"`, 1)
	if left := u.ok("ps", "-aq"); left != "" {
		t.Errorf("there is left %q", left)
	}
}

func TestProgramThatCannotRunIsExplained(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "-v", scripts(t)+":/opt", "busybox", "sleep", "1000")
	for _, c := range []struct {
		program, complaint string
		code               int
	}{
		{"wolf", `there is no program "wolf" in the image's PATH (/opt:/bin)`, 127},
		{"/bin/wolf", `there is no program "/bin/wolf" in the image`, 127},
		{"/etc/passwd/wolf", `there is no program "/etc/passwd/wolf" in the image`, 127},
		{"/etc", `"/etc" is a directory, not a program`, 126},
		{"/opt/not-marked", `the program "/opt/not-marked" may not be executed: permission denied`, 126},
		{"no-first-line",
			`the program "no-first-line" cannot be executed: exec format error: it is made for another processor`, 126},
		{"no-interpreter", `the program "no-interpreter" is in the image, but what runs it is not: `, 127},
		{"of-windows", `the program "of-windows" is in the image, but what runs it is not: `, 127},
	} {
		run := []string{"run", "--no-limits", "--rm", "-e", "PATH=/opt:/bin", "-v", scripts(t) + ":/opt", "busybox",
			c.program}
		u.sheep(run...).check(t, "run "+c.program, "", "sheep: "+c.complaint, c.code)
		u.sheep("exec", "-e", "PATH=/opt:/bin", "web", c.program).check(t, "exec "+c.program, "",
			"sheep: "+c.complaint, c.code)
	}
	u.sheep("run", "--no-limits", "-d", "busybox", "wolf").check(t, "run -d", "",
		`sheep: there is no program "wolf"`, 127)
}

// scripts is a directory of programs that cannot be executed.
func scripts(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	testkit.Must(t, os.Chmod(dir, 0o755))
	for name, content := range map[string]string{
		"not-marked": "#!/bin/sh\n", "no-first-line": "echo\n", "no-interpreter": "#!/no/such/sh\n",
		"of-windows": "#!/bin/sh\r\n",
	} {
		mode := os.FileMode(0o755)
		if name == "not-marked" {
			mode = 0o644
		}
		testkit.Must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), mode))
	}
	return dir
}

func TestSignalIsPassedOnToTheProgram(t *testing.T) {
	u := newUserWithImage(t)
	cmd := u.command("run", "--no-limits", "--rm", "busybox", "sh", "-c",
		`trap "echo hup" HUP; trap "echo rt" 35; trap "echo abort" ABRT; trap "exit 9" TERM; echo ready; `+
			`while :; do sleep 0.01; done`)
	out, err := cmd.StdoutPipe()
	testkit.Must(t, err)
	testkit.Must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for _, step := range []struct {
		want string
		send os.Signal
	}{
		{"ready", syscall.SIGHUP}, {"hup", syscall.Signal(35)}, {"rt", syscall.SIGABRT}, {"abort", syscall.SIGTERM},
	} {
		if !lines.Scan() || lines.Text() != step.want {
			t.Fatalf("it prints %q, want %s", lines.Text(), step.want)
		}
		// SIGRTMIN cannot be passed on. It must not end the monitor and leave the container without one.
		testkit.Must(t, cmd.Process.Signal(syscall.Signal(34)))
		testkit.Must(t, cmd.Process.Signal(step.send))
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 9 {
		t.Errorf("it ends with %d", code)
	}
}

func TestProgramWithoutLimitsNeedsTheFlag(t *testing.T) {
	u := newUserWithImage(t)
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		t.Skip("this machine has cgroup v2")
	}
	r := u.sheep("run", "--rm", "busybox", "true")
	r.check(t, "run", "", "--no-limits", 125)
}
