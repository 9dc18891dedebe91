//go:build linux

package nat

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/sysctl"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// roles are what the test binary does when a test starts it again, by its first argument, once its input has ended.
var roles = map[string]func(arguments []string) error{
	"masquerade": func([]string) error { return Masquerade(subnet, "sheep0") },
	"publish": func(arguments []string) error {
		port, err := ParsePort(arguments[1])
		if err != nil {
			return err
		}
		return Publish(arguments[0], addressOne, "sheep0", []Port{port})
	},
	"unpublish": func(arguments []string) error { return Unpublish(arguments[0]) },
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		io.Copy(io.Discard, os.Stdin)
		if err := roles[os.Args[1]](os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	testns.Main(m)
}

var (
	subnet     = netip.MustParsePrefix("10.20.0.0/16")
	addressOne = netip.MustParseAddr("10.20.0.2")
	addressTwo = netip.MustParseAddr("10.20.0.3")
)

// briefly is how long a test waits for what should not come.
const briefly = 300 * time.Millisecond

// privateRun hides the machine's /run, where locks are.
var privateRun = sync.OnceValue(func() error { return syscall.Mount("tmpfs", "/run", "tmpfs", 0, "") })

// withEach runs a test with each iptables there is.
func withEach(t *testing.T, test func(t *testing.T)) {
	testns.Require(t)
	if err := privateRun(); err != nil {
		t.Fatal(err)
	}
	for _, variant := range []string{"nft", "legacy"} {
		t.Run(variant, func(t *testing.T) {
			program := "/usr/sbin/xtables-" + variant + "-multi"
			if _, err := os.Stat(program); err != nil {
				t.Skipf("%s is not installed", program)
			}
			directory := t.TempDir()
			for _, name := range []string{"iptables", "iptables-save", "iptables-restore"} {
				if err := os.Symlink(program, filepath.Join(directory, name)); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", directory+":"+os.Getenv("PATH"))
			if _, err := run("", "iptables", "-w", "-t", "nat", "-S"); err != nil {
				t.Skipf("the kernel knows no such tables: %v", err)
			}
			test(t)
		})
	}
}

// world is a host with two containers, and somebody outside:
//
//	one 10.20.0.2 ─┐
//	               ├─ 10.20.0.1 host 203.0.113.1 ── 203.0.113.2 outside
//	two 10.20.0.3 ─┘
//
// Outside has no route to the containers. 203.0.113.0/24 is reserved for documentation (RFC 5737).
type world struct {
	host, one, two, outside *testhost.Host
}

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{testhost.New(t), testhost.New(t), testhost.New(t), testhost.New(t)}
	w.on(t, func() error {
		return errors.Join(
			testhost.TurnOnLoopback(),
			w.outside.Cable("uplink", "203.0.113.1/24", "203.0.113.2/24"),
			bridge.Default.Ensure(),
			bridge.Default.Connect("one", w.one.PID, addressOne),
			bridge.Default.Connect("two", w.two.PID, addressTwo),
			EnableForwarding(),
			Masquerade(subnet, "sheep0"),
		)
	})
	return w
}

// on runs a function on the host, which must not fail.
func (w world) on(t *testing.T, f func() error) {
	t.Helper()
	var err error
	w.host.Do(func() { err = f() })
	if err != nil {
		t.Fatal(err)
	}
}

// iptables runs iptables on the host.
func (w world) iptables(t *testing.T, arguments string) {
	t.Helper()
	w.on(t, func() error {
		_, err := run("", "iptables", append([]string{"-w"}, strings.Fields(arguments)...)...)
		return err
	})
}

// saved returns the host's rules as iptables-save prints them.
func (w world) saved(t *testing.T) []string {
	t.Helper()
	var lines []string
	w.on(t, func() error {
		rules, err := list()
		for _, r := range rules {
			lines = append(lines, r.table+" "+r.chain+" "+r.text)
		}
		return err
	})
	slices.Sort(lines)
	return lines
}

// publish publishes a port of a container.
func (w world) publish(t *testing.T, id string, addr netip.Addr, ports ...string) {
	t.Helper()
	w.on(t, func() error { return w.tryPublish(id, addr, ports...) })
}

// tryPublish is to be called on the host.
func (w world) tryPublish(id string, addr netip.Addr, texts ...string) error {
	var ports []Port
	for _, text := range texts {
		port, err := ParsePort(text)
		if err != nil {
			return err
		}
		ports = append(ports, port)
	}
	return Publish(id, addr, "sheep0", ports)
}

// unanswered reports whether nobody answers a host that asks, and answered whether somebody does, perhaps late if the
// machine is slow.
func unanswered(from *testhost.Host, network, address string) bool {
	return !asks(from, network, address, briefly)
}

func answered(from *testhost.Host, network, address string) bool {
	return asks(from, network, address, testhost.Patience)
}

func asks(from *testhost.Host, network, address string, patience time.Duration) bool {
	var answer string
	from.Do(func() { answer = testhost.Ask(network, address, patience) })
	return strings.Contains(answer, "saw")
}

// withAndWithoutBridgeFilter runs a test with frames on a bridge passing the rules and not: the module br_netfilter,
// which Docker for one loads, makes them do (ip-sysctl, bridge-nf-call-iptables).
func withAndWithoutBridgeFilter(t *testing.T, w world, test func(t *testing.T)) {
	if os.Getenv("SHEEP_VM") != "" { // elsewhere the machine's modules are not for tests to choose
		if output, err := exec.Command("modprobe", "br_netfilter").CombinedOutput(); err != nil {
			t.Fatalf("modprobe br_netfilter: %v: %s", err, output)
		}
		t.Cleanup(func() { exec.Command("modprobe", "-r", "br_netfilter").Run() })
	}
	for _, value := range []string{"0", "1"} {
		t.Run("bridge-nf-call-iptables="+value, func(t *testing.T) {
			var err error
			w.host.Do(func() { err = sysctl.Set("net/bridge/bridge-nf-call-iptables", value) })
			if err != nil && value == "1" {
				t.Skipf("no br_netfilter: %v", err)
			}
			test(t)
		})
	}
}

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
		w.outside.Do(func() { // a neighbour who knows the way
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
		w.publish(t, "two", addressTwo, "8080:80") // which sets it
		w.host.Serve(t, "tcp4", "127.0.0.1:6379", "host")
		w.host.Serve(t, "udp4", "127.0.0.1:6379", "host")
		var err error
		w.one.Do(func() { // it has no 127.0.0.1 of its own, the way there is through the gateway
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
		w.publish(t, "two", addressTwo, "8080:80") // which sets route_localnet
		var server net.PacketConn
		w.on(t, func() (err error) {
			server, err = net.ListenPacket("udp4", ":514")
			// The most that a host may be set to let pass.
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

func TestUnpublishRemovesExactlyItsOwnRules(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.iptables(t, "-t nat -A PREROUTING -p tcp --dport 80 -m comment --comment sheep:one2 -j DNAT --to 192.0.2.1:80")
		w.iptables(t, "-t nat -A PREROUTING -p tcp --dport 81 -m comment --comment on -j DNAT --to 192.0.2.1:80")
		w.iptables(t, "-A FORWARD -m comment --comment goat:one -j ACCEPT")
		w.iptables(t, "-A INPUT -p tcp --dport 8080 -j ACCEPT")
		w.publish(t, "two", addressTwo, "9090:80")
		w.one.Serve(t, "tcp4", ":80", "one")
		before := w.saved(t)
		w.publish(t, "one", addressOne, "8080:80", "8053:53/udp", "127.0.0.1:8081:81")
		if got := len(w.saved(t)) - len(before); got != 5 { // two each, and one for loopback
			t.Errorf("%d rules are new, want 5", got)
		}
		if got := w.outside.Ask("tcp4", "203.0.113.1:8080"); got != "one saw 203.0.113.2" {
			t.Error(got)
		}
		for range 2 {
			w.on(t, func() error { return Unpublish("one") })
		}
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were\n%s\nand are\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
		if !unanswered(w.outside, "tcp4", "203.0.113.1:8080") {
			t.Error("the port is still reached")
		}
	})
}

func TestRulesTellWhoseTheyAre(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.publish(t, "two", addressTwo, "9090:80", "9091:81")
		w.publish(t, "one", addressOne, "8080:80")
		rules := strings.Join(w.saved(t), "\n")
		for id, want := range map[string]int{"one": 2, "two": 4} { // two for each port
			if got := strings.Count(rules, `"sheep:`+id+`"`); got != want {
				t.Errorf("%d rules are of %s, not %d:\n%s", got, id, want, rules)
			}
		}
	})
}

func TestPublishReplacesWhatTheSameContainerHad(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.two.Serve(t, "tcp4", ":80", "two")
		w.publish(t, "ewe", addressOne, "8080:80", "8081:81")
		w.publish(t, "ewe", addressTwo, "8080:80")
		before := w.saved(t)
		w.publish(t, "ewe", addressTwo, "8080:80")
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
		if got := w.outside.Ask("tcp4", "203.0.113.1:8080"); got != "two saw 203.0.113.2" {
			t.Error(got)
		}
		if text := strings.Join(before, "\n"); strings.Contains(text, "10.20.0.2:") || strings.Contains(text, "8081") {
			t.Errorf("old rules are left:\n%s", text)
		}
	})
}

func TestPortThatIsTakenIsRefused(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.publish(t, "one", addressOne, "8080:80", "203.0.113.1:8053:53/udp")
		w.host.Serve(t, "tcp4", "127.0.0.1:22", "the host's own")
		before := w.saved(t)
		for ports, want := range map[string]string{
			"8080:81":                  "port 8080/tcp of the host is published by container one already: choose another",
			"127.0.0.1:8080:81":        "port 127.0.0.1:8080/tcp of the host is published by container one",
			"7000:1 8053:53/udp":       "published by container one",
			"22:22":                    "port 22/tcp of the host is not free: listen tcp4 0.0.0.0:22: bind: address already",
			"192.0.2.7:8000:80":        "cannot assign requested address",
			"7000:1 127.0.0.1:7000:80": "7000:1 and 127.0.0.1:7000:80 are the same port of the host",
		} {
			var err error
			w.host.Do(func() { err = w.tryPublish("two", addressTwo, strings.Fields(ports)...) })
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "publish ports of two") {
				t.Errorf("%s: error is %v, want %s", ports, err, want)
			}
		}
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
		w.publish(t, "two", addressTwo, "8080:80/udp", "127.0.0.1:8053:53/udp", "8053:53")
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

// atOnce starts the test binary many times on the host, lets all go together, and waits.
func (w world) atOnce(t *testing.T, role func(i int) []string) {
	t.Helper()
	start, gate, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer start.Close()
	var commands []*exec.Cmd
	for i := range 20 {
		cmd := exec.Command("/proc/self/exe", role(i)...)
		cmd.Stdin, cmd.Stderr = start, os.Stderr
		w.on(t, cmd.Start)
		commands = append(commands, cmd)
	}
	gate.Close()
	for i, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", role(i), err)
		}
	}
}

func TestRulesAreAddedOnceByTwentyProcesses(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		before := w.saved(t)
		if len(before) != len(gateway(subnet, "sheep0")) {
			t.Fatalf("there are %d rules: %v", len(before), before)
		}
		for _, flush := range []string{"filter", "nat"} {
			w.iptables(t, "-t "+flush+" -F")
		}
		w.atOnce(t, func(int) []string { return []string{"masquerade"} })
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
	})
}

func TestTwentyProcessesPublishAndUnpublish(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		before := w.saved(t)
		w.atOnce(t, func(i int) []string {
			return []string{"publish", fmt.Sprint("ewe", i), fmt.Sprintf("%d:80", 8000+i)}
		})
		if got := len(w.saved(t)) - len(before); got != 40 {
			t.Errorf("%d rules are new, want 40", got)
		}
		w.atOnce(t, func(i int) []string { return []string{"unpublish", fmt.Sprint("ewe", i)} })
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
	})
}

func TestRulesOfTwoBridgesLiveSideBySide(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		before := w.saved(t)
		other := netip.MustParsePrefix("10.30.0.1/24")
		w.on(t, func() error { return Masquerade(other, "goat0") })
		if got := len(w.saved(t)); got != 2*len(before) {
			t.Errorf("%d rules, want %d", got, 2*len(before))
		}
		w.on(t, func() error { return errors.Join(Masquerade(subnet, "sheep0"), Masquerade(other, "goat0")) })
		if got := len(w.saved(t)); got != 2*len(before) {
			t.Errorf("after asking again %d rules, want %d", got, 2*len(before))
		}
	})
}

func TestDoubledRulesBecomeOne(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		before := w.saved(t)
		w.iptables(t, "-t nat -A POSTROUTING -s 10.20.0.0/16 ! -o sheep0 -m comment --comment sheep -j MASQUERADE")
		w.on(t, func() error { return Masquerade(subnet, "sheep0") })
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
	})
}

func TestWantedRulesReadAsIptablesSavesThem(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.publish(t, "o.n-e_1", addressOne, "8080:80", "203.0.113.1:53:53/udp", "127.0.0.1:81:80")
		want := gateway(subnet, "sheep0")
		for _, text := range []string{"8080:80", "203.0.113.1:53:53/udp", "127.0.0.1:81:80"} {
			port, _ := ParsePort(text)
			rules := port.rules("o.n-e_1", addressOne)
			want = append(want, rules...)
			if got := rules[0].port(); got != port {
				t.Errorf("%s is read back as %v", text, got)
			}
		}
		// If they did not, they would be replaced each time.
		w.on(t, func() error {
			present, err := list()
			if err == nil && !same(present, want) {
				err = fmt.Errorf("%v\nnot\n%v", present, want)
			}
			return err
		})
	})
}

func TestPublishNeedsAMasqueradedBridge(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.iptables(t, "-F INPUT")
		var err error
		w.host.Do(func() { err = w.tryPublish("one", addressOne, "8080:80") })
		if err == nil || !strings.Contains(err.Error(), "bridge sheep0 is not masqueraded") {
			t.Errorf("Publish: %v", err)
		}
	})
}

func TestNothingOutOfAnIDGetsIntoARule(t *testing.T) {
	for _, id := range []string{"", "a b", `a"b`, "a\nCOMMIT", "-j", "a;b", strings.Repeat("a", 300)} {
		port := []Port{{HostPort: 1, ContainerPort: 1, Protocol: "tcp"}}
		if err := Publish(id, addressOne, "sheep0", port); err == nil || !strings.Contains(err.Error(), "publish ports of") {
			t.Errorf("Publish(%q): %v", id, err)
		}
		if err := Unpublish(id); err == nil || !strings.Contains(err.Error(), "unpublish ports of") {
			t.Errorf("Unpublish(%q): %v", id, err)
		}
		if err := Masquerade(subnet, id); err == nil || !strings.Contains(err.Error(), "masquerade") {
			t.Errorf("Masquerade(%q): %v", id, err)
		}
	}
	port := []Port{{HostPort: 1, ContainerPort: 1, Protocol: "tcp -j"}}
	if err := Publish("one", addressOne, "sheep0", port); err == nil {
		t.Error("Publish takes any protocol")
	}
	if err := Publish("one", netip.MustParseAddr("::1"), "sheep0", nil); err == nil {
		t.Error("Publish takes an IPv6 address")
	}
	if err := Masquerade(netip.MustParsePrefix("2001:db8::/64"), "sheep0"); err == nil {
		t.Error("Masquerade takes an IPv6 subnet")
	}
}

func TestMissingProgramIsNamed(t *testing.T) {
	_, err := run("", "iptables-of-sheep")
	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "iptables-of-sheep is not installed") {
		t.Errorf("run: %v", err)
	}
}

func TestTableThatIptablesCannotReadIsAnError(t *testing.T) {
	_, err := parse("# Generated by iptables-save v1.8.9 (nf_tables)\n# Table `nat' is incompatible, use 'nft' tool.\n\n")
	if err == nil || !strings.Contains(err.Error(), "Table `nat' is incompatible, use 'nft' tool.") {
		t.Errorf("parse: %v", err)
	}
}

func TestSplitReadsQuotesAsIptablesWritesThem(t *testing.T) {
	for line, want := range map[string][]string{
		`-s 10.20.0.0/16 ! -o sheep0`:       {"-s", "10.20.0.0/16", "!", "-o", "sheep0"},
		`--comment "sheep:one" -j DNAT`:     {"--comment", "sheep:one", "-j", "DNAT"},
		`--comment "a \"b\" \\ c" -j X`:     {"--comment", `a "b" \ c`, "-j", "X"},
		`--comment "" -j X`:                 {"--comment", "", "-j", "X"},
		`  two   blanks `:                   {"two", "blanks"},
		``:                                  nil,
		`--log-prefix "sheep: --comment x"`: {"--log-prefix", "sheep: --comment x"},
	} {
		if got := split(line); !slices.Equal(got, want) {
			t.Errorf("split(%s) is %q", line, got)
		}
	}
}
