//go:build linux

package options

import (
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/cli/flags"
)

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
