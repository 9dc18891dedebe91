package nat

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Port is a port of the host that leads to one of a container.
type Port struct {
	HostIP        netip.Addr `json:"host_ip,omitzero"` // of the host's addresses; zero: all
	HostPort      uint16     `json:"host_port"`
	ContainerPort uint16     `json:"container_port"`
	Protocol      string     `json:"protocol"` // "tcp" or "udp"
}

// ParsePort reads [ip:]host:container[/protocol], such as 8080:80, 127.0.0.1:8080:80 and 53:53/udp.
func ParsePort(text string) (Port, error) {
	port, err := parsePort(text)
	if err != nil {
		return Port{}, fmt.Errorf("%w; it is written [address:]host:container[/udp], as 8080:80", err)
	}
	return port, nil
}

func parsePort(text string) (port Port, err error) {
	var given bool
	text, port.Protocol, given = strings.Cut(text, "/")
	if !given {
		port.Protocol = "tcp"
	}
	parts := strings.Split(text, ":")
	switch {
	case strings.Contains(text, "["):
		return port, errors.New("IPv6 is not supported")
	case len(parts) == 1:
		return port, errors.New("the port of the host is missing, and is not chosen for you")
	case len(parts) > 3:
		return port, errors.New("too many colons")
	case len(parts) == 3:
		if port.HostIP, err = netip.ParseAddr(parts[0]); err != nil {
			return port, fmt.Errorf("%q is not an address", parts[0])
		}
	}
	if port.HostPort, err = parseNumber(parts[len(parts)-2]); err != nil {
		return port, err
	}
	if port.ContainerPort, err = parseNumber(parts[len(parts)-1]); err != nil {
		return port, err
	}
	return port, port.check()
}

func parseNumber(text string) (uint16, error) {
	if strings.Contains(text, "-") {
		return 0, errors.New("ranges of ports are not supported: publish each by itself")
	}
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil || number == 0 || text[0] == '+' {
		return 0, fmt.Errorf("%q is not a number from 1 to 65535", text)
	}
	return uint16(number), nil
}

// check returns an error if a port cannot be published.
func (p Port) check() error {
	switch {
	case p.Protocol != "tcp" && p.Protocol != "udp":
		return fmt.Errorf("the protocol is tcp or udp, not %q", p.Protocol)
	case p.HostIP.IsValid() && !p.HostIP.Is4():
		return errors.New("IPv6 is not supported")
	case p.HostPort == 0 || p.ContainerPort == 0:
		return errors.New("there is no port 0")
	}
	return nil
}

// overlaps reports whether there is a packet that both ports stand for.
func (p Port) overlaps(other Port) bool {
	all := func(addr netip.Addr) bool { return !addr.IsValid() || addr.IsUnspecified() }
	return p.Protocol == other.Protocol && p.HostPort == other.HostPort &&
		(p.HostIP == other.HostIP || all(p.HostIP) || all(other.HostIP))
}

// onHost names the host's side: 8080/tcp, 127.0.0.1:53/udp.
func (p Port) onHost() string {
	text := fmt.Sprintf("%d/%s", p.HostPort, p.Protocol)
	if p.HostIP.IsValid() {
		text = p.HostIP.String() + ":" + text
	}
	return text
}

// String returns what [ParsePort] reads.
func (p Port) String() string {
	text := fmt.Sprintf("%d:%d", p.HostPort, p.ContainerPort)
	if p.HostIP.IsValid() {
		text = p.HostIP.String() + ":" + text
	}
	if p.Protocol != "tcp" {
		text += "/" + p.Protocol
	}
	return text
}
