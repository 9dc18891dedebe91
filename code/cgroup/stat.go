//go:build linux

package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Stat is what a group uses, and how often it met its limits. Its durations are nanoseconds in JSON.
type Stat struct {
	Memory     int64         `json:"memory"`                // bytes now
	MemoryPeak int64         `json:"memory_peak,omitempty"` // bytes at most so far; 0 before Linux 5.19, which lacks it
	CPU        time.Duration `json:"cpu_ns"`                // CPU time used so far
	Periods    int           `json:"cpu_periods"`           // periods of the quota in which a process wanted the CPU
	Throttled  int           `json:"cpu_throttled"`         // those of them in which the quota was used up
	Waited     time.Duration `json:"cpu_throttled_ns"`      // how long processes were throttled, summed over the CPUs
	Pids       int           `json:"pids"`                  // processes and threads now
	Refused    int           `json:"pids_refused"`          // forks that failed at the limit
}

// OOMKills returns how many processes of the container the kernel has killed because the group
// was out of memory.
func (g *Group) OOMKills() (int, error) {
	content, err := g.read("memory.events")
	if err != nil {
		return 0, fmt.Errorf("count processes killed for memory: %w", err)
	}
	kills, err := keyed(content, "oom_kill")
	if err != nil {
		return 0, fmt.Errorf("count processes killed for memory: memory.events: %w", err)
	}
	return int(kills), nil
}

// Stat returns what the group uses.
func (g *Group) Stat() (Stat, error) {
	number := func(file string) (int64, error) {
		content, err := g.read(file)
		if err != nil {
			return 0, err
		}
		return strconv.ParseInt(strings.TrimSpace(content), 10, 64)
	}
	event := func(file, key string) (int64, error) {
		content, err := g.read(file)
		if err != nil {
			return 0, err
		}
		return keyed(content, key)
	}
	memory, err1 := number("memory.current")
	peak, err2 := number("memory.peak")
	if errors.Is(err2, fs.ErrNotExist) {
		err2 = nil
	}
	pids, err3 := number("pids.current")
	refused, err4 := event("pids.events", "max")
	used, err5 := event("cpu.stat", "usage_usec")
	periods, err6 := event("cpu.stat", "nr_periods")
	throttled, err7 := event("cpu.stat", "nr_throttled")
	waited, err8 := event("cpu.stat", "throttled_usec")
	for _, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8} {
		if err != nil {
			return Stat{}, fmt.Errorf("read what the container uses: %w", err)
		}
	}
	return Stat{
		Memory: memory, MemoryPeak: peak,
		CPU: time.Duration(used) * time.Microsecond, Periods: int(periods),
		Throttled: int(throttled), Waited: time.Duration(waited) * time.Microsecond,
		Pids: int(pids), Refused: int(refused),
	}, nil
}

// read returns what a file of the group says.
func (g *Group) read(file string) (string, error) {
	content, err := os.ReadFile(filepath.Join(g.Dir(), file))
	return string(content), err
}

// keyed returns a number from the content of a flat keyed file: lines of a name and a number.
func keyed(content, key string) (int64, error) {
	for line := range strings.Lines(content) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), " "); name == key {
			return strconv.ParseInt(value, 10, 64)
		}
	}
	return 0, fmt.Errorf("no %s in %q", key, content)
}
