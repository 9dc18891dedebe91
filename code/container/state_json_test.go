//go:build linux

package container

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/nat"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/rootfs"
)

func TestKeysOfTheStateAreInSnakeCase(t *testing.T) {
	address := netip.MustParseAddr("127.0.0.1")
	before := State{StartedAt: time.Now().UTC(), FinishedAt: time.Now().UTC(), Options: Options{
		Limits: cgroup.Limits{Memory: 1, CPUs: 2, CPUShares: 3, Pids: 4},
		Ports:  []nat.Port{{HostIP: address, HostPort: 1, ContainerPort: 2, Protocol: "udp"}, {HostPort: 3}},
		Binds:  []rootfs.Bind{{Source: "/a", Target: "/b", ReadOnly: true}},
	}}
	text, err := json.Marshal(before)
	testkit.Must(t, err)
	for _, key := range regexp.MustCompile(`"([^"]*)":`).FindAllSubmatch(text, -1) {
		if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).Match(key[1]) {
			t.Errorf("key %s", key[1])
		}
	}
	var after State
	testkit.Must(t, json.Unmarshal(text, &after))
	if !reflect.DeepEqual(after, before) {
		t.Errorf("%+v became %+v", before, after)
	}
}
