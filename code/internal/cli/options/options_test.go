//go:build linux

package options

import (
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/flags"
)

func TestMaxSizeTakesTheOtherBoundsOff(t *testing.T) {
	for line, want := range map[string]archive.Limits{
		"":              archive.DefaultLimits,
		"--max-size=1k": {Bytes: 1024},
	} {
		var set flags.Set
		bound := MaxSize(&set)
		if _, err := set.Parse(strings.Fields(line)); err != nil {
			t.Fatal(err)
		}
		store := &image.Store{Limits: archive.DefaultLimits}
		if bound(store); store.Limits != want {
			t.Errorf("%q: %+v", line, store.Limits)
		}
	}
}

func TestQuotaIsAnotherWayToLimitCPUs(t *testing.T) {
	for text, want := range map[string]float64{"50000": 0.5, "250000": 2.5, "0": 0, "-1": 0} {
		var set flags.Set
		var o container.Options
		Container(&set, &o)
		if _, err := set.Parse([]string{"--cpu-quota", text}); err != nil || o.Limits.CPUs != want {
			t.Errorf("--cpu-quota %s is %v CPUs (%v), not %v", text, o.Limits.CPUs, err, want)
		}
	}
	for _, text := range []string{"", "-2", "1.5", "50ms"} {
		var cpus float64
		if err := quota(&cpus, text); err == nil {
			t.Errorf("--cpu-quota %q is %v CPUs", text, cpus)
		}
	}
}
