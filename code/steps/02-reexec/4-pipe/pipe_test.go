//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// otherIP puts a script in the place of the command ip. In it, $ip is the real one, and $ran a file that the program
// makes: its path is returned.
func otherIP(t *testing.T, script string) (ran string) {
	t.Helper()
	testns.Require(t)
	real, err := exec.LookPath("ip")
	if err != nil {
		t.Skip("needs the command ip (package iproute2) to make an interface")
	}
	folder := t.TempDir()
	ran = filepath.Join(folder, "ran")
	script = "#!/bin/sh\nip=" + real + "\nran=" + ran + "\n" + script
	testkit.Must(t, os.WriteFile(filepath.Join(folder, "ip"), []byte(script), 0o755))
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	return ran
}

func TestProgramWaitsForTheHostsHalf(t *testing.T) {
	// For a second, the program must not have run; afterwards it must have all that the host gives.
	ran := otherIP(t, `for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; [ ! -e $ran ] || exit 1; done; exec $ip "$@"`)
	got := run(t, program("sh", "-c", "touch "+ran+"; ulimit -t; test -e /proc/sys/net/ipv4/conf/eth0 && exit 42"))
	if got.status != 42 || got.stdout != "60\n" {
		t.Errorf("exit status %d, want 42, and %q %s", got.status, got.stdout, got.stderr)
	}
}

func TestWithoutTheHostsHalfTheProgramNeverRuns(t *testing.T) {
	ran := otherIP(t, "exit 3")
	got := run(t, program("touch", ran))
	if want := "4-pipe: finish outside: ip link add: exit status 3\n"; got.status != 125 || got.stderr != want {
		t.Errorf("exit status %d, %q; want 125, %q", got.status, got.stderr, want)
	}
	if _, err := os.Stat(ran); !os.IsNotExist(err) {
		t.Errorf("the program has run (stat: %v)", err)
	}
}

func TestProgramSeesNeitherVariableNorPipe(t *testing.T) {
	otherIP(t, `exec $ip "$@"`)
	got := run(t, program("sh", "-c", "env; ls -l /proc/self/fd"))
	if got.status != 0 || strings.Contains(got.stdout, "SHEEP_CONFIG") || strings.Contains(got.stdout, "3 -> pipe:") {
		t.Errorf("exit status %d: %s%s", got.status, got.stdout, got.stderr)
	}
}
