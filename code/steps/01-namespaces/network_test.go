//go:build linux

package main

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func init() {
	probes["interfaces"] = interfaces
	probes["dial"] = func() (string, error) {
		_, err := net.Dial("tcp", "127.0.0.1:1")
		return fmt.Sprint(err), nil
	}
}

func TestOnlyLoopbackInsideAndItIsDown(t *testing.T) {
	setLoopbackUpOutside(t)
	if got := probe(t, "interfaces"); got != "lo: loopback, MTU 65536" {
		t.Errorf("interfaces inside are %q, want lo alone, and not up", got)
	}
	if got := probe(t, "dial"); !strings.Contains(got, "network is unreachable") {
		t.Errorf("inside, reaching 127.0.0.1 fails with %q, want network is unreachable", got)
	}
}

func TestInterfacesOutsideAreUntouched(t *testing.T) {
	setLoopbackUpOutside(t)
	before, err := interfaces()
	testkit.Must(t, err)
	if got := inside(t, "ip link set lo up && ip link set lo mtu 1500 && ip link show lo"); !strings.Contains(got, "LOOPBACK,UP") {
		t.Errorf("lo inside is %q after it was set up", got)
	}
	after, err := interfaces()
	testkit.Must(t, err)
	if after != before {
		t.Errorf("interfaces outside changed from %q to %q", before, after)
	}
}

// setLoopbackUpOutside makes outside differ from a new network namespace.
func setLoopbackUpOutside(t *testing.T) {
	t.Helper()
	testns.Require(t)
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("needs the command ip (package iproute2) to change an interface")
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Fatalf("set lo up outside: %v: %s", err, out)
	}
}

// interfaces lists the network interfaces with their flags and MTU.
func interfaces() (string, error) {
	list, err := net.Interfaces()
	var lines []string
	for _, each := range list {
		lines = append(lines, fmt.Sprintf("%s: %v, MTU %d", each.Name, each.Flags, each.MTU))
	}
	return strings.Join(lines, "\n"), err
}
