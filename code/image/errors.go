//go:build linux

package image

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
)

// explain puts what a registry answers into words.
func explain(doing string, ref reference, from *registry.Repository, err error) error {
	var answer *registry.Error
	var operation *net.OpError
	var lookup *net.DNSError
	missing := errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
	switch {
	case missing && doing == "pull":
		return fmt.Errorf("%s %s: the registry has no such image: %w", doing, ref, err)
	case missing && doing == "push":
		return fmt.Errorf("%s %s: the registry has no place for it, which some want made first: %w", doing, ref, err)
	case errors.As(err, &answer) &&
		(answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden):
		return fmt.Errorf("%s %s: the registry does not allow it (passwords are read from ~/.docker/config.json): %w",
			doing, ref, err)
	case (errors.As(err, &lookup) && !lookup.IsNotFound || unreachable(err)) && !leadsOutside():
		return fmt.Errorf("%s %s: %w: %w", doing, ref, ErrNoNetwork, err)
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return fmt.Errorf("%s %s: the name of the registry, %s, is unknown: is it right? %w", doing, ref,
			lookup.Name, err)
	case errors.As(err, &lookup) && !namesResolver(resolvConf):
		return fmt.Errorf("%s %s: the name of the registry, %s, cannot be looked up: %s names no resolver: %w",
			doing, ref, lookup.Name, resolvConf, err)
	case errors.As(err, &lookup):
		return fmt.Errorf("%s %s: the name of the registry, %s, cannot be looked up: is %s, in %s, the right "+
			"resolver? %w", doing, ref, lookup.Name, lookup.Server, resolvConf, err)
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%s %s: the registry at %s speaks plain HTTP: %w", doing, ref, from.Host,
			registry.ErrPlainHTTP)
	case unreachable(err):
		return fmt.Errorf("%s %s: this machine does not reach a registry at %s: %w", doing, ref, from.Host, err)
	case errors.As(err, &operation) && operation.Op == "dial" && operation.Timeout():
		return fmt.Errorf("%s %s: the registry at %s does not answer: %w", doing, ref, from.Host, err)
	case errors.As(err, &operation) && operation.Op == "dial":
		return fmt.Errorf("%s %s: no registry at %s: %w", doing, ref, from.Host, err)
	}
	return fmt.Errorf("%s %s: %w", doing, ref, err)
}

// ErrNoNetwork is the error of [Store.Pull] and [Store.Push] when the machine is connected to nothing.
var ErrNoNetwork = errors.New("there is no network: no route leads out of this machine")

// unreachable reports whether the kernel knows no way to an address.
func unreachable(err error) bool {
	return errors.Is(err, unix.ENETUNREACH) || errors.Is(err, unix.EHOSTUNREACH) || errors.Is(err, unix.ENETDOWN)
}

// leadsOutside reports whether the kernel knows a way to addresses of which it knows nothing in particular. To connect
// a UDP socket it looks for the way, and sends nothing. The addresses are reserved for documentation (RFC 5737, RFC
// 3849). A variable, so that tests do not depend on the network of their machine.
var leadsOutside = func() bool {
	for _, address := range []string{"192.0.2.1:9", "[2001:db8::1]:9"} {
		if connection, err := net.Dial("udp", address); err == nil {
			connection.Close()
			return true
		}
	}
	return false
}

// resolvConf names the resolvers (resolv.conf(5)).
const resolvConf = "/etc/resolv.conf"

// namesResolver reports whether a resolv.conf has a resolver. Without one, it is expected on the machine itself.
func namesResolver(file string) bool {
	content, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "nameserver" {
			return true
		}
	}
	return false
}

// NameError is the error for a text that cannot be the name of an image.
type NameError struct {
	Text, Reason string
	Err          error // may be nil
}

func (e *NameError) Error() string { return fmt.Sprintf("image name %q: %s", e.Text, e.Reason) }

// Unwrap returns what came of it.
func (e *NameError) Unwrap() error { return e.Err }

// NotFoundError is the error of [Store.Find], [Store.Remove] and [Store.Push] when there is no such image.
type NotFoundError struct {
	Ref  string // what was looked for
	Near string // the image that was probably meant; may be empty
}

func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("there is no image %q", e.Ref)
	if e.Near != "" {
		text += "; did you mean " + e.Near + "?"
	}
	return text
}

// EntryError says what in an archive is refused, by name, and why.
type EntryError = archive.EntryError

// DamagedError is the error for an image whose manifest cannot be read. It concerns that image alone.
type DamagedError struct {
	ID   string
	File string
	Err  error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("image %s is damaged: %s: %v", e.ID, e.File, e.Err)
}

// Unwrap returns what is wrong with the file.
func (e *DamagedError) Unwrap() error { return e.Err }

// LeftOutError is the note that device nodes of an image were left out: they were below /dev, where each container gets
// its own.
type LeftOutError struct{ Nodes []string }

func (e *LeftOutError) Error() string {
	if len(e.Nodes) == 1 {
		return fmt.Sprintf("left out the device node %s: each container gets a /dev of its own", e.Nodes[0])
	}
	return fmt.Sprintf("left out %d device nodes, such as %s: each container gets a /dev of its own", len(e.Nodes),
		e.Nodes[0])
}
