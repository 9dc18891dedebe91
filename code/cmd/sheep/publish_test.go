//go:build linux

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	osexec "os/exec"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// web runs a web server in a container, published as the flags say.
func (u user) web(flags ...string) {
	u.t.Helper()
	if _, err := osexec.LookPath("iptables"); err != nil {
		u.t.Skip("needs the program iptables, which this machine does not have")
	}
	u.detached(append(flags, "busybox", "sh", "-c",
		"mkdir /www; hostname >/www/index.html; exec httpd -f -p 80 -h /www")...)
}

func get(url string) string {
	response, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return strings.TrimSpace(string(body))
}

func TestPublishedPortLeadsToTheContainer(t *testing.T) {
	u := newUserWithImage(t)
	u.web("--name", "web", "-h", "ewe", "-p", "8080:80", "-p", "127.0.0.1:8081:80")
	for _, port := range []int{8080, 8081} {
		url := fmt.Sprintf("http://127.0.0.1:%d/", port)
		testkit.Eventually(t, url+" answers", func() bool { return get(url) == "ewe" })
	}
	if ps := u.ok("ps"); !strings.Contains(ps, "8080:80") || !strings.Contains(ps, "127.0.0.1:8081:80") {
		t.Errorf("ps does not show the ports:\n%s", ps)
	}
	// The container sees others, and others see it by its address.
	var states []struct{ Address string }
	u.parse(&states, "ps", "--json")
	u.run("--rm", "busybox", "wget", "-qO-", "http://"+states[0].Address).check(t, "from another container",
		"ewe\n", "", 0)
	u.run("--rm", "busybox", "wget", "-qO-", "http://10.20.0.1:8080").check(t, "by the gateway's address",
		"ewe\n", "", 0)

	u.ok("rm", "-f", "web")
	if connection, err := net.Dial("tcp", "127.0.0.1:8080"); err == nil {
		connection.Close()
		t.Error("port 8080 still answers")
	}
	if rules := shell(t, "iptables", "-t", "nat", "-S"); strings.Contains(rules, "8080") {
		t.Errorf("rules are left:\n%s", rules)
	}
}

func TestPublishedPortSurvivesStopAndStart(t *testing.T) {
	u := newUserWithImage(t)
	u.web("--name", "web", "-h", "ewe", "-p", "8082:80")
	for range 2 {
		testkit.Eventually(t, "it answers", func() bool { return get("http://127.0.0.1:8082/") == "ewe" })
		u.ok("stop", "-t", "0", "web")
		if got := get("http://127.0.0.1:8082/"); got == "ewe" {
			t.Error("stopped, it answers")
		}
		u.ok("start", "web")
	}
}

func TestPortInUseNamesTheContainerThatPublishesIt(t *testing.T) {
	u := newUserWithImage(t)
	u.web("--name", "web", "-p", "8084:80")
	want := "sheep: port 8084/tcp of the host is published by container web already: choose another\n"
	for _, detach := range []string{"--detach=false", "--detach"} {
		r := u.run(detach, "--rm", "-p", "8084:81", "busybox", "true")
		if r.check(t, "run "+detach, "", want, 125); r.err != want {
			t.Errorf("it says %q", r.err)
		}
	}
}

func TestPortsAreShownOfContainersThatRun(t *testing.T) {
	u := newUserWithImage(t)
	u.ok("create", "--no-limits", "--name", "web", "-p", "8085:80", "busybox", "true")
	if ps := u.ok("ps", "-a"); !strings.Contains(ps, "web") || strings.Contains(ps, "8085") {
		t.Errorf("ps -a shows a port that leads nowhere:\n%s", ps)
	}
	if got := u.ok("inspect", "web"); !strings.Contains(got, "8085") {
		t.Errorf("inspect does not show it: %s", got)
	}
}
