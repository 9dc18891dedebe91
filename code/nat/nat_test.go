//go:build linux

package nat

import (
	"errors"
	"maps"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/sysctl"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
)

// briefly is how long a test waits for an answer that should not come.
const briefly = 300 * time.Millisecond

func TestContainersReachTheOutsideUnderTheHostsAddress(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		if err := w.one.Ping("203.0.113.2"); err != nil {
			t.Errorf("ping: %v", err)
		}
		w.outside.Serve(t, "tcp4", ":80", "outside")
		w.outside.Serve(t, "udp4", ":53", "outside")
		for network, address := range map[string]string{"tcp4": "203.0.113.2:80", "udp4": "203.0.113.2:53"} {
			for _, from := range []*testhost.Host{w.one, w.two} {
				if got := from.Ask(network, address); got != "outside saw 203.0.113.1" {
					t.Errorf("over %s: %s", network, got)
				}
			}
		}
		var table []*netlink.ConntrackFlow
		w.on(t, func() (err error) {
			table, err = netlink.ConntrackTableList(netlink.ConntrackTable, netlink.FAMILY_V4)
			return err
		})
		if !slices.ContainsFunc(table, func(flow *netlink.ConntrackFlow) bool {
			return flow.Forward.Protocol == syscall.IPPROTO_TCP &&
				flow.Forward.SrcIP.String() == "10.20.0.2" && flow.Forward.DstIP.String() == "203.0.113.2" &&
				flow.Reverse.SrcIP.String() == "203.0.113.2" && flow.Reverse.DstIP.String() == "203.0.113.1"
		}) {
			t.Errorf("conntrack does not know the connection: %v", table)
		}
	})
}

func TestWithoutMasqueradeNoReplyComesBack(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.outside.Serve(t, "tcp4", ":80", "outside")
		w.iptables(t, "-t nat -F POSTROUTING")
		if !unanswered(w.one, "tcp4", "203.0.113.2:80") {
			t.Error("outside has a way back to a container, so the other tests show nothing")
		}
		w.on(t, func() error { return Masquerade(subnet, "sheep0") }) // again
		if got := w.one.Ask("tcp4", "203.0.113.2:80"); got != "outside saw 203.0.113.1" {
			t.Error(got)
		}
	})
}

func TestTwoContainersMayUseTheSameSourcePort(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		var listener net.Listener
		var err error
		w.outside.Do(func() { listener, err = net.Listen("tcp4", ":80") })
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		seen := map[string]bool{}
		for _, from := range []*testhost.Host{w.one, w.two} {
			var connection net.Conn
			from.Do(func() {
				dialer := net.Dialer{LocalAddr: &net.TCPAddr{Port: 4000}, Timeout: testhost.Patience}
				connection, err = dialer.Dial("tcp4", "203.0.113.2:80")
			})
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			accepted, err := listener.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer accepted.Close()
			seen[accepted.RemoteAddr().String()] = true
		}
		if len(seen) != 2 || !seen["203.0.113.1:4000"] {
			t.Errorf("outside sees %v, want one at port 4000 and one at another", slices.Collect(maps.Keys(seen)))
		}
	})
}

func TestTrafficOnTheBridgeKeepsItsSource(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.two.Serve(t, "tcp4", ":80", "two")
		withAndWithoutBridgeFilter(t, w, func(t *testing.T) {
			if got := w.one.Ask("tcp4", "10.20.0.3:80"); got != "two saw 10.20.0.2" {
				t.Error(got)
			}
		})
	})
}

func TestPublishedPortIsReachedFromEverywhere(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.one.Serve(t, "tcp4", ":80", "one")
		w.one.Serve(t, "udp4", ":53", "one")
		w.publish(t, "one", addressOne, "8080:80", "8053:53/udp")
		everybodyReaches := func(t *testing.T) {
			for _, c := range []struct {
				who  string
				from *testhost.Host
				ip   string
				seen string
			}{
				{"outside", w.outside, "203.0.113.1", "203.0.113.2"},
				{"the host at its own address", w.host, "203.0.113.1", "203.0.113.1"},
				{"the host at the gateway", w.host, "10.20.0.1", "10.20.0.1"},
				{"the host at 127.0.0.1", w.host, "127.0.0.1", "10.20.0.1"},
				{"another container at the gateway", w.two, "10.20.0.1", "10.20.0.1"},
				{"another container at the host's address", w.two, "203.0.113.1", "10.20.0.1"},
				{"another container directly", w.two, "", "10.20.0.3"},
			} {
				for network, port := range map[string]string{"tcp4": "8080", "udp4": "8053"} {
					address := c.ip + ":" + port
					if c.ip == "" {
						address = addressOne.String() + map[string]string{"tcp4": ":80", "udp4": ":53"}[network]
					}
					if got := c.from.Ask(network, address); got != "one saw "+c.seen {
						t.Errorf("%s, over %s to %s: %s, want one to see %s", c.who, network, address, got, c.seen)
					}
				}
			}
		}
		withAndWithoutBridgeFilter(t, w, everybodyReaches)
		w.iptables(t, "-P FORWARD DROP")
		t.Run("where FORWARD drops", everybodyReaches)
		w.iptables(t, "-A FORWARD -j REJECT")
		w.iptables(t, "-A INPUT -j ACCEPT")
		t.Run("where FORWARD rejects the rest", everybodyReaches)
	})
}

func TestContainerReachesItsOwnPublishedPort(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.one.Serve(t, "tcp4", ":80", "one")
		w.publish(t, "one", addressOne, "8080:80")
		withAndWithoutBridgeFilter(t, w, func(t *testing.T) {
			if got := w.one.Ask("tcp4", "203.0.113.1:8080"); got != "one saw 10.20.0.1" {
				t.Error(got)
			}
		})
	})
}

func TestContainersReachTheOutsideWhereForwardDrops(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.iptables(t, "-P FORWARD DROP")
		w.outside.Serve(t, "tcp4", ":80", "outside")
		w.two.Serve(t, "tcp4", ":80", "two")
		withAndWithoutBridgeFilter(t, w, func(t *testing.T) {
			if got := w.one.Ask("tcp4", "203.0.113.2:80"); got != "outside saw 203.0.113.1" {
				t.Error(got)
			}
			if err := w.one.Ping("203.0.113.2"); err != nil {
				t.Error(err)
			}
			if got := w.one.Ask("tcp4", "10.20.0.3:80"); got != "two saw 10.20.0.2" {
				t.Error(got)
			}
		})
	})
}

func TestPortPublishedAtOneAddressIsReachedThereOnly(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.one.Serve(t, "tcp4", ":80", "one")
		w.publish(t, "one", addressOne, "127.0.0.1:8080:80", "203.0.113.1:9090:80")
		for _, c := range []struct {
			from    *testhost.Host
			address string
			seen    string
		}{
			{w.host, "127.0.0.1:8080", "10.20.0.1"},
			{w.host, "203.0.113.1:8080", ""},
			{w.outside, "203.0.113.1:8080", ""},
			{w.two, "10.20.0.1:8080", ""},
			{w.host, "203.0.113.1:9090", "203.0.113.1"},
			{w.outside, "203.0.113.1:9090", "203.0.113.2"},
			{w.two, "203.0.113.1:9090", "10.20.0.1"},
			{w.host, "127.0.0.1:9090", ""},
			{w.two, "10.20.0.1:9090", ""},
		} {
			if c.seen == "" {
				if !unanswered(c.from, "tcp4", c.address) {
					t.Errorf("%s is reached", c.address)
				}
			} else if got := c.from.Ask("tcp4", c.address); got != "one saw "+c.seen {
				t.Errorf("at %s: %s, want one to see %s", c.address, got, c.seen)
			}
		}
	})
}

func TestOtherPortsAreNotReachedFromOutside(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.one.Serve(t, "tcp4", ":80", "one")
		w.one.Serve(t, "tcp4", ":81", "one")
		w.publish(t, "one", addressOne, "127.0.0.1:8080:80")
		var err error
		w.outside.Do(func() { // a neighbour with a route to the container
			var link netlink.Link
			if link, err = netlink.LinkByName("eth0"); err == nil {
				_, destination, _ := net.ParseCIDR(subnet.String())
				gateway := net.ParseIP("203.0.113.1")
				err = netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Dst: destination, Gw: gateway})
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{"10.20.0.2:80", "10.20.0.2:81"} {
			if !unanswered(w.outside, "tcp4", address) {
				t.Errorf("outside reaches %s", address)
			}
		}
		w.iptables(t, "-F FORWARD")
		if !answered(w.outside, "tcp4", "10.20.0.2:81") {
			t.Error("outside never reaches it, so this test shows nothing")
		}
	})
}

// CVE-2020-8558: route_localnet lets neighbours send to what listens on the loopback interface only.
func TestContainerDoesNotReachTheHostsLoopback(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.publish(t, "two", addressTwo, "8080:80") // publishing sets it
		w.host.Serve(t, "tcp4", "127.0.0.1:6379", "host")
		w.host.Serve(t, "udp4", "127.0.0.1:6379", "host")
		var err error
		w.one.Do(func() { // without a 127.0.0.1 of its own, its way there leads through the gateway
			lo, _ := netlink.LinkByName("lo")
			loopback, _ := netlink.ParseAddr("127.0.0.1/8")
			eth0, _ := netlink.LinkByName("eth0")
			_, destination, _ := net.ParseCIDR("127.0.0.0/8")
			err = errors.Join(
				netlink.AddrDel(lo, loopback),
				sysctl.Set("net/ipv4/conf/eth0/route_localnet", "1"),
				netlink.RouteAdd(&netlink.Route{LinkIndex: eth0.Attrs().Index, Dst: destination,
					Gw: net.ParseIP("10.20.0.1"), Src: addressOne.AsSlice()}),
			)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, network := range []string{"tcp4", "udp4"} {
			if !unanswered(w.one, network, "127.0.0.1:6379") {
				t.Errorf("a container reaches the host's loopback over %s", network)
			}
		}
		w.iptables(t, "-F INPUT")
		if !answered(w.one, "tcp4", "127.0.0.1:6379") {
			t.Error("it never does, so this test shows nothing")
		}
	})
}

func TestContainerDoesNotPassForTheHostsLoopback(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.publish(t, "two", addressTwo, "8080:80") // publishing sets route_localnet
		var server net.PacketConn
		w.on(t, func() (err error) {
			server, err = net.ListenPacket("udp4", ":514")
			// With the settings that let the most pass.
			return errors.Join(err, sysctl.Set("net/ipv4/conf/all/rp_filter", "0"),
				sysctl.Set("net/ipv4/conf/sheep0/rp_filter", "0"))
		})
		defer server.Close()
		var err error
		send := func() {
			w.one.Do(func() {
				var client net.Conn
				dialer := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.IPv4(127, 0, 0, 5)}}
				if client, err = dialer.Dial("udp4", "10.20.0.1:514"); err == nil {
					_, err = client.Write([]byte("baa"))
					client.Close()
				}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		arrives := func(patience time.Duration) bool {
			server.SetReadDeadline(time.Now().Add(patience))
			_, from, err := server.ReadFrom(make([]byte, 100))
			return err == nil && strings.HasPrefix(from.String(), "127.0.0.5:")
		}
		w.one.Do(func() { err = sysctl.Set("net/ipv4/conf/eth0/route_localnet", "1") })
		if err != nil {
			t.Fatal(err)
		}
		if send(); arrives(briefly) {
			t.Error("the host takes a container's packet for its own")
		}
		w.iptables(t, "-F INPUT")
		if send(); !arrives(testhost.Patience) {
			t.Error("it never does, so this test shows nothing")
		}
	})
}

func TestUDPClientFollowsAPortToAnotherContainer(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.one.Serve(t, "udp4", ":53", "one")
		w.two.Serve(t, "udp4", ":53", "two")
		var client net.Conn
		var err error
		w.outside.Do(func() { client, err = net.Dial("udp4", "203.0.113.1:8053") })
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		ask := func() string {
			client.SetDeadline(time.Now().Add(testhost.Patience))
			if _, err := client.Write([]byte("?")); err != nil {
				return err.Error()
			}
			buffer := make([]byte, 100)
			n, err := client.Read(buffer)
			if err != nil {
				return err.Error()
			}
			return string(buffer[:n])
		}
		if got := ask(); strings.Contains(got, "saw") {
			t.Errorf("before it is published: %s", got)
		}
		w.publish(t, "one", addressOne, "8053:53/udp")
		if got := ask(); got != "one saw 203.0.113.2" {
			t.Error(got)
		}
		w.on(t, func() error { return Unpublish("one") })
		w.publish(t, "two", addressTwo, "8053:53/udp")
		if got := ask(); got != "two saw 203.0.113.2" {
			t.Error(got)
		}
	})
}
