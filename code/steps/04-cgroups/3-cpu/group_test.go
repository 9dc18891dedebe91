//go:build linux && vm

package main

import (
	"os"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestLimitsAreInTheGroupsFiles(t *testing.T) {
	root := newRoot(t)
	for _, c := range []struct {
		arguments                     []string
		memory, pids, quota, weighing string
	}{
		{nil, "max", "max", "max 100000", "100"},
		{[]string{"--cpus", "0.5", "--cpu-shares", "512"}, "max", "max", "50000 100000", "59"},
		{[]string{"--cpus", "0.29", "--cpu-shares", "2"}, "max", "max", "29000 100000", "1"},
		{[]string{"--memory", "64M", "--pids-limit", "40", "--cpus", "1.5", "--cpu-shares", "262144"},
			"67108864", "40", "150000 100000", "10000"},
	} {
		r := start(t, "true", append(c.arguments, root)...)
		for file, want := range map[string]string{
			"memory.max": c.memory, "pids.max": c.pids, "cpu.max": c.quota, "cpu.weight": c.weighing,
		} {
			if got := read(t, r.group, file); got != want {
				t.Errorf("%q: %s is %s, want %s", c.arguments, file, got, want)
			}
		}
		r.end()
		if _, err := os.Stat(r.group); !os.IsNotExist(err) {
			t.Errorf("the group is left (%v)", err)
		}
	}
}

func TestWhoeverUsesTheQuotaUpWaits(t *testing.T) {
	r := start(t, "(while :; do :; done) &", "--cpus", "0.1", newRoot(t))
	testkit.Eventually(t, "the loop is throttled", func() bool {
		return !strings.Contains(read(t, r.group, "cpu.stat"), "nr_throttled 0\n")
	})
}

func TestErrorsComeBackAndLeaveNoGroup(t *testing.T) {
	root := newRoot(t)
	run(t, root, "true") // makes the inner group
	before := groups(t)
	for _, c := range []struct{ option, value, want string }{
		{"--cpus", "0.001", "limit to 100 100000: write GROUP/cpu.max: invalid argument"},
		{"--cpus", "-1", "limit to -100000 100000: write GROUP/cpu.max: invalid argument"},
		{"--cpus", "NaN", "limit to NaN 100000: write GROUP/cpu.max: invalid argument"},
		{"--cpus", "Inf", "limit to +Inf 100000: write GROUP/cpu.max: invalid argument"},
		{"--cpu-shares", "0", "limit to NaN: write GROUP/cpu.weight: invalid argument"},
		{"--cpu-shares", "-5", "limit to NaN: write GROUP/cpu.weight: invalid argument"},
		{"--cpu-shares", "262145", "limit to 10001: write GROUP/cpu.weight: numerical result out of range"},
	} {
		cmd := program(c.option, c.value, root, "true")
		said, _ := cmd.CombinedOutput()
		want := "3-cpu: " + strings.ReplaceAll(c.want, "GROUP", groupOf(cmd.Process.Pid)) + "\n"
		if got := cmd.ProcessState.ExitCode(); got != 125 || string(said) != want {
			t.Errorf("%s %s: exit status %d, %q; want 125, %q", c.option, c.value, got, said, want)
		}
	}
	if after := groups(t); after != before {
		t.Errorf("groups before\n%s\nand after\n%s", before, after)
	}
}

// What stage 4 mends: the second process is there, with its threads, before it comes into the group.
func TestSecondProcessBeginsOutside(t *testing.T) {
	got := run(t, "--pids-limit", "0", newRoot(t), "true")
	if got.status == 0 || strings.Contains(got.stderr, "start the second process") {
		t.Errorf("exit status %d, %s", got.status, got.stderr)
	}
}
