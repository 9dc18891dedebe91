//go:build linux

package rootfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// masked are files that reveal too much about the host or reach too deep into it: they read as empty. readOnly are
// those that may be read but not written. The lists follow Docker's default.
var (
	masked = []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
		"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
		"/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
	}
	readOnly = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
)

// throttles are the masked directories that each CPU has.
func throttles() []string {
	const cpus = "/sys/devices/system/cpu"
	entries, _ := os.ReadDir(cpus) // without this directory there is nothing to mask
	var names []string
	for _, entry := range entries {
		if number, found := strings.CutPrefix(entry.Name(), "cpu"); found && strings.Trim(number, "0123456789") == "" {
			names = append(names, filepath.Join(cpus, entry.Name(), "thermal_throttle"))
		}
	}
	return names
}

// maskPaths hides what is masked and makes read-only what is readOnly. Not every kernel has all of them.
func maskPaths() error {
	null, err := os.OpenFile("/dev/null", unix.O_PATH|unix.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("mask paths: %w", err)
	}
	defer null.Close()
	// What is bound over /proc/kcore must be the real thing (CVE-2025-31133).
	var stat unix.Stat_t
	if err := unix.Fstat(int(null.Fd()), &stat); err != nil || uint64(stat.Rdev) != unix.Mkdev(1, 3) {
		return errors.New("mask paths: /dev/null is not the null device")
	}
	for _, name := range append(throttles(), masked...) {
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && info.IsDir() {
			err = unix.Mount("tmpfs", name, "tmpfs", unix.MS_RDONLY, "size=0k,nr_inodes=1")
		} else if err == nil {
			err = unix.Mount(pathOf(null), name, "", unix.MS_BIND, "")
		}
		if err != nil {
			return fmt.Errorf("mask %s: %w", name, err)
		}
	}
	for _, name := range readOnly {
		place, err := os.OpenFile(name, unix.O_PATH, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = bindTo(place, place, true)
			place.Close()
		}
		if err != nil {
			return fmt.Errorf("make %s read-only: %w", name, err)
		}
	}
	return nil
}
