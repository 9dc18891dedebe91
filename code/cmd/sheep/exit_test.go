//go:build linux

package main

import (
	"bufio"
	"os"
	"syscall"
	"testing"
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
	u.run("busybox", "sh", "-c", "sh -c 'kill -SEGV $$'; exit $?").check(t, "run, killed", "", "Segmentation fault", 128+11)
	u.run("--no-such-flag", "busybox").check(t, "a flag that is none", "", "unknown flag", 2)
	u.run("--network", "moon", "busybox", "true").check(t, "no such network", "", "moon", 125)
	u.run("--user", "nobody-here", "busybox", "true").check(t, "no such user", "", "nobody-here", 125)
	u.sheep("exec", "nothing", "true").check(t, "exec in no container", "", `no container "nothing"`, 125)
}

func TestSignalIsPassedOnToTheProgram(t *testing.T) {
	u := newUserWithImage(t)
	cmd := u.command("run", "--no-limits", "--rm", "busybox", "sh", "-c",
		`trap "echo hup" HUP; trap "exit 9" TERM; echo ready; while :; do sleep 0.01; done`)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for _, step := range []struct {
		want string
		send os.Signal
	}{{"ready", syscall.SIGHUP}, {"hup", syscall.SIGTERM}} {
		if !lines.Scan() || lines.Text() != step.want {
			t.Fatalf("it prints %q, want %s", lines.Text(), step.want)
		}
		must(t, cmd.Process.Signal(step.send))
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
