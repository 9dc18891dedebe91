//go:build linux

package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/durable"
)

// Leases is which container has which address of a subnet. They are kept in a file, which any number of processes
// may use at once, and any of them may be killed at any time.
type Leases struct {
	file   string
	subnet netip.Prefix
}

// ErrExhausted is the error when all addresses of the subnet are taken.
var ErrExhausted = errors.New("no address is free")

// table is the content of the file.
type table struct {
	Subnet netip.Prefix          `json:"subnet"`
	Last   netip.Addr            `json:"last"` // the one most recently handed out
	Leases map[string]netip.Addr `json:"leases"`
}

// OpenLeases returns the leases in a file, which need not exist. If the subnet is given with an address in it
// (10.20.0.1/16), that one is never handed out, nor is the first, which is the gateway's.
func OpenLeases(file string, subnet netip.Prefix) *Leases {
	return &Leases{file: file, subnet: subnet}
}

// Acquire returns the address of a container, which keeps it until [Leases.Release]. A
// container that has none yet gets the next after the one last handed out, so that the
// address of one that is gone stays unused for as long as possible: others may still be
// sending to it. If none is free, it is [ErrExhausted].
func (l *Leases) Acquire(id string) (netip.Addr, error) {
	var addr netip.Addr
	err := l.change(func(t *table) (changed bool, err error) {
		var known bool
		if addr, known = t.Leases[id]; known {
			return false, nil
		}
		if addr, err = l.free(t); err != nil {
			return false, err
		}
		t.Leases[id], t.Last = addr, addr
		return true, nil
	})
	if err != nil {
		return netip.Addr{}, fmt.Errorf("acquire address for %.12s: %w", id, err)
	}
	return addr, nil
}

// free returns the first address after t.Last that no container has, beginning again at the end of the subnet.
func (l *Leases) free(t *table) (netip.Addr, error) {
	taken := make(map[netip.Addr]bool, len(t.Leases))
	for _, addr := range t.Leases {
		taken[addr] = true
	}
	start := t.Last
	if !l.subnet.Contains(start) {
		start = l.subnet.Masked().Addr()
	}
	for addr := start; ; {
		if addr = addr.Next(); !l.subnet.Contains(addr) {
			addr = l.subnet.Masked().Addr()
		}
		if !taken[addr] && l.usable(addr) {
			return addr, nil
		}
		if addr == start {
			return netip.Addr{}, fmt.Errorf("%w in %v: %d containers have one",
				ErrExhausted, l.subnet.Masked(), len(t.Leases))
		}
	}
}

// usable reports whether an address may be a container's. The first of a subnet is its name, the last is all of it
// (broadcast, RFC 922), the second is the gateway's.
func (l *Leases) usable(addr netip.Addr) bool {
	network := l.subnet.Masked().Addr()
	return l.subnet.Contains(addr) && addr != network && addr != network.Next() && addr != l.subnet.Addr() &&
		l.subnet.Contains(addr.Next())
}

// Release takes the address of a container back. It is not an error if it has none.
func (l *Leases) Release(id string) error {
	err := l.change(func(t *table) (bool, error) {
		_, known := t.Leases[id]
		delete(t.Leases, id)
		return known, nil
	})
	if err != nil {
		return fmt.Errorf("release address of %.12s: %w", id, err)
	}
	return nil
}

// All returns the address of each container that has one.
func (l *Leases) All() (map[string]netip.Addr, error) {
	t, err := l.read() // without a lock: the file is never anything but whole
	if err != nil {
		return nil, err
	}
	return t.Leases, nil
}

// change applies a change to the leases while no other process can.
func (l *Leases) change(apply func(*table) (changed bool, err error)) error {
	if err := os.MkdirAll(filepath.Dir(l.file), 0o700); err != nil {
		return err
	}
	// Not the file itself: each change puts another in its place.
	lock, err := durable.LockFile(l.file + ".lock")
	if err != nil {
		return err
	}
	defer lock.Close()
	t, err := l.read()
	if err != nil {
		return err
	}
	changed, err := apply(t)
	if err != nil || !changed {
		return err
	}
	return l.write(t)
}

// write replaces the file: whichever process is killed, and whenever the power fails, it has
// the old content or the new.
func (l *Leases) write(t *table) error {
	content, err := json.MarshalIndent(t, "", "\t")
	if err != nil {
		return err
	}
	return durable.Replace(l.file, append(content, '\n'))
}

// read returns the content of the file. Without a file, no container has an address.
func (l *Leases) read() (*table, error) {
	if !l.subnet.Addr().Is4() {
		return nil, fmt.Errorf("leases of %v: not an IPv4 subnet", l.subnet)
	}
	t := &table{}
	content, err := os.ReadFile(l.file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Subnet, t.Leases = l.subnet.Masked(), map[string]netip.Addr{}
		return t, nil
	}
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(t)
	if err == nil && decoder.More() {
		err = errors.New("more than one value")
	}
	if err == nil {
		err = l.check(t)
	}
	if err != nil {
		return nil, fmt.Errorf("leases of addresses in %s are damaged (%w): stop all containers, delete the file, "+
			"and start them again", l.file, err)
	}
	return t, nil
}

// check returns what is wrong with the content of the file.
func (l *Leases) check(t *table) error {
	if t.Subnet != l.subnet.Masked() {
		return fmt.Errorf("they are for the subnet %v, not %v", t.Subnet, l.subnet.Masked())
	}
	if t.Leases == nil {
		return errors.New("the list is missing")
	}
	holders := map[netip.Addr]string{}
	for id, addr := range t.Leases {
		if !l.usable(addr) {
			return fmt.Errorf("%.12s has %v, which no container can have", id, addr)
		}
		if other, taken := holders[addr]; taken {
			return fmt.Errorf("%.12s and %.12s both have %v", min(id, other), max(id, other), addr)
		}
		holders[addr] = id
	}
	return nil
}
