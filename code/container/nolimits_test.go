//go:build linux

package container

import (
	"context"
	"errors"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
)

func TestWithoutCgroupsLimitsMustBeTurnedOff(t *testing.T) {
	w := newWorld(t)
	if !noLimits() {
		t.Skip("this machine has cgroup v2")
	}
	o := options("true")
	o.NoLimits = false
	if _, err := w.Create(context.Background(), o); !errors.Is(err, cgroup.ErrUnavailable) {
		t.Errorf("Create gives %v", err)
	}
}
