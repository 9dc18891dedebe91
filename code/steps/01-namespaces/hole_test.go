//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// The new procfs only covers the one of the outside: chapter 1 shows this hole, and chapter 3 closes it. Permission
// for the files of /proc/PID is a check of credentials (ptrace(2), "Ptrace access mode checking"), in which PID
// namespaces play no part: they take away the number. Field 50 of stat is env_start, the address of the environment
// (proc(5)).
func TestProcBeneathTheNewOneGivesTheMemoryOfAProcessWithoutANumber(t *testing.T) {
	testns.Require(t)
	// The next PID outside is one more than this (proc(5)): far above the few that are given out inside.
	testkit.Must(t, os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte("20000"), 0))
	sleep := exec.Command("sleep", "100")
	sleep.Env = []string{"SECRET=original"}
	testkit.Must(t, sleep.Start())
	t.Cleanup(func() { sleep.Process.Kill(); sleep.Wait() })
	got := inside(t, fmt.Sprintf(`
		test -e /proc/%[1]d || echo covered
		umount /proc
		kill -0 %[1]d 2>/dev/null || echo unknown
		tr '\0' '\n' </proc/%[1]d/environ
		address=$(cut -d' ' -f50 /proc/%[1]d/stat)
		printf 'SECRET=changed!' | dd of=/proc/%[1]d/mem bs=1 seek=$address conv=notrunc status=none`, sleep.Process.Pid))
	if want := "covered\nunknown\nSECRET=original"; got != want {
		t.Errorf("inside printed %q, want %q", got, want)
	}
	environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", sleep.Process.Pid))
	testkit.Must(t, err)
	if got := string(environment); got != "SECRET=changed!\x00" {
		t.Errorf("outside, the environment reads %q, want what was written inside", got)
	}
}

// The parent of the program inside is in no namespace that it can see, so its number reads 0 (getppid(2), NOTES).
func TestParentHasNoNumberInside(t *testing.T) {
	if got := inside(t, "echo $PPID"); got != "0" {
		t.Errorf("the parent is PID %s inside, want 0", got)
	}
}
