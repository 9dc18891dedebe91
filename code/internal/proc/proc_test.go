//go:build linux

package proc

import (
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestStatIsParsedWhateverTheProgramIsCalled(t *testing.T) {
	const fields = " T 7 8 9 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 123456 8192 1\n"
	want := Stat{State: 'T', Parent: 7, Group: 8, Foreground: -1, StartTime: 123456}
	for _, name := range []string{"sh", "a b", "x) Z 1 (y", ")", ""} {
		if got, err := parseStat("42 (" + name + ")" + fields); err != nil || got != want {
			t.Errorf("%q: %+v, %v", name, got, err)
		}
	}
	for _, bad := range []string{"", "42 (sh)", "42 (sh) R 1 2", "42 (sh) R x" + fields[4:]} {
		if got, err := parseStat(bad); err == nil {
			t.Errorf("%q is %+v", bad, got)
		}
	}
}

func TestStatOfThisProcess(t *testing.T) {
	stat, err := ReadStat(os.Getpid())
	testkit.Must(t, err)
	if stat.Parent != os.Getppid() || stat.Group != syscall.Getpgrp() || stat.StartTime == 0 || stat.Ended() {
		t.Errorf("%+v", stat)
	}
	if _, err := ReadStat(1 << 30); err == nil {
		t.Error("a process that does not exist has a stat file")
	}
}

func TestChildStopsAndEnds(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	testkit.Must(t, cmd.Start())
	pid := cmd.Process.Pid
	defer cmd.Process.Kill()
	children, err := Children(os.Getpid())
	testkit.Must(t, err)
	if !slices.Contains(children, pid) {
		t.Errorf("the children are %v, without %d", children, pid)
	}
	is := func(what string, holds func(Stat) bool) {
		testkit.Eventually(t, what, func() bool {
			stat, err := ReadStat(pid)
			testkit.Must(t, err)
			return holds(stat)
		})
	}
	testkit.Must(t, cmd.Process.Signal(syscall.SIGSTOP))
	is("it is suspended", Stat.Suspended)
	testkit.Must(t, cmd.Process.Kill())
	is("it has ended", Stat.Ended)
	cmd.Wait()
}

func TestIdentityIsOfOneProcessOnly(t *testing.T) {
	self, err := Identify(os.Getpid())
	testkit.Must(t, err)
	if !self.Alive() {
		t.Errorf("%+v is not alive", self)
	}
	for _, other := range []Identity{
		{PID: self.PID, StartTime: self.StartTime + 1, Boot: self.Boot},
		{PID: self.PID, StartTime: self.StartTime, Boot: "another"},
		{PID: 1 << 30, StartTime: self.StartTime, Boot: self.Boot},
	} {
		if other.Alive() {
			t.Errorf("%+v is alive", other)
		}
	}
}

func TestHandlerOfASignalIsSeen(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	testkit.Must(t, cmd.Start())
	defer cmd.Wait()
	defer cmd.Process.Kill()
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, syscall.SIGUSR1)
	defer signal.Stop(handled)
	if !Catches(os.Getpid(), syscall.SIGUSR1) {
		t.Error("the handler of this process is not seen")
	}
	testkit.Eventually(t, "sleep runs, which has no handler", func() bool {
		return !Catches(cmd.Process.Pid, syscall.SIGUSR1)
	})
	if !Catches(1<<30, syscall.SIGUSR1) {
		t.Error("a process that has ended is said to get nothing")
	}
}
