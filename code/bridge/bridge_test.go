//go:build linux

package bridge

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

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
	// A call that has not seen the bridge yet may already see its route.
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
	for i := range 8 { // of eight random addresses, one would very likely be lower
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
