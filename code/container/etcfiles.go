//go:build linux

package container

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

// publicResolvers are asked when the host's own are out of a container's reach. They are Docker's choice.
var publicResolvers = []string{"8.8.8.8", "8.8.4.4"}

// writeFiles makes the files that depend on the host and the network and so cannot be the image's. They are the
// container's, bound to their places. Where the user binds
// something in one of their places, that is what the container gets.
func (run *run) writeFiles() ([]rootfs.Bind, error) {
	state := run.state
	dir := run.runtime.directory(state.ID)
	hostname := state.Options.Hostname
	contents := []struct{ name, content string }{
		{"hostname", hostname + "\n"},
		{"hosts", hosts(hostname, state.Address)},
		{"resolv.conf", resolvConf(hostResolvConf())},
	}
	clearLinks(run.runtime.overlay(state.ID, state.Lower).Merged(), "etc/hostname", "etc/hosts", "etc/resolv.conf")
	var binds []rootfs.Bind
	for _, file := range contents {
		name := filepath.Join(dir, file.name)
		// It need not be replaced as a whole: every start writes it again.
		err := os.WriteFile(name, []byte(file.content), 0o644)
		if err == nil {
			err = os.Chmod(name, 0o644) // whatever the umask is
		}
		if err != nil {
			return nil, fmt.Errorf("make /etc/%s: %w", file.name, err)
		}
		own := rootfs.Bind{Source: name, Target: "/etc/" + file.name, Optional: true}
		if !taken(own.Target, state.Options.Binds) {
			binds = append(binds, own)
		}
	}
	return binds, nil
}

// clearLinks removes links that lead nowhere. Images of whole systems have /etc/resolv.conf lead to a file that a
// service makes when it runs.
func clearLinks(root string, names ...string) {
	dir, err := os.OpenRoot(root) // never leaves it, whatever the image made of /etc
	if err != nil {
		return // mounting says why
	}
	defer dir.Close()
	for _, name := range names {
		info, err := dir.Lstat(name)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		if _, err := dir.Stat(name); err != nil {
			dir.Remove(name)
		}
	}
}

// hosts is a container's /etc/hosts.
func hosts(hostname, address string) string {
	text := "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
	if address == "" {
		address = "127.0.1.1"
	}
	return text + address + "\t" + hostname + "\n"
}

// hostResolvConf is the host's resolv.conf. Where systemd-resolved answers on a loopback address, this is the file that
// names the real resolvers (systemd-resolved.service(8), /ETC/RESOLV.CONF).
func hostResolvConf() []byte {
	content, err := os.ReadFile("/etc/resolv.conf")
	if err == nil && bytes.Contains(content, []byte("127.0.0.53")) {
		if real, err := os.ReadFile("/run/systemd/resolve/resolv.conf"); err == nil {
			return real
		}
	}
	return content
}

// resolvConf is a container's resolv.conf: the host's, without the resolvers that cannot be reached from inside. The
// loopback of the container is not that of the host, and it has no IPv6.
func resolvConf(host []byte) string {
	var kept strings.Builder
	resolvers := 0
	for line := range strings.Lines(string(host)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == "nameserver" {
			address, err := netip.ParseAddr(fields[1])
			if err != nil || address.IsLoopback() || address.Is6() || address.IsUnspecified() {
				continue
			}
			resolvers++
		}
		kept.WriteString(strings.TrimRight(line, "\n") + "\n")
	}
	if resolvers == 0 {
		for _, address := range publicResolvers {
			kept.WriteString("nameserver " + address + "\n")
		}
	}
	return kept.String()
}
