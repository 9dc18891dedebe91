//go:build linux

package rootfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// masked are files that tell too much of the host or reach too deep into it. They read as empty.
// readOnly are those that may be read. The lists follow Docker's default.
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
	entries, _ := os.ReadDir(cpus) // in a sysfs without it nothing is to be masked
	var names []string
	for _, entry := range entries {
		if number, found := strings.CutPrefix(entry.Name(), "cpu"); found && strings.Trim(number, "0123456789") == "" {
			names = append(names, filepath.Join(cpus, entry.Name(), "thermal_throttle"))
		}
	}
	return names
}

// maskPaths takes them away. Not every kernel has all of them.
func maskPaths() error {
	null, err := os.OpenFile("/dev/null", oPath|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return fmt.Errorf("mask paths: %w", err)
	}
	defer null.Close()
	// What is bound over /proc/kcore must be the real thing (CVE-2025-31133).
	var stat syscall.Stat_t
	if err := syscall.Fstat(int(null.Fd()), &stat); err != nil || stat.Rdev != 1<<8|3 {
		return errors.New("mask paths: /dev/null is not the null device")
	}
	for _, name := range append(throttles(), masked...) {
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && info.IsDir() {
			err = syscall.Mount("tmpfs", name, "tmpfs", syscall.MS_RDONLY, "size=0k,nr_inodes=1")
		} else if err == nil {
			err = syscall.Mount(pathOf(null), name, "", syscall.MS_BIND, "")
		}
		if err != nil {
			return fmt.Errorf("mask %s: %w", name, err)
		}
	}
	for _, name := range readOnly {
		place, err := os.OpenFile(name, oPath, 0)
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
