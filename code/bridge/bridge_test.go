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
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testtraces"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		roles[os.Args[1]](os.Args[2:])
		return
	}
	testns.Main(m)
}

// makeBridge makes the default bridge for one test, in a namespace that is the tests' own.
func makeBridge(t testing.TB) Bridge {
	t.Helper()
	testns.Require(t)
	t.Cleanup(func() { deleteLink(Default.Name) })
	if err := Default.Ensure(); err != nil {
		t.Fatal(err)
	}
	return Default
}

func deleteLink(name string) {
	if link, err := netlink.LinkByName(name); err == nil {
		netlink.LinkDel(link)
	}
}

// plugIn connects a new host to the bridge.
func plugIn(t testing.TB, b Bridge, id, address string) *testhost.Host {
	t.Helper()
	h := testhost.New(t)
	t.Cleanup(func() { Disconnect(id) })
	if err := b.Connect(id, h.PID, netip.MustParseAddr(address)); err != nil {
		t.Fatal(err)
	}
	return h
}

// names returns the interfaces of the caller's namespace.
func names(t testing.TB) []string { return slices.Sorted(slices.Values(testtraces.Interfaces(t))) }

// cables returns the host's ends of the cables.
func cables(t testing.TB) []string {
	return slices.DeleteFunc(names(t), func(name string) bool { return !strings.HasPrefix(name, "veth") })
}

func TestContainersReachEachOtherAndTheGateway(t *testing.T) {
	b := makeBridge(t)
	one, two := plugIn(t, b, "one", "10.20.0.2"), plugIn(t, b, "two", "10.20.0.3")
	for name, err := range map[string]error{
		"one to two":        one.Ping("10.20.0.3"),
		"two to one":        two.Ping("10.20.0.2"),
		"one to itself":     one.Ping("10.20.0.2"),
		"one to loopback":   one.Ping("127.0.0.1"),
		"one to gateway":    one.Ping("10.20.0.1"),
		"the host to one":   testhost.Ping("10.20.0.2", testhost.Patience),
		"two to gateway":    two.Ping("10.20.0.1"),
		"two to loopback":   two.Ping("127.0.0.1"),
		"two to all of 127": two.Ping("127.1.2.3"),
	} {
		if err != nil {
			t.Errorf("ping from %s: %v", name, err)
		}
	}
	two.Serve(t, "tcp4", ":80", "two")
	if got := one.Ask("tcp4", "10.20.0.3:80"); got != "two saw 10.20.0.2" {
		t.Errorf("over TCP: %s", got)
	}
}

func TestContainerHasOneInterfaceAndOneWayOut(t *testing.T) {
	b := makeBridge(t)
	h := plugIn(t, b, "ewe", "10.20.0.7")
	h.Do(func() {
		if got := names(t); !slices.Equal(got, []string{"eth0", "lo"}) {
			t.Errorf("interfaces: %v", got)
		}
		eth0, err := net.InterfaceByName("eth0")
		if err != nil {
			t.Error(err)
			return
		}
		if got := eth0.HardwareAddr.String(); got != "02:73:0a:14:00:07" {
			t.Errorf("hardware address: %s", got)
		}
		addresses, err := eth0.Addrs()
		if err != nil || len(addresses) == 0 || addresses[0].String() != "10.20.0.7/16" {
			t.Errorf("addresses: %v, %v", addresses, err)
		}
		routes, err := netlink.RouteGet(net.ParseIP("203.0.113.9"))
		if err != nil || len(routes) != 1 || routes[0].Gw.String() != "10.20.0.1" {
			t.Errorf("the way out: %v, %v", routes, err)
		}
	})
}

func TestEnsureIsIdempotentAndSafeInParallel(t *testing.T) {
	testns.Require(t)
	t.Cleanup(func() { deleteLink(Default.Name) })
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if err := Default.Ensure(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	// One that has not seen the bridge yet may see its route.
	if err := Default.checkRoutes(); err != nil {
		t.Error(err)
	}
	found, err := net.InterfaceByName(Default.Name)
	if err != nil {
		t.Fatal(err)
	}
	addresses, err := found.Addrs()
	if err != nil || len(addresses) != 1 || addresses[0].String() != "10.20.0.1/16" {
		t.Errorf("addresses are %v, %v; want 10.20.0.1/16, and none of IPv6", addresses, err)
	}
	if found.Flags&net.FlagUp == 0 {
		t.Error("the bridge is off")
	}
}

func TestEnsureFinishesWhatAKilledCallLeft(t *testing.T) {
	testns.Require(t)
	t.Cleanup(func() { deleteLink(Default.Name) })
	attributes := netlink.NewLinkAttrs()
	attributes.Name = Default.Name
	if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attributes}); err != nil {
		t.Fatal(err)
	}
	if err := Default.Ensure(); err != nil {
		t.Fatal(err)
	}
	if h := plugIn(t, Default, "ewe", "10.20.0.2"); h.Ping("10.20.0.1") != nil {
		t.Error("the gateway does not answer")
	}
}

func TestBridgeKeepsItsHardwareAddress(t *testing.T) {
	b := makeBridge(t)
	address := func() string {
		found, err := net.InterfaceByName(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		return found.HardwareAddr.String()
	}
	before := address()
	for i := range 8 { // one of eight would very likely have a lower one
		plugIn(t, b, fmt.Sprint("ewe", i), fmt.Sprint("10.20.0.", 2+i))
	}
	if after := address(); after != before || before != "02:73:0a:14:00:01" {
		t.Errorf("hardware address is %s, then %s", before, after)
	}
}

func TestEnsureRefusesAnInterfaceThatIsNotABridge(t *testing.T) {
	testns.Require(t)
	attributes := netlink.NewLinkAttrs()
	attributes.Name = "sheep9"
	veth := netlink.NewVeth(attributes)
	veth.PeerName = "sheep8"
	if err := netlink.LinkAdd(veth); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { deleteLink("sheep9") })
	err := Bridge{Name: "sheep9", Gateway: Default.Gateway}.Ensure()
	if err == nil || !strings.Contains(err.Error(), "sheep9, but it is a veth, not a bridge") {
		t.Errorf("Ensure: %v", err)
	}
}

func TestEnsureRefusesASubnetThatIsInUse(t *testing.T) {
	testns.Require(t)
	neighbour := testhost.New(t)
	cable := func(here, there string) {
		t.Helper()
		if err := neighbour.Cable("uplink", here, there); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { deleteLink("uplink") })
	cable("10.20.30.1/24", "10.20.30.2/24")
	err := Default.Ensure()
	if err == nil || !strings.Contains(err.Error(), "10.20.30.0/24 is already reached through uplink") {
		t.Errorf("Ensure: %v", err)
	}
	if slices.Contains(names(t), Default.Name) {
		t.Error("the bridge was made")
	}
	deleteLink("uplink")

	cable("10.0.0.1/8", "10.0.0.2/8")
	makeBridge(t) // the longest prefix wins
}

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
			err = netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Scope: netlink.SCOPE_LINK, Dst: everywhere})
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
		"no such process":          {b, "ewe", 1 << 30, address, "process 1073741824"},
		"the host's namespace":     {b, "ewe", os.Getpid(), address, "it is the host's"},
		"eth0 is there":            {b, "ewe", taken.PID, address, "make vethewe and eth0: file exists"},
		"a default route":          {b, "ewe", routed.PID, address, "route everything else through 10.20.0.1: file exists"},
		"no bridge":                {Bridge{"sheep7", b.Gateway}, "ewe", free.PID, address, "bridge sheep7: Link not found"},
		"an address elsewhere":     {b, "ewe", free.PID, netip.MustParseAddr("10.21.0.2"), "10.21.0.2 is not in 10.20.0.0/16"},
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

func TestLoopbackIsAllThereIsWithoutANetwork(t *testing.T) {
	testns.Require(t)
	h := testhost.New(t)
	if err := h.Ping("127.0.0.1"); err == nil {
		t.Error("a new namespace has a loopback that works")
	}
	if err := Loopback(h.PID); err != nil {
		t.Fatal(err)
	}
	if err := h.Ping("127.0.0.1"); err != nil {
		t.Error(err)
	}
	h.Do(func() {
		if got := names(t); !slices.Equal(got, []string{"lo"}) {
			t.Errorf("interfaces: %v", got)
		}
	})
	if err := Loopback(os.Getpid()); err == nil {
		t.Error("Loopback works on the host")
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

func TestContainerMayBeSentBackToItself(t *testing.T) {
	b := makeBridge(t)
	plugIn(t, b, "ewe", "10.20.0.2")
	link, err := netlink.LinkByName("vethewe")
	if err != nil {
		t.Fatal(err)
	}
	if port, err := netlink.LinkGetProtinfo(link); err != nil || !port.Hairpin {
		t.Errorf("the port of the bridge is %+v, %v; want it in hairpin mode", port, err)
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

func openDescriptors(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
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
