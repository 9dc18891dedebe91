//go:build linux

package nat

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestUnpublishRemovesExactlyItsOwnRules(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.iptables(t, "-t nat -A PREROUTING -p tcp --dport 80 -m comment --comment sheep:one2 -j DNAT --to "+
			"192.0.2.1:80")
		w.iptables(t, "-t nat -A PREROUTING -p tcp --dport 81 -m comment --comment on -j DNAT --to 192.0.2.1:80")
		w.iptables(t, "-A FORWARD -m comment --comment goat:one -j ACCEPT")
		w.iptables(t, "-A INPUT -p tcp --dport 8080 -j ACCEPT")
		w.publish(t, "two", addressTwo, "9090:80")
		w.one.Serve(t, "tcp4", ":80", "one")
		before := w.saved(t)
		w.publish(t, "one", addressOne, "8080:80", "8053:53/udp", "127.0.0.1:8081:81")
		if got := len(w.saved(t)) - len(before); got != 5 { // two each, and one for loopback
			t.Errorf("%d rules are new, want 5", got)
		}
		if got := w.outside.Ask("tcp4", "203.0.113.1:8080"); got != "one saw 203.0.113.2" {
			t.Error(got)
		}
		for range 2 {
			w.on(t, func() error { return Unpublish("one") })
		}
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were\n%s\nand are\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
		}
		if !unanswered(w.outside, "tcp4", "203.0.113.1:8080") {
			t.Error("the port is still reached")
		}
	})
}

func TestRulesTellWhoseTheyAre(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.publish(t, "two", addressTwo, "9090:80", "9091:81")
		w.publish(t, "one", addressOne, "8080:80")
		rules := strings.Join(w.saved(t), "\n")
		for id, want := range map[string]int{"one": 2, "two": 4} { // two for each port
			if got := strings.Count(rules, `"sheep:`+id+`"`); got != want {
				t.Errorf("%d rules are of %s, not %d:\n%s", got, id, want, rules)
			}
		}
	})
}

func TestPublishReplacesWhatTheSameContainerHad(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.two.Serve(t, "tcp4", ":80", "two")
		w.publish(t, "ewe", addressOne, "8080:80", "8081:81")
		w.publish(t, "ewe", addressTwo, "8080:80")
		before := w.saved(t)
		w.publish(t, "ewe", addressTwo, "8080:80")
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
		if got := w.outside.Ask("tcp4", "203.0.113.1:8080"); got != "two saw 203.0.113.2" {
			t.Error(got)
		}
		if text := strings.Join(before, "\n"); strings.Contains(text, "10.20.0.2:") || strings.Contains(text, "8081") {
			t.Errorf("old rules are left:\n%s", text)
		}
	})
}

func TestPortThatIsTakenIsRefused(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.publish(t, "one", addressOne, "8080:80", "203.0.113.1:8053:53/udp")
		w.host.Serve(t, "tcp4", "127.0.0.1:22", "the host's own")
		before := w.saved(t)
		for ports, want := range map[string]string{
			"8080:81": "port 8080/tcp of the host is published by container one already: choose " +
				"another",
			"127.0.0.1:8080:81":  "port 127.0.0.1:8080/tcp of the host is published by container one",
			"7000:1 8053:53/udp": "published by container one",
			"22:22": "port 22/tcp of the host is not free: listen tcp4 0.0.0.0:22: bind: address " +
				"already",
			"192.0.2.7:8000:80":        "cannot assign requested address",
			"7000:1 127.0.0.1:7000:80": "7000:1 and 127.0.0.1:7000:80 are the same port of the host",
		} {
			var err error
			w.host.Do(func() { err = w.tryPublish("two", addressTwo, strings.Fields(ports)...) })
			if err == nil || !strings.Contains(err.Error(), want) ||
				!strings.Contains(err.Error(), "publish ports of two") {
				t.Errorf("%s: error is %v, want %s", ports, err, want)
			}
		}
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
		w.publish(t, "two", addressTwo, "8080:80/udp", "127.0.0.1:8053:53/udp", "8053:53")
	})
}

// atOnce starts the test binary many times on the host, lets all go together, and waits.
func (w world) atOnce(t *testing.T, role func(i int) []string) {
	t.Helper()
	start, gate, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer start.Close()
	var commands []*exec.Cmd
	for i := range 20 {
		cmd := exec.Command("/proc/self/exe", role(i)...)
		cmd.Stdin, cmd.Stderr = start, os.Stderr
		w.on(t, cmd.Start)
		commands = append(commands, cmd)
	}
	gate.Close()
	for i, cmd := range commands {
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v", role(i), err)
		}
	}
}

func TestRulesAreAddedOnceByTwentyProcesses(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		before := w.saved(t)
		if len(before) != len(gateway(subnet, "sheep0")) {
			t.Fatalf("there are %d rules: %v", len(before), before)
		}
		for _, flush := range []string{"filter", "nat"} {
			w.iptables(t, "-t "+flush+" -F")
		}
		w.atOnce(t, func(int) []string { return []string{"masquerade"} })
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
	})
}

func TestTwentyProcessesPublishAndUnpublish(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		before := w.saved(t)
		w.atOnce(t, func(i int) []string {
			return []string{"publish", fmt.Sprint("ewe", i), fmt.Sprintf("%d:80", 8000+i)}
		})
		if got := len(w.saved(t)) - len(before); got != 40 {
			t.Errorf("%d rules are new, want 40", got)
		}
		w.atOnce(t, func(i int) []string { return []string{"unpublish", fmt.Sprint("ewe", i)} })
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
	})
}

func TestRulesOfTwoBridgesLiveSideBySide(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		before := w.saved(t)
		other := netip.MustParsePrefix("10.30.0.1/24")
		w.on(t, func() error { return Masquerade(other, "goat0") })
		if got := len(w.saved(t)); got != 2*len(before) {
			t.Errorf("%d rules, want %d", got, 2*len(before))
		}
		w.on(t, func() error { return errors.Join(Masquerade(subnet, "sheep0"), Masquerade(other, "goat0")) })
		if got := len(w.saved(t)); got != 2*len(before) {
			t.Errorf("after asking again %d rules, want %d", got, 2*len(before))
		}
	})
}

func TestDoubledRulesBecomeOne(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		before := w.saved(t)
		w.iptables(t, "-t nat -A POSTROUTING -s 10.20.0.0/16 ! -o sheep0 -m comment --comment sheep -j MASQUERADE")
		w.on(t, func() error { return Masquerade(subnet, "sheep0") })
		if after := w.saved(t); !slices.Equal(before, after) {
			t.Errorf("rules were %v, are %v", before, after)
		}
	})
}

func TestWantedRulesReadAsIptablesSavesThem(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.publish(t, "o.n-e_1", addressOne, "8080:80", "203.0.113.1:53:53/udp", "127.0.0.1:81:80")
		want := gateway(subnet, "sheep0")
		for _, text := range []string{"8080:80", "203.0.113.1:53:53/udp", "127.0.0.1:81:80"} {
			port, _ := ParsePort(text)
			rules := port.rules("o.n-e_1", addressOne)
			want = append(want, rules...)
			if got := rules[0].port(); got != port {
				t.Errorf("%s is read back as %v", text, got)
			}
		}
		// If iptables-save spelled them otherwise, each call would replace them.
		w.on(t, func() error {
			present, err := list()
			if err == nil && !same(present, want) {
				err = fmt.Errorf("%v\nnot\n%v", present, want)
			}
			return err
		})
	})
}

func TestPublishNeedsAMasqueradedBridge(t *testing.T) {
	withEach(t, func(t *testing.T) {
		w := newWorld(t)
		w.iptables(t, "-F INPUT")
		var err error
		w.host.Do(func() { err = w.tryPublish("one", addressOne, "8080:80") })
		if err == nil || !strings.Contains(err.Error(), "bridge sheep0 is not masqueraded") {
			t.Errorf("Publish: %v", err)
		}
	})
}

func TestNothingOutOfAnIDGetsIntoARule(t *testing.T) {
	for _, id := range []string{"", "a b", `a"b`, "a\nCOMMIT", "-j", "a;b", strings.Repeat("a", 300)} {
		port := []Port{{HostPort: 1, ContainerPort: 1, Protocol: "tcp"}}
		if err := Publish(id, addressOne, "sheep0", port); err == nil ||
			!strings.Contains(err.Error(), "publish ports of") {
			t.Errorf("Publish(%q): %v", id, err)
		}
		if err := Unpublish(id); err == nil || !strings.Contains(err.Error(), "unpublish ports of") {
			t.Errorf("Unpublish(%q): %v", id, err)
		}
		if err := Masquerade(subnet, id); err == nil || !strings.Contains(err.Error(), "masquerade") {
			t.Errorf("Masquerade(%q): %v", id, err)
		}
	}
	port := []Port{{HostPort: 1, ContainerPort: 1, Protocol: "tcp -j"}}
	if err := Publish("one", addressOne, "sheep0", port); err == nil {
		t.Error("Publish takes any protocol")
	}
	if err := Publish("one", netip.MustParseAddr("::1"), "sheep0", nil); err == nil {
		t.Error("Publish takes an IPv6 address")
	}
	if err := Masquerade(netip.MustParsePrefix("2001:db8::/64"), "sheep0"); err == nil {
		t.Error("Masquerade takes an IPv6 subnet")
	}
}

func TestMissingProgramIsNamed(t *testing.T) {
	_, err := run("", "iptables-of-sheep")
	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "iptables-of-sheep is not installed") {
		t.Errorf("run: %v", err)
	}
}

func TestTableThatIptablesCannotReadIsAnError(t *testing.T) {
	_, err := parse("# Generated by iptables-save v1.8.9 (nf_tables)\n# Table `nat' is incompatible, use 'nft' " +
		"tool.\n\n")
	if err == nil || !strings.Contains(err.Error(), "Table `nat' is incompatible, use 'nft' tool.") {
		t.Errorf("parse: %v", err)
	}
}

func TestSplitReadsQuotesAsIptablesWritesThem(t *testing.T) {
	for line, want := range map[string][]string{
		`-s 10.20.0.0/16 ! -o sheep0`:       {"-s", "10.20.0.0/16", "!", "-o", "sheep0"},
		`--comment "sheep:one" -j DNAT`:     {"--comment", "sheep:one", "-j", "DNAT"},
		`--comment "a \"b\" \\ c" -j X`:     {"--comment", `a "b" \ c`, "-j", "X"},
		`--comment "" -j X`:                 {"--comment", "", "-j", "X"},
		`  two   blanks `:                   {"two", "blanks"},
		``:                                  nil,
		`--log-prefix "sheep: --comment x"`: {"--log-prefix", "sheep: --comment x"},
	} {
		if got := split(line); !slices.Equal(got, want) {
			t.Errorf("split(%s) is %q", line, got)
		}
	}
}
