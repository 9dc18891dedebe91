//go:build linux

package container

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestContainersReachEachOtherAndTheGateway(t *testing.T) {
	w := newWorld(t)
	o := options("sleep 1000")
	o.Network, o.Name = NetworkBridge, "server"
	server := w.start(o)
	o = options("ping -c1 -W5 10.20.0.1 && ping -c1 -W5 " + server.Address + " && ip route && cat /etc/hosts")
	o.Network, o.Hostname = NetworkBridge, "client"
	state, got := w.run(o, "")
	if got.code != 0 || !strings.Contains(got.out, "default via 10.20.0.1") {
		t.Errorf("run gives %+v", got)
	}
	if _, err := netip.ParseAddr(server.Address); err != nil || !strings.Contains(got.out, "\tclient\n") {
		t.Errorf("the address is %q, /etc/hosts in %q", server.Address, got.out)
	}
	if after := w.state(state.ID); after.Address != "" {
		t.Errorf("a stopped container has the address %s", after.Address)
	}
	if leases, err := w.leases.All(); err != nil || len(leases) != 1 {
		t.Errorf("leases are %v, %v", leases, err)
	}
}

func TestWithoutANetworkThereIsTheLoopbackAlone(t *testing.T) {
	w := newWorld(t)
	_, got := w.run(options("ping -c1 -W5 127.0.0.1 >&2 && ls /sys/class/net"), "")
	if got.code != 0 || !strings.Contains(got.out, "lo") || strings.Contains(got.out, "eth0") {
		t.Errorf("run gives %+v", got)
	}
}

func TestPublishedPortIsReachedAndWithdrawn(t *testing.T) {
	w := newWorld(t)
	testkit.Must(t, loopbackUp())
	o := options("while echo wool | nc -l -p 80; do :; done")
	o.Network = NetworkBridge
	o.Ports = append(o.Ports, port8080)
	state := w.start(o)
	until(t, "the port answers", func() bool { return dial("127.0.0.1:8080") == "wool\n" })
	testkit.Must(t, w.Stop(context.Background(), state.ID, 0))
	if answer := dial("127.0.0.1:8080"); answer != "" {
		t.Errorf("when it has stopped, the port answers %q", answer)
	}
	if traces := w.traces(); strings.Contains(traces, "rules") {
		t.Errorf("there is left:\n%s", traces)
	}
}

func TestOptionsThatContradictEachOtherAreRefused(t *testing.T) {
	w := newWorld(t)
	for want, change := range map[string]func(*Options){
		`no network is called "host"`:       func(o *Options) { o.Network = "host" },
		"cannot publish ports":              func(o *Options) { o.Ports = append(o.Ports, port8080) },
		"limit of 1m is too low":            func(o *Options) { o.Limits.Memory = 1 << 20 },
		"limit of 1025k is too low":         func(o *Options) { o.Limits.Memory = 1<<20 + 1<<10 },
		"limit of 5b is too low":            func(o *Options) { o.Limits.Memory = 5 },
		"the minimum is 16":                 func(o *Options) { o.Init, o.Limits.Pids = true, 15 },
		"limit cpu_shares=1: must be":       func(o *Options) { o.Limits.CPUShares = 1 },
		"limit cpus=1e+06: must be between": func(o *Options) { o.Limits.CPUs = 1e6 },
		`directory "rel" is invalid`:        func(o *Options) { o.WorkingDir = "rel" },
		"longer than 64 bytes":              func(o *Options) { o.Hostname = strings.Repeat("x", 65) },
		"must be absolute":                  func(o *Options) { o.Binds = append(o.Binds, bind("x", "/y", false)) },
		"cannot be the root":                func(o *Options) { o.Binds = append(o.Binds, bind("/x", "/y/..", false)) },
		`"FLY"`:                             func(o *Options) { o.CapAdd = []string{"FLY"} },
		"no_limits excludes pids:":          func(o *Options) { o.NoLimits, o.Limits.Pids = true, 5 },
		"no-such-image":                     func(o *Options) { o.Image = "no-such-image" },
		"names no program":                  func(o *Options) { o.Args = nil },
	} {
		o := options("true")
		change(&o)
		if _, err := w.Create(context.Background(), o); !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("Create gives %v, want %s", err, want)
		}
	}
	if traces := w.traces(); traces != "" {
		t.Errorf("there is left:\n%s", traces)
	}
	state := w.start(options("sleep 1000"))
	got := w.exec(state.ID, ExecOptions{Args: []string{"true"}, WorkingDir: "rel"}, "")
	if got.code != ExitFailed || !strings.Contains(fmt.Sprint(got.failure), `directory "rel" is invalid`) {
		t.Errorf("exec in a relative directory gives %+v", got)
	}
}

func TestHostnamesAreMadeOfLettersAndDigits(t *testing.T) {
	for _, name := range []string{"", "e", "ewe", "ewe-2", "E.w.3", "big_ewe", "4", strings.Repeat("x", 64)} {
		testkit.Must(t, checkHostname(name))
	}
	for _, name := range []string{"big ewe", "ewe\n10.0.0.1 bank", "-ewe", "ewe-", "_", ".", "ewe.", ".ewe", "a..b",
		"œuvre", "a/b", "a\x00"} {
		if err := checkHostname(name); err == nil || !strings.Contains(err.Error(), "is invalid") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
