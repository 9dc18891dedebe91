//go:build linux

// Package sysctl changes settings of the kernel.
package sysctl

import (
	"fmt"
	"os"
	"strings"
)

// Set gives a setting a value, as "net/ipv4/ip_forward", "1". It writes only where the value is another: some settings
// reset others when they are written, and /proc/sys may be read-only. Those below net belong to the network namespace
// of the calling thread.
func Set(name, value string) error {
	file := "/proc/sys/" + name
	now, err := os.ReadFile(file)
	if err == nil && strings.TrimSpace(string(now)) != value {
		err = os.WriteFile(file, []byte(value), 0)
	}
	if err != nil {
		return fmt.Errorf("set %s to %s: %w", strings.ReplaceAll(name, "/", "."), value, err)
	}
	return nil
}
