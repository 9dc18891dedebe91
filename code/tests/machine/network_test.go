//go:build linux

package machine

import (
	"strings"
	"testing"
)

// joinBridge gives a host an interface eth0 with an address, whose other end is a port of the bridge sheep0.
func joinBridge(t *testing.T, h host, port, address string) {
	t.Helper()
	shell(t, "ip link add "+port+" type veth peer name eth0 netns "+h.pid)
	// It goes with the host's namespace, but the kernel may take until after the next test has begun.
	t.Cleanup(func() { shell(t, "ip link delete "+port+" 2>/dev/null || true") })
	shell(t, "ip link set "+port+" master sheep0 up")
	h.run(t, "ip address add "+address+" dev eth0")
	h.run(t, "ip link set eth0 up")
}

func makeBridge(t *testing.T) {
	t.Helper()
	shell(t, "ip link add sheep0 type bridge && ip address add 10.20.0.1/16 dev sheep0 && ip link set sheep0 up")
	t.Cleanup(func() { shell(t, "ip link delete sheep0") })
}

func TestTwoNamespacesTalkThroughABridge(t *testing.T) {
	needs(t, "ip", "nsenter")
	makeBridge(t)
	one, two := newHost(t), newHost(t)
	joinBridge(t, one, "veth1", "10.20.0.2/16")
	joinBridge(t, two, "veth2", "10.20.0.3/16")

	seen, reply := talk(t, two, one, "10.20.0.3:8080")
	if reply != "baa" {
		t.Errorf("reply: got %q", reply)
	}
	if seen != "10.20.0.2" {
		t.Errorf("the server saw %s", seen)
	}
	if table := shell(t, "bridge fdb show br sheep0"); !strings.Contains(table, "dev veth1 master sheep0") {
		t.Errorf("the bridge has not learned where the first is:\n%s", table)
	}
}

func TestMasqueradeRewritesTheSourceAndConntrackRemembers(t *testing.T) {
	needs(t, "ip", "nsenter", "iptables", "conntrack")
	makeBridge(t)
	inside, outside := newHost(t), newHost(t)
	joinBridge(t, inside, "veth1", "10.20.0.2/16")
	inside.run(t, "ip route add default via 10.20.0.1")

	// 203.0.113.0/24 is reserved for documentation, RFC 5737: here it stands for the Internet.
	shell(t, "ip link add uplink type veth peer name eth0 netns "+outside.pid)
	t.Cleanup(func() { shell(t, "ip link delete uplink") })
	shell(t, "ip address add 203.0.113.1/24 dev uplink && ip link set uplink up")
	outside.run(t, "ip address add 203.0.113.2/24 dev eth0")
	outside.run(t, "ip link set eth0 up")
	shell(t, "echo 1 >/proc/sys/net/ipv4/ip_forward")
	shell(t, "iptables -t nat -A POSTROUTING -s 10.20.0.0/16 ! -o sheep0 -j MASQUERADE")
	t.Cleanup(func() { shell(t, "iptables -t nat -F POSTROUTING") })

	seen, reply := talk(t, outside, inside, "203.0.113.2:8080")
	if reply != "baa" {
		t.Errorf("reply: got %q", reply)
	}
	if seen != "203.0.113.1" {
		t.Errorf("the server saw %s, want the address of the uplink", seen)
	}
	table := shell(t, "conntrack -L -p tcp 2>/dev/null")
	found := false
	for entry := range strings.Lines(table) {
		found = found || (strings.Contains(entry, "src=10.20.0.2 dst=203.0.113.2") &&
			strings.Contains(entry, "src=203.0.113.2 dst=203.0.113.1"))
	}
	if !found {
		t.Errorf("conntrack has no entry for the translated connection:\n%s", table)
	}
}
