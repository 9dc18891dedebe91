//go:build linux

// Package bridge (chapter 6) gives a container an IP address.
//
// Read first: [Bridge.Ensure], [Bridge.Connect], [Leases.Acquire].
//
// A new network namespace holds one interface, a loopback that is not even up. To reach another host, the container
// needs a cable to somewhere: a pair of veth interfaces, where a frame that is sent into one comes out of the other.
// One end, eth0, is inside; the other is a port of a [Bridge], a switch in the kernel: it learns from each frame's
// source behind which port that address lives, and sends frames for it there alone. The bridge is also an interface of
// the host, with an address of its own, and that is the containers' gateway.
//
// [Bridge.Ensure] makes the bridge, [Bridge.Connect] plugs a container in, [Disconnect] pulls the plug. Which address a
// container gets is written down in a file of [Leases]: a counter in memory would start again with the program, and
// hand out addresses that are taken.
//
// # Caveats
//
// IPv4 only: the bridge takes no part in IPv6, and the only IPv6 address of a container is the link-local one that its
// kernel makes up. Containers on one bridge reach each other on every port: nothing keeps them apart. The bridge stays
// when the last container goes.
//
// See veth(4), bridge(8), rtnetlink(7), network_namespaces(7).
package bridge

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"runtime"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/sysctl"
)

// Bridge is the switch that containers are plugged into.
type Bridge struct {
	Name    string
	Gateway netip.Prefix // its own address, in the containers' subnet
}

// Default is the bridge of Sheep.
var Default = Bridge{Name: "sheep0", Gateway: netip.MustParsePrefix("10.20.0.1/16")}

const (
	inside = "eth0" // the container's end of the cable
	prefix = "veth" // the host's end is called this and the short ID

	// group marks the host's ends as made here: a number that the kernel keeps for each interface and gives no meaning.
	// Other programs call theirs veth-something as well.
	group = 0x53686570 // "Shep"
)

// shortLength is how much of an ID fits into the name of an interface: 15 bytes in all, as IFNAMSIZ counts the
// terminating zero.
const shortLength = unix.IFNAMSIZ - 1 - len(prefix)

// hostEnd returns the name of the host's end of a container's cable.
func hostEnd(id string) string {
	return prefix + id[:min(len(id), shortLength)]
}

// Ensure makes the bridge, gives it its address and turns it on. What is there already
// stays; any number of callers may do so at once.
func (b Bridge) Ensure() error {
	if !b.Gateway.Addr().Is4() {
		return fmt.Errorf("bridge %s: %v is not an IPv4 address", b.Name, b.Gateway)
	}
	link, err := netlink.LinkByName(b.Name)
	if errors.As(err, new(netlink.LinkNotFoundError)) {
		if err := b.checkRoutes(); err != nil {
			return err
		}
		// With no address of its own a bridge takes the lowest of its ports', and so
		// changes it whenever a container comes or goes: the neighbours would send to the
		// old one until their ARP entries expire.
		attributes := netlink.NewLinkAttrs()
		attributes.Name, attributes.HardwareAddr = b.Name, hardwareAddress(b.Gateway.Addr())
		err = netlink.LinkAdd(&netlink.Bridge{LinkAttrs: attributes})
		if err != nil && !errors.Is(err, syscall.EEXIST) { // another caller may have been first
			return fmt.Errorf("make bridge %s: %w", b.Name, err)
		}
		crash.Point("bridge/make")
		link, err = netlink.LinkByName(b.Name)
	}
	if err != nil {
		return fmt.Errorf("find bridge %s: %w", b.Name, err)
	}
	if link.Type() != "bridge" {
		return fmt.Errorf("there is an interface %s, but it is a %s, not a bridge: delete or rename it", b.Name,
			link.Type())
	}

	// A container could advertise itself as an IPv6 router, and the host would believe it (CVE-2020-13401).
	err = sysctl.Set("net/ipv6/conf/"+b.Name+"/disable_ipv6", "1")
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a kernel without IPv6
		return err
	}
	err = netlink.AddrAdd(link, &netlink.Addr{IPNet: ipNet(b.Gateway)})
	if err != nil && !errors.Is(err, syscall.EEXIST) {
		return fmt.Errorf("give bridge %s the address %v: %w", b.Name, b.Gateway, err)
	}
	crash.Point("bridge/address")
	if err := netlink.LinkSetUp(link); err != nil {
		return fmt.Errorf("turn on bridge %s: %w", b.Name, err)
	}
	return nil
}

// checkRoutes refuses a subnet of which the host has a part already: containers there could not be reached. A wider
// network, such as 10.0.0.0/8, does no harm, as the longest prefix wins.
func (b Bridge) checkRoutes() error {
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return fmt.Errorf("list routes: %w", err)
	}
	for _, route := range routes {
		if route.Dst == nil {
			continue
		}
		bits, _ := route.Dst.Mask.Size()
		destination, valid := netip.AddrFromSlice(route.Dst.IP.To4())
		if !valid || bits < b.Gateway.Bits() || !b.Gateway.Contains(destination) {
			continue
		}
		on := "another interface"
		if link, err := netlink.LinkByIndex(route.LinkIndex); err == nil {
			on = link.Attrs().Name
		}
		if on == b.Name { // another caller has made it just now
			continue
		}
		return fmt.Errorf("make bridge %s: the network %v is already reached through %s", b.Name, route.Dst, on)
	}
	return nil
}

// Connect plugs a process's network namespace into the bridge: eth0 with an address
// inside, the bridge as the way to everywhere else, loopback on. What is left of an
// earlier connection of the same ID gives way. If Connect fails, it leaves no interface.
func (b Bridge) Connect(id string, pid int, addr netip.Addr) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("connect %.12s to bridge %s: %w", id, b.Name, err)
		}
	}()
	if err := checkID(id); err != nil {
		return err
	}
	if !b.Gateway.Contains(addr) {
		return fmt.Errorf("the address %v is not in %v", addr, b.Gateway.Masked())
	}
	namespace, err := openNamespace(pid)
	if err != nil {
		return err
	}
	defer namespace.Close()
	bridge, err := netlink.LinkByName(b.Name)
	if err != nil {
		return err
	}

	attributes := netlink.NewLinkAttrs()
	attributes.Name = hostEnd(id)
	attributes.Group = group
	attributes.MTU = bridge.Attrs().MTU
	attributes.MasterIndex = bridge.Attrs().Index
	attributes.Flags = net.FlagUp
	// The far end is born in the container, under its name there: on the host, it might meet an eth0.
	veth := netlink.NewVeth(attributes)
	veth.PeerName = inside
	veth.PeerNamespace = netlink.NsFd(namespace.Fd())
	veth.PeerHardwareAddr = hardwareAddress(addr)
	// The interfaces of a namespace outlive its last process by a moment, in which the
	// next start of the same container may come.
	if err := Disconnect(id); err != nil {
		return err
	}
	if err := netlink.LinkAdd(veth); err != nil {
		if !errors.Is(err, syscall.EEXIST) {
			Disconnect(id) // it may exist without being a port of the bridge
		}
		return fmt.Errorf("make %s and %s: %w", attributes.Name, inside, err)
	}
	crash.Point("bridge/make-veth")
	// A container that asks the host for one of its own ports is sent back through the port
	// of the bridge that it came from. Where the host's rules apply to frames on a bridge
	// (br_netfilter), that is up to the bridge, which does not do so by default.
	err = netlink.LinkSetHairpin(veth, true)
	if err != nil {
		err = fmt.Errorf("let %s send frames back: %w", attributes.Name, err)
	} else {
		err = b.setUp(namespace, addr)
	}
	if err != nil {
		Disconnect(id) // takes the other end along
	}
	return err
}

// setUp does the part that is inside.
func (b Bridge) setUp(namespace *os.File, addr netip.Addr) error {
	handle, err := handleIn(namespace)
	if err != nil {
		return err
	}
	defer handle.Close()
	if err := loopback(handle); err != nil {
		return err
	}
	eth0, err := handle.LinkByName(inside)
	if err != nil {
		return fmt.Errorf("find %s inside: %w", inside, err)
	}
	address := netip.PrefixFrom(addr, b.Gateway.Bits())
	if err := handle.AddrAdd(eth0, &netlink.Addr{IPNet: ipNet(address)}); err != nil {
		return fmt.Errorf("give %s the address %v: %w", inside, address, err)
	}
	if err := handle.LinkSetUp(eth0); err != nil {
		return fmt.Errorf("turn on %s: %w", inside, err)
	}
	// No destination: the default route.
	route := &netlink.Route{LinkIndex: eth0.Attrs().Index, Gw: b.Gateway.Addr().AsSlice()}
	if err := handle.RouteAdd(route); err != nil {
		return fmt.Errorf("route everything else through %v: %w", b.Gateway.Addr(), err)
	}
	crash.Point("bridge/set-up-network")
	return nil
}

// Loopback turns on the loopback interface in a process's network namespace, and no other: 127.0.0.1 is then all there
// is.
func Loopback(pid int) error {
	namespace, err := openNamespace(pid)
	if err != nil {
		return err
	}
	defer namespace.Close()
	handle, err := handleIn(namespace)
	if err != nil {
		return err
	}
	defer handle.Close()
	return loopback(handle)
}

func loopback(handle *netlink.Handle) error {
	lo, err := handle.LinkByName("lo")
	if err == nil {
		err = handle.LinkSetUp(lo)
	}
	if err != nil {
		return fmt.Errorf("turn on loopback: %w", err)
	}
	return nil
}

// Disconnect removes a container's interfaces, the host's end and with it the other. It is not an error if they are
// gone: when the last process of a namespace ends, the kernel removes them by itself, a little later.
func Disconnect(id string) error {
	if err := checkID(id); err != nil {
		return err
	}
	name := hostEnd(id)
	link, err := netlink.LinkByName(name)
	switch {
	case errors.As(err, new(netlink.LinkNotFoundError)):
		return nil
	case err != nil:
		return fmt.Errorf("find interface %s: %w", name, err)
	case link.Attrs().Group != group:
		return fmt.Errorf("there is an interface %s that Sheep did not make: delete or rename it", name)
	}
	err = netlink.LinkDel(link)
	if err != nil && !errors.Is(err, syscall.ENODEV) {
		return fmt.Errorf("delete interface %s: %w", name, err)
	}
	crash.Point("bridge/delete-veth")
	return nil
}

// openNamespace opens the network namespace of a process, so that it stays even if the process ends.
func openNamespace(pid int) (*os.File, error) {
	namespace, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return nil, fmt.Errorf("open network namespace of process %d: %w", pid, err)
	}
	theirs, err := namespace.Stat()
	if err == nil {
		var own os.FileInfo
		if own, err = os.Stat("/proc/thread-self/ns/net"); err == nil && os.SameFile(own, theirs) {
			err = errors.New("it is the host's")
		}
	}
	if err != nil {
		namespace.Close()
		return nil, fmt.Errorf("network namespace of process %d: %w", pid, err)
	}
	return namespace, nil
}

// handleIn returns a netlink handle that speaks to the kernel about another network
// namespace. A socket belongs for good to the namespace of the thread that makes it, so
// one thread goes there, for this one call.
func handleIn(namespace *os.File) (*netlink.Handle, error) {
	runtime.LockOSThread() // setns(2) moves one thread: no other goroutine may run on it
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("open own network namespace: %w", err)
	}
	defer home.Close()
	if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("enter network namespace: %w", err)
	}
	handle, err := netlink.NewHandle(unix.NETLINK_ROUTE)
	if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back != nil {
		// The thread stays locked to this goroutine and ends with it.
		err = errors.Join(err, fmt.Errorf("return to own network namespace: %w", back))
	} else {
		runtime.UnlockOSThread()
	}
	if err != nil {
		return nil, fmt.Errorf("open netlink socket: %w", err)
	}
	return handle, nil
}

// hardwareAddress makes an Ethernet address out of an IPv4 address: locally administered (the bit 2 of the first byte,
// IEEE 802), unique on the bridge, and the same whenever the address is used again, so that what others remember of it
// (ARP) stays true.
func hardwareAddress(addr netip.Addr) net.HardwareAddr {
	return append(net.HardwareAddr{0x02, 's'}, addr.AsSlice()...)
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

// checkID refuses what cannot be part of an interface's name.
func checkID(id string) error {
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' || c == '/' || c == ':' || c == '%' {
			return fmt.Errorf("an interface cannot be named after the ID %q", id)
		}
	}
	if id == "" {
		return errors.New("an interface cannot be named after an empty ID")
	}
	return nil
}
