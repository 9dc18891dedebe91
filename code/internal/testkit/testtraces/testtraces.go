//go:build linux

// Package testtraces sees what containers have outside of their processes: mounts, interfaces, control groups, rules,
// addresses, directories. Tests compare what there is before and after.
//
// It asks the kernel and reads files by itself, without any of the packages that are tested, so it sees what they
// overlook. It gives one line for each thing that is there, no matter what made it.
package testtraces

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

// Of returns all traces on this host, and those in a directory of containers, sorted.
func Of(t testing.TB, root string) []string {
	t.Helper()
	var all []string
	add := func(kind string, found []string) {
		for _, each := range found {
			all = append(all, kind+" "+each)
		}
	}
	add("mount", Mounts(t, "/"))
	add("interface", Interfaces(t))
	add("cgroup", Cgroups(t, "/sys/fs/cgroup/sheep"))
	add("rule", Rules(t))
	add("process", processes(t))
	add("lease", Leases(t, filepath.Join(root, "leases.json")))
	add("file", files(t, root))
	slices.Sort(all)
	return all
}

// New returns the lines that are in after and not in before.
func New(before, after []string) []string {
	rest := slices.Clone(before)
	var more []string
	for _, line := range after {
		if at := slices.Index(rest, line); at >= 0 {
			rest = slices.Delete(rest, at, at+1)
		} else {
			more = append(more, line)
		}
	}
	return more
}

// Mounts returns the places at or below one where something is mounted, with the type.
func Mounts(t testing.TB, below string) (places []string) {
	t.Helper()
	content, err := os.ReadFile("/proc/self/mountinfo")
	testkit.Must(t, err)
	for line := range strings.Lines(string(content)) {
		before, after, _ := strings.Cut(line, " - ")
		if place := strings.Fields(before)[4]; strings.HasPrefix(place, below) {
			places = append(places, place+" "+strings.Fields(after)[0])
		}
	}
	return places
}

// Interfaces returns the network interfaces of the caller's namespace.
func Interfaces(t testing.TB) (names []string) {
	t.Helper()
	all, err := net.Interfaces()
	testkit.Must(t, err)
	for _, each := range all {
		names = append(names, each.Name)
	}
	return names
}

// Cgroups returns the control groups below one, by their paths from there.
func Cgroups(t testing.TB, group string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(group, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && path != group { // the others are the kernel's files
			paths = append(paths, strings.TrimPrefix(path, group+"/"))
		}
		if errors.Is(err, fs.ErrNotExist) { // there is none at all, or it goes just now
			return nil
		}
		return err
	})
	testkit.Must(t, err)
	return paths
}

// Rules returns the rules of iptables, as iptables-save(8) writes them. Without that program there are none.
func Rules(t testing.TB) (rules []string) {
	t.Helper()
	output, err := exec.Command("iptables-save").Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil
	}
	testkit.Must(t, err)
	table := ""
	for line := range strings.Lines(string(output)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "*"):
			table = line[1:]
		case strings.HasPrefix(line, "-A "):
			rules = append(rules, table+" "+line[3:])
		}
	}
	return rules
}

// Published returns the containers that have rules of their own.
func Published(t testing.TB) (ids []string) {
	t.Helper()
	for _, rule := range Rules(t) {
		if _, comment, ours := strings.Cut(rule, `--comment "sheep:`); ours {
			id, _, _ := strings.Cut(comment, `"`)
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Leases returns who has which address, "id address", as a file says.
func Leases(t testing.TB, file string) (leases []string) {
	t.Helper()
	var table struct{ Leases map[string]string }
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	testkit.Must(t, err)
	testkit.Must(t, json.Unmarshal(content, &table))
	for id, address := range table.Leases {
		leases = append(leases, id+" "+address)
	}
	return leases
}

// processes returns those of the caller's PID namespace, by number and name, but not the kernel's.
func processes(t testing.TB) (all []string) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	testkit.Must(t, err)
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		name, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "comm"))
		stat, wrong := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if err != nil || wrong != nil { // it has ended
			continue
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		// Children of kthreadd; and those that have ended, for whose parent it is to look.
		if fields := strings.Fields(rest); len(fields) > 1 &&
			(fields[1] == "2" || fields[0] == "Z" || fields[0] == "X") {
			continue
		}
		all = append(all, fmt.Sprintf("%s %s", entry.Name(), strings.TrimSpace(string(name))))
	}
	return all
}

// files returns what is in a directory of containers, by its path from there, but not what is in images.
func files(t testing.TB, root string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || path == root {
			return err
		}
		paths = append(paths, strings.TrimPrefix(path, root+"/"))
		if entry.IsDir() && (entry.Name() == "rootfs" || entry.Name() == "merged") {
			return fs.SkipDir
		}
		return nil
	})
	testkit.Must(t, err)
	return paths
}
