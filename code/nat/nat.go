//go:build linux

// Package nat (chapter 7) lets containers reach the outside, and the outside reach them.
//
// Addresses such as 10.20.0.2 are private (RFC 1918): nobody outside has a route back to them. So the host, their
// gateway, forwards their packets ([EnableForwarding]) and puts its own address in place of theirs as they leave
// ([Masquerade]). The kernel remembers each connection and both its forms in a table, conntrack; that is how it knows
// which container a reply is for, and undoes the change. Where two containers use the same source port towards the same
// server, it changes one's port as well.
//
// The other way round nothing is known yet when the first packet comes. [Publish] says what it is to be: the host's
// port 8080 is that container's port 80, the destination is changed, and the source stays what it was.
//
// The rules are those of iptables(8), old or new (nf_tables), whichever is installed. Each carries a comment that names
// its owner: "sheep" for those of the bridge, "sheep:" and the ID for those of a container. Nothing else is touched.
// A rule is there once, however often it is asked for.
//
// Read first: [Masquerade] and gateway, then [Publish] and change in iptables.go.
//
// # Caveats
//
// IPv4 only. Rules that accept are put before those of others in the chains FORWARD and INPUT of the table filter. A
// firewall with its own tables (nft, firewalld) decides as well: what it drops is dropped. A program that replaces the
// rules while a container runs takes away its ports until the container starts again.
//
// See iptables(8), iptables-extensions(8), conntrack(8), ip-sysctl in the kernel's documentation.
package nat

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/sysctl"
)

const (
	owner  = "sheep" // the comment of the bridge's rules
	prefix = owner + ":"
)

// EnableForwarding makes the host a router, which it must be to be a gateway. It is one then for all its networks:
// neighbours may send through it what FORWARD lets pass.
func EnableForwarding() error {
	return sysctl.Set("net/ipv4/ip_forward", "1")
}

// Masquerade lets the containers of a subnet behind a bridge reach the outside. One rule does that; the others limit
// what may pass in either direction.
func Masquerade(subnet netip.Prefix, bridge string) error {
	if err := checkName(bridge); err != nil {
		return fmt.Errorf("masquerade %v: bridge: %w", subnet, err)
	}
	if !subnet.Addr().Is4() {
		return fmt.Errorf("masquerade %v: not an IPv4 subnet", subnet)
	}
	err := change(func([]rule) ([]rule, error) {
		return gateway(subnet.Masked(), bridge), nil
	}, func(r rule) bool {
		return r.comment() == owner && slices.Contains(r.words, bridge)
	})
	if err != nil {
		return fmt.Errorf("masquerade %v behind bridge %s: %w", subnet.Masked(), bridge, err)
	}
	return nil
}

// gateway returns the rules of a bridge.
func gateway(subnet netip.Prefix, bridge string) []rule {
	const known = "RELATED,ESTABLISHED"
	comment := " -m comment --comment " + owner
	r := strings.NewReplacer("SUBNET", subnet.String(), "BRIDGE", bridge)
	postrouting := func(match string) rule {
		return newRule("nat", "POSTROUTING", r.Replace(match)+comment+" -j MASQUERADE")
	}
	filter := func(chain, match, verdict string) rule {
		return newRule("filter", chain, r.Replace(match)+comment+" -j "+verdict)
	}
	return []rule{
		// That one rule: for packets that leave by another interface than the bridge. Those that stay on it go from
		// container to container, and keep their source address.
		postrouting("-s SUBNET ! -o BRIDGE"),

		// Packets to a published port that return to the bridge they came from. If the container saw their true source,
		// a neighbour on the bridge or itself, it would reply directly, from an address that was never asked; and to
		// 127.0.0.1 it would reply to itself.
		postrouting("-s SUBNET -o BRIDGE -m conntrack --ctstate DNAT"),
		postrouting("-s 127.0.0.0/8 -o BRIDGE -m conntrack --ctstate DNAT"),

		// Where FORWARD drops: containers may ask, and be answered, and be asked at published ports.
		filter("FORWARD", "-s SUBNET -i BRIDGE", "ACCEPT"),
		filter("FORWARD", "-o BRIDGE -m conntrack --ctstate "+known+",DNAT", "ACCEPT"),
		// And where it accepts: a neighbour of the host who has a route reaches no other port.
		filter("FORWARD", "! -i BRIDGE -o BRIDGE -m conntrack ! --ctstate "+known+",DNAT", "DROP"),

		// Publish lets 127.0.0.0/8 cross the bridge. Containers must not reach what listens on the host's loopback only
		// (CVE-2020-8558), nor pretend to come from there.
		filter("INPUT", "-d 127.0.0.0/8 -i BRIDGE -m conntrack ! --ctstate "+known, "DROP"),
		filter("INPUT", "-s 127.0.0.0/8 -i BRIDGE", "DROP"),
	}
}

// Publish makes ports of a container, which has the address on the bridge, reachable as ports of the host: from
// outside, from other containers, and from the host itself, by any of its addresses, 127.0.0.1 too. The bridge must be
// masqueraded. What the ID had published before is replaced.
func Publish(id string, addr netip.Addr, bridge string, ports []Port) error {
	fail := func(err error) error { return fmt.Errorf("publish ports of %.12s: %w", id, err) }
	if err := errors.Join(checkName(id), checkName(bridge)); err != nil {
		return fail(err)
	}
	if !addr.Is4() {
		return fail(fmt.Errorf("%v is not an IPv4 address", addr))
	}
	var wanted []rule
	for i, port := range ports {
		if err := port.check(); err != nil {
			return fail(err)
		}
		if other := slices.IndexFunc(ports[:i], port.overlaps); other >= 0 {
			return fail(fmt.Errorf("%v and %v are the same port of the host", ports[other], port))
		}
		wanted = append(wanted, port.rules(id, addr)...)
	}
	old := published{}
	err := change(func(present []rule) ([]rule, error) {
		if !slices.ContainsFunc(present, func(r rule) bool {
			return r.comment() == owner && r.chain == "INPUT" && slices.Contains(r.words, bridge)
		}) {
			return nil, fmt.Errorf("bridge %s is not masqueraded", bridge)
		}
		old = publishedBy(present, id)
		return wanted, checkFree(present, id, ports)
	}, func(r rule) bool { return r.comment() == prefix+id })
	if err != nil {
		return fail(err)
	}
	crash.Point("nat/publish")
	// Otherwise no interface sends a packet whose source is 127.0.0.1, nor receives one whose destination it is
	// (ip-sysctl, route_localnet).
	if err := sysctl.Set("net/ipv4/conf/"+bridge+"/route_localnet", "1"); err != nil {
		return fail(errors.Join(err, Unpublish(id)))
	}
	forget(append(old, ports...))
	return nil
}

// rules returns the rules that publish a port of a container.
func (p Port) rules(id string, addr netip.Addr) []rule {
	local := fmt.Sprintf("-p %s -m addrtype --dst-type LOCAL -m %[1]s", p.Protocol)
	if p.HostIP.IsValid() && !p.HostIP.IsUnspecified() {
		local = fmt.Sprintf("-d %v/32 -p %s -m %[2]s", p.HostIP, p.Protocol)
	}
	text := fmt.Sprintf(`%s --dport %d -m comment --comment "%s" -j DNAT --to-destination %v:%d`,
		local, p.HostPort, prefix+id, addr, p.ContainerPort)
	rules := []rule{newRule("nat", "OUTPUT", text)} // what the host itself sends
	if !p.HostIP.IsLoopback() {
		rules = append(rules, newRule("nat", "PREROUTING", text)) // what comes in
	}
	return rules
}

// Unpublish removes all rules of a container, if there are any.
func Unpublish(id string) error {
	if err := checkName(id); err != nil {
		return fmt.Errorf("unpublish ports of %.12s: %w", id, err)
	}
	var old published
	err := change(func(present []rule) ([]rule, error) {
		old = publishedBy(present, id)
		return nil, nil
	}, func(r rule) bool { return r.comment() == prefix+id })
	if err != nil {
		return fmt.Errorf("unpublish ports of %.12s: %w", id, err)
	}
	crash.Point("nat/unpublish")
	forget(old)
	return nil
}

// published is what a container has published already.
type published []Port

func publishedBy(present []rule, id string) (ports published) {
	for _, r := range present {
		if r.chain == "OUTPUT" && r.comment() == prefix+id {
			ports = append(ports, r.port())
		}
	}
	return ports
}

// TakenError is the error for a port that another container publishes.
type TakenError struct {
	Port Port
	By   string // the ID of that container
}

func (e *TakenError) Error() string { return e.Text(fmt.Sprintf("%.12s", e.By)) }

// Text returns the message with a name for the other container.
func (e *TakenError) Text(by string) string {
	return fmt.Sprintf("port %s of the host is published by container %s already: choose another", e.Port.onHost(), by)
}

// checkFree returns an error if a port of the host is not free: because another container has it, or because a program
// listens there, from which the rules would take it away.
func checkFree(present []rule, id string, ports []Port) error {
	for _, port := range ports {
		for _, r := range present {
			other, theirs := strings.CutPrefix(r.comment(), prefix)
			if theirs && other != id && r.chain == "OUTPUT" && port.overlaps(r.port()) {
				return &TakenError{Port: port, By: other}
			}
		}
		if err := port.bind(); err != nil {
			return fmt.Errorf("port %s of the host is not free: %w", port.onHost(), err)
		}
	}
	return nil
}

// bind takes a port for a moment.
func (p Port) bind() error {
	host := netip.IPv4Unspecified()
	if p.HostIP.IsValid() {
		host = p.HostIP
	}
	address := netip.AddrPortFrom(host, p.HostPort).String()
	if p.Protocol == "udp" {
		socket, err := net.ListenPacket("udp4", address)
		if err != nil {
			return err
		}
		return socket.Close()
	}
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		return err
	}
	return listener.Close()
}

// checkName returns an error for a name that would not be one word in a rule.
func checkName(name string) error {
	for _, c := range []byte(name) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("_.-", c) >= 0) {
			return fmt.Errorf("%q has a character other than a-z, A-Z, 0-9, _, . and -", name)
		}
	}
	const most = 255 - len(prefix) // XT_MAX_COMMENT_LEN counts the terminating zero
	if name == "" || name[0] == '-' || len(name) > most {
		return fmt.Errorf("%q is empty, begins with -, or is longer than %d characters", name, most)
	}
	return nil
}
