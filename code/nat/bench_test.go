//go:build linux

package nat

import (
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testhost"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

// What each start of a container costs: the rules of the bridge are there already.
func BenchmarkMasqueradeAgain(b *testing.B) {
	onHost(b, func() error { return Masquerade(subnet, "sheep0") })
}

func BenchmarkPublishAndUnpublish(b *testing.B) {
	port := []Port{{HostPort: 8080, ContainerPort: 80, Protocol: "tcp"}}
	onHost(b, func() error {
		if err := Publish("one", addressOne, "sheep0", port); err != nil {
			return err
		}
		return Unpublish("one")
	})
}

// onHost measures a function on a host of its own that has a bridge and its rules.
func onHost(b *testing.B, f func() error) {
	testns.Require(b)
	if err := privateRun(); err != nil {
		b.Fatal(err)
	}
	var err error
	testhost.New(b).Do(func() {
		if err = bridge.Default.Ensure(); err == nil {
			err = Masquerade(subnet, "sheep0")
		}
		for err == nil && b.Loop() {
			err = f()
		}
	})
	if err != nil {
		b.Fatal(err)
	}
}
