//go:build linux

package machine

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestEachKindOfNamespaceHidesItsThing makes a namespace of each of the eight kinds of namespaces(7) and sees its
// effect, inside and outside.
func TestEachKindOfNamespaceHidesItsThing(t *testing.T) {
	needs(t, "unshare")
	for _, kind := range []struct {
		name, options string
		// inside prints want in the new namespace.
		inside, want string
		// outside, run afterwards where the test runs, must not print want.
		outside string
	}{
		{"cgroup", "--cgroup", "cut -d: -f3- /proc/self/cgroup | sort -u", "/", ""},
		// cspell:ignore msgmax
		{"ipc", "--ipc", "echo 4242 >/proc/sys/kernel/msgmax; cat /proc/sys/kernel/msgmax", "4242",
			"cat /proc/sys/kernel/msgmax"},
		{"mnt", "--mount", "mount -t tmpfs sheep /tmp && grep -c '^sheep /tmp ' /proc/self/mounts", "1",
			"grep -c '^sheep /tmp ' /proc/self/mounts || :"},
		{"net", "--net", "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '", "lo", ""},
		{"pid", "--pid --fork", "echo $$", "1", "echo $$"},
		{"time", "--time --fork --boottime 10000000",
			"read seconds rest </proc/uptime; [ ${seconds%.*} -ge 10000000 ] && echo later", "later",
			"read seconds rest </proc/uptime; [ ${seconds%.*} -ge 10000000 ] && echo later || :"},
		{"user", "--user --map-user=1234", "id -u", "1234", "id -u"},
		{"uts", "--uts", "hostname lamb; uname -n", "lamb", "uname -n"},
	} {
		t.Run(kind.name, func(t *testing.T) {
			if _, err := os.Stat("/proc/self/ns/" + kind.name); err != nil {
				t.Fatalf("the kernel has no %s namespaces: %v", kind.name, err)
			}
			before, err := os.Readlink("/proc/self/ns/" + kind.name)
			if err != nil {
				t.Fatal(err)
			}
			script := fmt.Sprintf("%s\nreadlink /proc/self/ns/%s", kind.inside, kind.name)
			got := shell(t, fmt.Sprintf("unshare %s sh -ec %s", kind.options, quote(script)))
			printed, link, _ := cutLast(got)
			if printed != kind.want {
				t.Errorf("inside: got %q, want %q", printed, kind.want)
			}
			if link == before {
				t.Errorf("inside and outside are the same namespace, %s", link)
			}
			if kind.outside != "" {
				if got := shell(t, kind.outside); got == kind.want {
					t.Errorf("outside: got %q, the same as inside", got)
				}
			}
		})
	}
}

// quote makes a script one word of a shell.
func quote(script string) string {
	return "'" + strings.ReplaceAll(script, "'", `'\''`) + "'"
}

// cutLast cuts a text before its last line.
func cutLast(text string) (before, last string, found bool) {
	at := strings.LastIndexByte(text, '\n')
	if at < 0 {
		return "", text, false
	}
	return text[:at], text[at+1:], true
}
