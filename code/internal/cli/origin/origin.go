// Package origin returns the version of the source that a program was built from.
package origin

import (
	"cmp"
	"runtime/debug"
	"strings"
	"time"
)

// Version is the version of a program: its module's, if that has one, and the commit that it was built at, if the go
// command knew it: devel 83035b9 (2026-11-26, modified). Modified is a working tree with changes that are not
// committed.
func Version(info *debug.BuildInfo) string {
	if info == nil {
		return "unknown"
	}
	setting := func(key string) string {
		for _, s := range info.Settings {
			if s.Key == key {
				return s.Value
			}
		}
		return ""
	}
	version := strings.Trim(cmp.Or(info.Main.Version, "devel"), "()") // (devel): built in a working tree
	commit := setting("vcs.revision")
	commit = commit[:min(7, len(commit))]
	if commit == "" || strings.Contains(version, commit) { // a version made up by the go command has it in it
		return version
	}
	version += " " + commit
	var remarks []string
	if at, err := time.Parse(time.RFC3339, setting("vcs.time")); err == nil {
		remarks = append(remarks, at.UTC().Format(time.DateOnly))
	}
	if setting("vcs.modified") == "true" {
		remarks = append(remarks, "modified")
	}
	if len(remarks) > 0 {
		version += " (" + strings.Join(remarks, ", ") + ")"
	}
	return version
}
