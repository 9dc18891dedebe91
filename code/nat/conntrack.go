//go:build linux

package nat

import (
	"net"
	"net/netip"
	"slices"
	"syscall"

	"github.com/vishvananda/netlink"
)

// forget makes the kernel forget the UDP flows at ports whose rules have changed. Rules apply to the first packet of a
// connection only, and UDP has no end: the packets of a client that keeps sending would for ever go to the container
// that has gone. TCP notices.
//
// Nothing else depends on it, so it is not an error if a kernel cannot do it (without nf_conntrack_netlink).
func forget(ports []Port) {
	ports = slices.DeleteFunc(slices.Clone(ports), func(p Port) bool { return p.Protocol != "udp" })
	if len(ports) == 0 {
		return
	}
	local := map[netip.Addr]bool{}
	addresses, _ := net.InterfaceAddrs()
	for _, address := range addresses {
		if prefix, err := netip.ParsePrefix(address.String()); err == nil {
			local[prefix.Addr()] = true
		}
	}
	stale := func(flow *netlink.ConntrackFlow) bool {
		to, valid := netip.AddrFromSlice(flow.Forward.DstIP.To4())
		if !valid || flow.Forward.Protocol != syscall.IPPROTO_UDP || !(local[to] || to.IsLoopback()) {
			return false
		}
		return slices.ContainsFunc(ports, Port{HostIP: to, HostPort: flow.Forward.DstPort, Protocol: "udp"}.overlaps)
	}
	netlink.ConntrackDeleteFilters(netlink.ConntrackTable, netlink.FAMILY_V4, flows(stale))
}

// flows is a filter of conntrack's table.
type flows func(*netlink.ConntrackFlow) bool

// MatchConntrackFlow implements [netlink.CustomConntrackFilter].
func (f flows) MatchConntrackFlow(flow *netlink.ConntrackFlow) bool { return f(flow) }
