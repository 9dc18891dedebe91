//go:build linux

package bridge

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

func TestDisconnectUnplugsAndMayBeRepeated(t *testing.T) {
	b := makeBridge(t)
	before := names(t)
	h := plugIn(t, b, "0123456789abcdef", "10.20.0.2")
	if got := cables(t); !slices.Equal(got, []string{"veth0123456789a"}) {
		t.Errorf("the host's ends are %v", got)
	}
	for range 2 {
		if err := Disconnect("0123456789abcdef"); err != nil {
			t.Fatal(err)
		}
	}
	if after := names(t); !slices.Equal(before, after) {
		t.Errorf("interfaces were %v, are %v", before, after)
	}
	h.Do(func() {
		if got := names(t); !slices.Equal(got, []string{"lo"}) {
			t.Errorf("inside are %v", got)
		}
	})
}

func TestNamesOfInterfacesFit(t *testing.T) {
	b := makeBridge(t)
	plugIn(t, b, strings.Repeat("a", 64), "10.20.0.2")
	for _, name := range names(t) {
		if len(name) > 15 {
			t.Errorf("%s has %d characters", name, len(name))
		}
	}
}

func TestConnectReplacesWhatAnEarlierStartLeft(t *testing.T) {
	b := makeBridge(t)
	plugIn(t, b, "ewe", "10.20.0.2")
	if h := plugIn(t, b, "ewe", "10.20.0.2"); h.Ping("10.20.0.1") != nil {
		t.Error("the gateway does not answer")
	}
	if got := cables(t); !slices.Equal(got, []string{"vethewe"}) {
		t.Errorf("the host's ends are %v", got)
	}
}

func TestFailedConnectLeavesNoInterface(t *testing.T) {
	b := makeBridge(t)
	before := names(t)
	everywhere := &net.IPNet{IP: net.IPv4zero, Mask: net.CIDRMask(0, 32)}
	taken := testhost.New(t)
	taken.Do(func() {
		attributes := netlink.NewLinkAttrs()
		attributes.Name = "eth0"
		if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attributes}); err != nil {
			t.Error(err)
		}
	})
	routed := testhost.New(t)
	routed.Do(func() { // a default route that is in the way of the new one
		attributes := netlink.NewLinkAttrs()
		attributes.Name = "eth1"
		if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attributes}); err != nil {
			t.Error(err)
			return
		}
		link, err := netlink.LinkByName("eth1")
		if err == nil {
			err = netlink.LinkSetUp(link)
		}
		if err == nil {
			err = netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Scope: netlink.SCOPE_LINK,
				Dst: everywhere})
		}
		if err != nil {
			t.Error(err)
		}
	})
	free := testhost.New(t)
	address := netip.MustParseAddr("10.20.0.2")
	for name, c := range map[string]struct {
		bridge  Bridge
		id      string
		pid     int
		address netip.Addr
		want    string
	}{
		"no such process":      {b, "ewe", 1 << 30, address, "process 1073741824"},
		"the host's namespace": {b, "ewe", os.Getpid(), address, "it is the host's"},
		"eth0 is there":        {b, "ewe", taken.PID, address, "make vethewe and eth0: file exists"},
		"a default route": {b, "ewe", routed.PID, address,
			"route everything else through 10.20.0.1: file exists"},
		"no bridge": {Bridge{"sheep7", b.Gateway}, "ewe", free.PID, address,
			"bridge sheep7: Link not found"},
		"an address elsewhere": {b, "ewe", free.PID, netip.MustParseAddr("10.21.0.2"),
			"10.21.0.2 is not in 10.20.0.0/16"},
		"an ID that is not a name": {b, "e/e", free.PID, address, `"e/e"`},
		"an ID that is a format":   {b, "e%d", free.PID, address, `"e%d"`},
		"no ID":                    {b, "", free.PID, address, "empty ID"},
	} {
		err := c.bridge.Connect(c.id, c.pid, c.address)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Connect fails with %v, want %s", name, err, c.want)
		}
		if after := names(t); !slices.Equal(before, after) {
			t.Errorf("%s: interfaces were %v, are %v", name, before, after)
		}
	}
}

func TestInterfacesOfOthersAreLeftAlone(t *testing.T) {
	testns.Require(t)
	attributes := netlink.NewLinkAttrs()
	attributes.Name = "veth1234567"
	veth := netlink.NewVeth(attributes)
	veth.PeerName = "peer"
	if err := netlink.LinkAdd(veth); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deleteLink("peer") })
	if err := Disconnect("1234567"); err == nil || !strings.Contains(err.Error(), "that Sheep did not make") {
		t.Errorf("Disconnect: %v", err)
	}
	if !slices.Contains(names(t), "veth1234567") {
		t.Error("it is gone")
	}
}

func TestConnectReachesAProcess(t *testing.T) {
	b := makeBridge(t)
	attributes, err := namespace.Attributes(namespace.Network)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("cat") // until its input ends
	cmd.SysProcAttr = attributes
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Disconnect("cat") })
	if err := b.Connect("cat", cmd.Process.Pid, netip.MustParseAddr("10.20.0.2")); err != nil {
		t.Fatal(err)
	}
	if err := testhost.Ping("10.20.0.2", testhost.Patience); err != nil {
		t.Error(err)
	}
	stdin.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	// Now the kernel removes the interface, and it may do so while we do.
	if err := Disconnect("cat"); err != nil {
		t.Error(err)
	}
	if got := cables(t); len(got) != 0 {
		t.Errorf("the host's ends are %v", got)
	}
}

func TestThirtyContainersConnectAtOnce(t *testing.T) {
	testns.Require(t)
	t.Cleanup(func() { deleteLink(Default.Name) })
	leases := newLeases(t, Default.Gateway.String())
	hosts := make([]*testhost.Host, 30)
	for i := range hosts {
		hosts[i] = testhost.New(t)
	}
	var wait sync.WaitGroup
	for i, h := range hosts {
		wait.Go(func() {
			id := fmt.Sprint("ewe", i)
			address, err := leases.Acquire(id)
			if err == nil {
				err = Default.Ensure()
			}
			if err == nil {
				err = Default.Connect(id, h.PID, address)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for i, h := range hosts {
		if err := h.Ping("10.20.0.1"); err != nil {
			t.Errorf("container %d: %v", i, err)
		}
		if err := Disconnect(fmt.Sprint("ewe", i)); err != nil {
			t.Error(err)
		}
	}
}

func TestCallersThreadStaysAtHome(t *testing.T) {
	b := makeBridge(t)
	before, err := namespace.Of(os.Getpid(), namespace.Network)
	if err != nil {
		t.Fatal(err)
	}
	plugIn(t, b, "ewe", "10.20.0.2")
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for _, thread := range threads {
		link, err := os.Readlink("/proc/self/task/" + thread.Name() + "/ns/net")
		if err == nil && link != before.String() {
			moved++
		}
	}
	if moved != 1 { // the host that plugIn made is one
		t.Errorf("%d threads are elsewhere, want the container's alone", moved)
	}
}

func TestTwoHundredConnectionsLeaveNothing(t *testing.T) {
	b := makeBridge(t)
	before, descriptors := names(t), openDescriptors(t)
	leases := OpenLeases(t.TempDir()+"/leases.json", b.Gateway)
	h := testhost.New(t)
	for i := range 200 {
		id := fmt.Sprintf("%012x", i)
		address, err := leases.Acquire(id)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Connect(id, h.PID, address); err != nil {
			t.Fatal(err)
		}
		if err := Disconnect(id); err != nil {
			t.Fatal(err)
		}
		if err := leases.Release(id); err != nil {
			t.Fatal(err)
		}
	}
	if after := names(t); !slices.Equal(before, after) {
		t.Errorf("interfaces were %v, are %v", before, after)
	}
	if got, err := leases.All(); err != nil || len(got) != 0 {
		t.Errorf("leases: %v, %v", got, err)
	}
	if got := openDescriptors(t); got != descriptors {
		t.Errorf("%d descriptors were open, %d are", descriptors, got)
	}
}

func BenchmarkConnectDisconnect(b *testing.B) {
	bridge := makeBridge(b)
	h := testhost.New(b)
	for b.Loop() {
		if err := bridge.Connect("ewe", h.PID, netip.MustParseAddr("10.20.0.2")); err != nil {
			b.Fatal(err)
		}
		if err := Disconnect("ewe"); err != nil {
			b.Fatal(err)
		}
	}
}
