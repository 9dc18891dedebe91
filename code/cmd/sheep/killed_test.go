//go:build crashtest && linux && !vm

// A command is killed at a point where a user would notice. Run it with: go test -tags crashtest ./cmd/sheep

package main

import (
	"regexp"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
)

// As with docker, which has created a container when its client goes: it is there, and nobody but the user removes it.
func TestContainerOfAKilledRunIsListedAndCanBeRemoved(t *testing.T) {
	u := newUserWithImage(t)
	for _, remove := range []string{"name", "id"} {
		t.Setenv(crash.Variable, "container/create/saved")
		if r := u.run("-d", "busybox", "sleep", "1000"); r.code != -1 || r.out != "" {
			t.Fatalf("it was not killed: %+v", r)
		}
		t.Setenv(crash.Variable, "")
		u.sheep("ps", "-q").check(t, "ps", "", "", 0)
		found := regexp.MustCompile(`(?m)^(?P<id>[0-9a-f]{12}) +(?P<name>\w+) +busybox:latest +sleep 1000 +Created *$`)
		match := found.FindStringSubmatch(u.ok("ps", "-a"))
		if match == nil {
			t.Fatalf("ps -a shows\n%s", u.ok("ps", "-a"))
		}
		ref := match[found.SubexpIndex(remove)]
		u.sheep("rm", ref).check(t, "rm", ref+"\n", "", 0)
		u.sheep("ps", "-aq").check(t, "ps -aq", "", "", 0)
	}
}
