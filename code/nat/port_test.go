package nat

import (
	"net/netip"
	"strings"
	"testing"
)

func TestParsePort(t *testing.T) {
	ip := netip.MustParseAddr
	for text, want := range map[string]Port{
		"8080:80":           {HostPort: 8080, ContainerPort: 80, Protocol: "tcp"},
		"8080:80/tcp":       {HostPort: 8080, ContainerPort: 80, Protocol: "tcp"},
		"53:53/udp":         {HostPort: 53, ContainerPort: 53, Protocol: "udp"},
		"127.0.0.1:8080:80": {HostIP: ip("127.0.0.1"), HostPort: 8080, ContainerPort: 80, Protocol: "tcp"},
		"0.0.0.0:1:65535":   {HostIP: ip("0.0.0.0"), HostPort: 1, ContainerPort: 65535, Protocol: "tcp"},
		"10.0.0.1:53:5/udp": {HostIP: ip("10.0.0.1"), HostPort: 53, ContainerPort: 5, Protocol: "udp"},
	} {
		if got, err := ParsePort(text); err != nil || got != want {
			t.Errorf("ParsePort(%q) is %v, %v", text, got, err)
		}
	}
}

func TestParsePortSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "missing",
		"80":                 "the port of the host is missing, and is not chosen for you",
		":80":                `"" is not a number from 1 to 65535`,
		"80:":                `"" is not a number`,
		"0:80":               `"0" is not a number`,
		"80:65536":           `"65536" is not a number`,
		"80:-1":              "ranges",
		"+80:80":             `"+80" is not a number`,
		"http:80":            `"http" is not a number`,
		"8000-8010:80":       "ranges of ports are not supported",
		"80:80/sctp":         `tcp or udp, not "sctp"`,
		"80:80/":             `tcp or udp, not ""`,
		"80:80/TCP":          `tcp or udp, not "TCP"`,
		"localhost:80:80":    `"localhost" is not an address`,
		":80:80":             `"" is not an address`,
		"1.2.3:80:80":        `"1.2.3" is not an address`,
		"[::1]:80:80":        "IPv6 is not supported",
		"::1:80:80":          "too many colons",
		"127.0.0.1:1:2:3":    "too many colons",
		"80 :80":             `"80 " is not a number`,
		"127.0.0.1%lo:80:80": "is not an address",
	} {
		_, err := ParsePort(text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "as 8080:80") {
			t.Errorf("ParsePort(%q) fails with %v, want %s", text, err, want)
		}
	}
}

func FuzzParsePort(f *testing.F) {
	for _, text := range []string{"8080:80", "127.0.0.1:53:53/udp", "80", "[::1]:80:80", "1-2:3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		port, err := ParsePort(text)
		if err != nil {
			return
		}
		if again, err := ParsePort(port.String()); err != nil || again != port {
			t.Errorf("ParsePort(%q) is %v, which is read as %v, %v", text, port, again, err)
		}
	})
}
