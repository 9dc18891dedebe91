//go:build linux

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func requireIP(t *testing.T) string {
	t.Helper()
	testns.Require(t)
	path, err := exec.LookPath("ip")
	if err != nil {
		t.Skip("needs the command ip (package iproute2) to make an interface")
	}
	return path
}

// slowIP makes a command ip that waits for the program to have run, and returns the file that the program has to make.
func slowIP(t *testing.T) (ran string) {
	t.Helper()
	real, folder := requireIP(t), t.TempDir()
	ran = filepath.Join(folder, "ran")
	script := "#!/bin/sh\nuntil [ -e " + ran + " ]; do sleep 0.1; done\nexec " + real + " \"$@\"\n"
	testkit.Must(t, os.WriteFile(filepath.Join(folder, "ip"), []byte(script), 0o755))
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	return ran
}

func TestFastProgramRunsBeforeTheHostHasDoneItsHalf(t *testing.T) {
	ran := slowIP(t)
	got := run(t, program("sh", "-c", "ulimit -t; echo /proc/sys/net/ipv4/conf/*; touch "+ran))
	if !strings.HasPrefix(got.stdout, "unlimited\n") || strings.Contains(got.stdout, "eth0") {
		t.Errorf("a fast program has the limit or the interface, exit status %d:\n%s%s", got.status, got.stdout, got.stderr)
	}
}

func TestSlowProgramGetsLimitAndInterface(t *testing.T) {
	requireIP(t)
	got := run(t, program("sh", "-c", `until [ "$(ulimit -t)" = 60 ]; do sleep 0.05; done
		test -e /proc/sys/net/ipv4/conf/eth0 && hostname && echo $$ && exit 42`))
	if got.status != 42 || got.stdout != "sheep\n1\n" {
		t.Errorf("exit status %d, want 42, and %q %s", got.status, got.stdout, got.stderr)
	}
	testkit.Eventually(t, "the interface is gone with the program", func() bool {
		list, err := net.Interfaces()
		return err == nil && len(list) == 1
	})
}

func TestConfigurationIsInTheProgramsEnvironment(t *testing.T) {
	ran := slowIP(t)
	got := run(t, program("sh", "-c", `touch `+ran+`; echo "$SHEEP_CONFIG"`))
	if !strings.HasPrefix(got.stdout, `{"Hostname":"sheep","Args":["sh","-c",`) {
		t.Errorf("the environment inside has SHEEP_CONFIG=%s%s", got.stdout, got.stderr)
	}
}
