//go:build linux

// Package testhost makes hosts for tests of networks: each is a thread in a network namespace of its own.
//
// A socket belongs to the namespace of the thread that makes it, so a function that a [Host] runs reaches what that
// host reaches. Its PID is the thread's ID, which the kernel takes wherever it takes a process's. The namespace goes
// with the thread when the test ends.
package testhost

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/namespace"
)

// Patience is how long a host waits for an answer that should come.
const Patience = 10 * time.Second

// Host is a network namespace, and a thread in it.
type Host struct {
	PID    int
	thread *namespace.Thread
}

// New makes a host, which lives until the test ends. It has no interface but a loopback that is off.
func New(t testing.TB) *Host {
	t.Helper()
	h := &Host{thread: namespace.NewThread(namespace.Network)}
	t.Cleanup(h.thread.End)
	err := h.thread.Do(func() error {
		h.PID = unix.Gettid()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Do runs a function on the host. It must not end the test (Fatal, Skip).
func (h *Host) Do(f func()) {
	h.thread.Do(func() error {
		f()
		return nil
	})
}

// Cable connects the caller's namespace with a host: an interface here, with an address, and eth0 there, with another.
func (h *Host) Cable(name string, here, there string) error {
	attributes := netlink.NewLinkAttrs()
	attributes.Name = name
	veth := netlink.NewVeth(attributes)
	veth.PeerName, veth.PeerNamespace = "eth0", netlink.NsPid(h.PID)
	if err := netlink.LinkAdd(veth); err != nil {
		return fmt.Errorf("make interface %s: %w", name, err)
	}
	err := turnOn(name, here)
	h.Do(func() { err = errors.Join(err, TurnOnLoopback(), turnOn("eth0", there)) })
	return err
}

func turnOn(name, address string) error {
	link, err := netlink.LinkByName(name)
	if err == nil && address != "" {
		var parsed *netlink.Addr
		if parsed, err = netlink.ParseAddr(address); err == nil {
			err = netlink.AddrAdd(link, parsed)
		}
	}
	if err == nil {
		err = netlink.LinkSetUp(link)
	}
	if err != nil {
		return fmt.Errorf("turn on interface %s: %w", name, err)
	}
	return nil
}

// TurnOnLoopback gives the caller's namespace 127.0.0.1.
func TurnOnLoopback() error { return turnOn("lo", "") }

// Serve answers everybody who asks the host over "tcp4" or "udp4", until the test ends: with a name, and the IP
// address that the question came from.
func (h *Host) Serve(t testing.TB, network, address, name string) {
	t.Helper()
	var err error
	h.Do(func() { err = serve(t, network, address, name) })
	if err != nil {
		t.Fatalf("serve on %s: %v", address, err)
	}
}

func serve(t testing.TB, network, address, name string) error {
	answer := func(from net.Addr) []byte {
		return []byte(name + " saw " + netip.MustParseAddrPort(from.String()).Addr().String())
	}
	if strings.HasPrefix(network, "udp") {
		socket, err := net.ListenPacket(network, address)
		if err != nil {
			return err
		}
		t.Cleanup(func() { socket.Close() })
		go func() {
			buffer := make([]byte, 1500)
			for {
				_, from, err := socket.ReadFrom(buffer)
				if err != nil {
					return
				}
				socket.WriteTo(answer(from), from)
			}
		}()
		return nil
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			connection.Write(answer(connection.RemoteAddr()))
			connection.Close()
		}
	}()
	return nil
}

// Ask asks a server from the host and returns its answer, or what went wrong.
func (h *Host) Ask(network, address string) (answer string) {
	h.Do(func() { answer = Ask(network, address, Patience) })
	return answer
}

// Ask asks a server from the caller's namespace and returns its answer, or what went wrong.
func Ask(network, address string, patience time.Duration) string {
	connection, err := net.DialTimeout(network, address, patience)
	if err != nil {
		return err.Error()
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(patience))
	if strings.HasPrefix(network, "udp") {
		connection.Write([]byte("?"))
		buffer := make([]byte, 1500)
		n, err := connection.Read(buffer)
		if err != nil {
			return err.Error()
		}
		return string(buffer[:n])
	}
	answer, err := io.ReadAll(connection)
	if err != nil {
		return err.Error()
	}
	return string(answer)
}

// Ping sends an ICMP echo request from the host and waits for the reply.
func (h *Host) Ping(to string) (err error) {
	h.Do(func() { err = Ping(to, Patience) })
	return err
}

// Ping sends an ICMP echo request (RFC 792) from the caller's namespace and waits for the reply.
func Ping(to string, patience time.Duration) error {
	connection, err := net.ListenPacket("ip4:icmp", "0.0.0.0")
	if err != nil {
		return err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(patience))
	const request, reply = 8, 0
	id := uint16(os.Getpid())
	message := binary.BigEndian.AppendUint16([]byte{request, 0, 0, 0}, id)
	message = append(message, 0, 1, 'b', 'a', 'a', 0)
	binary.BigEndian.PutUint16(message[2:], checksum(message))
	destination := &net.IPAddr{IP: net.ParseIP(to)}
	if _, err := connection.WriteTo(message, destination); err != nil {
		return err
	}
	buffer := make([]byte, 1500)
	for {
		n, from, err := connection.ReadFrom(buffer) // without the IP header
		if err != nil {
			return err
		}
		if n >= 8 && from.String() == to && buffer[0] == reply && binary.BigEndian.Uint16(buffer[4:]) == id {
			return nil
		}
	}
}

// checksum is that of RFC 1071, of a message of even length.
func checksum(message []byte) uint16 {
	var sum uint32
	for i := 0; i < len(message); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(message[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}
