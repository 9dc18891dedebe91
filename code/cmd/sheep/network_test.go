//go:build linux

package main

import (
	"io"
	"net"
	osexec "os/exec"
	"strings"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
)

func TestContainersPingEachOtherTheGatewayAndTheOutside(t *testing.T) {
	u := newUserWithImage(t)
	if _, err := osexec.LookPath("iptables"); err != nil {
		t.Skip("needs the program iptables, which this machine does not have")
	}
	// 203.0.113.0/24 is reserved for documentation (RFC 5737): here it stands for the Internet. It has no way back to
	// the containers' addresses, so who is answered was seen with the host's.
	outside := testhost.New(t)
	testkit.Must(t, outside.Cable("uplink", "203.0.113.1/24", "203.0.113.2/24"))
	t.Cleanup(func() { osexec.Command("ip", "link", "delete", "uplink").Run() })
	outside.Serve(t, "tcp4", "203.0.113.2:80", "outside")

	u.detached("--name", "one", "busybox", "sleep", "1000")
	u.web("--name", "two", "-h", "two", "-p", "8084:80")
	addresses := map[string]string{}
	var states []struct{ Name, Address string }
	u.parse(&states, "ps", "--json")
	for _, state := range states {
		addresses[state.Name] = state.Address
	}
	for from, to := range map[string][]string{
		"one": {addresses["two"], "10.20.0.1", "203.0.113.2", "127.0.0.1"},
		"two": {addresses["one"], "10.20.0.1", "203.0.113.2"},
	} {
		for _, address := range to {
			if r := u.sheep("exec", from, "ping", "-c1", "-W10", address); r.code != 0 {
				t.Errorf("%s does not reach %s: %s%s", from, address, r.out, r.err)
			}
		}
	}
	if err := testhost.Ping(addresses["one"], testhost.Patience); err != nil {
		t.Errorf("the host does not reach one: %v", err)
	}
	u.sheep("exec", "one", "timeout", "20", "nc", "203.0.113.2", "80").check(t, "TCP to the outside",
		"outside saw 203.0.113.1", "", 0)

	// And from the outside, by the published port alone.
	// Not net/http, which dials in a thread of its choice: the socket is to be the outside's.
	request := func(address string) (answer string) {
		outside.Do(func() {
			connection, err := net.DialTimeout("tcp4", address, time.Second)
			if err != nil {
				return
			}
			defer connection.Close()
			connection.SetDeadline(time.Now().Add(testhost.Patience))
			connection.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
			content, _ := io.ReadAll(connection)
			answer = string(content)
		})
		return answer
	}
	testkit.Eventually(t, "the published port answers", func() bool {
		return strings.HasSuffix(request("203.0.113.1:8084"), "\r\n\r\ntwo\n")
	})
	var err error
	outside.Do(func() {
		err = osexec.Command("ip", "route", "add", "10.20.0.0/16", "via", "203.0.113.1").Run()
	})
	testkit.Must(t, err)
	if answer := request(addresses["two"] + ":80"); answer != "" {
		t.Errorf("a host with a route reaches ports that are not published: %q", answer)
	}
}
