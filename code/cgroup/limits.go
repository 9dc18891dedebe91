//go:build linux

package cgroup

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
)

// Limits is what a container may use. A zero is no limit.
type Limits struct {
	Memory    int64   `json:"memory,omitempty"`     // bytes, page cache included; swap does not add to them
	CPUs      float64 `json:"cpus,omitempty"`       // CPU time per time: 1.5 is one and a half CPUs
	CPUShares int     `json:"cpu_shares,omitempty"` // a weight against others, 2 to 262144; without, as with 1024
	Pids      int     `json:"pids,omitempty"`       // processes and threads
}

// Check refuses limits that cannot be, or that this machine could not even reach. It names them as the command line does.
func (l Limits) Check() error {
	if _, err := l.files(); err != nil {
		return err
	}
	if have := runtime.NumCPU(); l.CPUs > float64(have) {
		return fmt.Errorf("--cpus %v: it is from 0.01 to %d, for this machine has no more", l.CPUs, have)
	}
	return nil
}

// setting is what a limit means to the kernel.
type setting struct {
	name, value string
	optional    bool // not every kernel has the file
}

// The range of CPU shares is that of cgroup v1 (kernel/sched/core.c, MIN_SHARES and MAX_SHARES).
const minimumShares, maximumShares = 2, 262144

// period is how often the quota is refilled, in microseconds: the kernel's default, and Docker's.
const period = 100_000

// files returns what to write where.
func (l Limits) files() ([]setting, error) {
	var files []setting
	switch {
	case l.Memory < 0:
		return nil, fmt.Errorf("--memory %d: it is less than none", l.Memory)
	case l.Memory > 0:
		files = append(files,
			setting{name: "memory.max", value: strconv.FormatInt(l.Memory, 10)},
			// Else the container would not be killed at its limit, but slow down the machine. Only a
			// kernel that can swap has the file.
			setting{name: "memory.swap.max", value: "0", optional: true})
	}
	switch {
	// The kernel takes no quota below a millisecond. This also catches what is no number.
	case l.CPUs != 0 && !(l.CPUs >= 0.01 && l.CPUs <= 1<<20):
		return nil, fmt.Errorf("--cpus %v: the least is 0.01", l.CPUs)
	case l.CPUs > 0:
		quota := int64(math.Round(l.CPUs * period))
		files = append(files, setting{name: "cpu.max", value: fmt.Sprintf("%d %d", quota, period)})
	}
	switch {
	case l.CPUShares != 0 && (l.CPUShares < minimumShares || l.CPUShares > maximumShares):
		return nil, fmt.Errorf("--cpu-shares %d: it is from %d to %d, and 1024 is usual",
			l.CPUShares, minimumShares, maximumShares)
	case l.CPUShares > 0:
		files = append(files, setting{name: "cpu.weight", value: strconv.Itoa(weight(l.CPUShares))})
	}
	switch {
	case l.Pids < 0:
		return nil, fmt.Errorf("--pids-limit %d: it is less than none", l.Pids)
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
