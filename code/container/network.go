//go:build linux

package container

import (
	"net/netip"
	"sync"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
)

// acquireAddress gets the container its address.
func (run *run) acquireAddress() error {
	if run.state.Options.Network != NetworkBridge {
		return nil
	}
	address, err := run.runtime.leases.Acquire(run.state.ID)
	if err != nil {
		return err
	}
	run.state.Address = address.String()
	point(startLease)
	return nil
}

// startGateway begins to make the host the gateway of the bridge, which takes a while and needs nothing of the
// container. It returns a function that waits for that.
func (run *run) startGateway() func() error {
	if run.state.Options.Network != NetworkBridge {
		return func() error { return nil }
	}
	made := make(chan error, 1)
	go func() {
		err := nat.EnableForwarding()
		point(startForwarding)
		if err == nil {
			err = nat.Masquerade(subnet(), bridge.Default.Name)
		}
		point(startMasquerade)
		made <- err
	}()
	return sync.OnceValue(func() error { return <-made })
}

// connectNetwork connects the child's network namespace, in which there is nothing yet.
func (run *run) connectNetwork() error {
	id, options, pid := run.state.ID, run.state.Options, run.child.PID()
	if options.Network == NetworkNone {
		return bridge.Loopback(pid)
	}
	if err := bridge.Default.Ensure(); err != nil {
		return err
	}
	point(startBridge)
	address := parseAddress(run.state.Address)
	if err := bridge.Default.Connect(id, pid, address); err != nil {
		return err
	}
	point(startConnected)
	if err := run.gateway(); err != nil {
		return err
	}
	if len(options.Ports) == 0 {
		return nil
	}
	if err := nat.Publish(id, address, bridge.Default.Name, options.Ports); err != nil {
		return err
	}
	point(startPublished)
	return nil
}

func parseAddress(text string) netip.Addr {
	address, _ := netip.ParseAddr(text)
	return address
}
