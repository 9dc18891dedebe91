//go:build linux

package cgroup

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
)

// Limits is what a container may use. A zero stands for no limit.
type Limits struct {
	Memory    int64   `json:"memory,omitempty"`     // bytes, page cache included; swap does not add to them
	CPUs      float64 `json:"cpus,omitempty"`       // CPU time per time: 1.5 is one and a half CPUs
	CPUShares int     `json:"cpu_shares,omitempty"` // a weight against others, 2 to 262144; without, as with 1024
	Pids      int     `json:"pids,omitempty"`       // processes and threads
}

// LimitError is the error for a limit that cannot be, or that this machine cannot give.
type LimitError struct {
	Field  string // which of the Limits, by its JSON key: memory, cpus, cpu_shares or pids
	Value  any    // what was asked for, an int64, a float64 or an int
	Reason string // what it must be instead
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("limit %s=%v: %s", e.Field, e.Value, e.Reason)
}

// Check returns a [LimitError] for limits that cannot be, or that this machine could not even reach.
func (l Limits) Check() error {
	if _, err := l.files(); err != nil {
		return err
	}
	if have := runtime.NumCPU(); l.CPUs > float64(have) {
		return &LimitError{"cpus", l.CPUs, fmt.Sprintf("must be between 0.01 and %d, the CPUs of this machine", have)}
	}
	return nil
}

// Given returns which limits there are, by their JSON keys.
func (l Limits) Given() []string {
	var given []string
	for _, limit := range []struct {
		field string
		given bool
	}{{"memory", l.Memory != 0}, {"cpus", l.CPUs != 0}, {"cpu_shares", l.CPUShares != 0}, {"pids", l.Pids != 0}} {
		if limit.given {
			given = append(given, limit.field)
		}
	}
	return given
}

// setting is what a limit means to the kernel.
type setting struct {
	name, value string
	optional    bool // not every kernel has the file
}

// The range of CPU shares is that of cgroup v1 (kernel/sched/core.c, MIN_SHARES and MAX_SHARES).
const minimumShares, maximumShares = 2, 262144

// notNegative is the reason for refusing a number below 0.
const notNegative = "must not be negative"

// period is how often the quota is refilled, in microseconds: the kernel's default, and Docker's.
const period = 100_000

// files returns what to write where.
func (l Limits) files() ([]setting, error) {
	var files []setting
	switch {
	case l.Memory < 0:
		return nil, &LimitError{"memory", l.Memory, notNegative}
	case l.Memory > 0:
		files = append(files,
			setting{name: "memory.max", value: strconv.FormatInt(l.Memory, 10)},
			// Otherwise the container would swap instead of being killed, and slow down the machine. Only
			// a kernel that can swap has the file.
			setting{name: "memory.swap.max", value: "0", optional: true})
	}
	switch {
	// The kernel takes no quota below a millisecond. This also catches NaN.
	case l.CPUs != 0 && !(l.CPUs >= 0.01 && l.CPUs <= 1<<20):
		return nil, &LimitError{"cpus", l.CPUs, "must be at least 0.01"}
	case l.CPUs > 0:
		quota := int64(math.Round(l.CPUs * period))
		files = append(files, setting{name: "cpu.max", value: fmt.Sprintf("%d %d", quota, period)})
	}
	switch {
	case l.CPUShares != 0 && (l.CPUShares < minimumShares || l.CPUShares > maximumShares):
		return nil, &LimitError{"cpu_shares", l.CPUShares,
			fmt.Sprintf("must be between %d and %d; 1024 is the default", minimumShares, maximumShares)}
	case l.CPUShares > 0:
		files = append(files, setting{name: "cpu.weight", value: strconv.Itoa(weight(l.CPUShares))})
	}
	switch {
	case l.Pids < 0:
		return nil, &LimitError{"pids", l.Pids, notNegative}
	case l.Pids > 0:
		files = append(files, setting{name: "pids.max", value: strconv.Itoa(l.Pids)})
	}
	return files, nil
}

// weight turns CPU shares, cgroup v1's numbers that Docker's users know, into cgroup v2's.
// Shares go from 2 over a default of 1024 to 262144, weights from 1 over 100 to 10000. No
// straight line goes through these three points, and on the one that runtimes used first the
// default became 39, less than what every other group has. So the weight's decimal logarithm,
// 0, 2 and 4, is made a parabola over the binary logarithm of the shares, 1, 10 and 18; it is
// what runc and crun compute today.
func weight(shares int) int {
	l := math.Log2(float64(min(max(shares, minimumShares), maximumShares)))
	exponent := (l*l + 125*l - 126) / 612
	// A tiny bit less, for where exact arithmetic meets a whole number the machine's may exceed it.
	return int(math.Ceil(math.Pow(10, exponent) - 1e-6))
}
