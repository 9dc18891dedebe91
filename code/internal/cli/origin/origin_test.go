package origin

import (
	"runtime/debug"
	"testing"
)

func TestVersionNamesTheCommit(t *testing.T) {
	const commit = "83035b9ec645dec81299baa3a7d96679eb00738f"
	for _, c := range []struct {
		version, commit, time, modified, want string
	}{
		{"(devel)", commit, "2026-11-26T00:22:05Z", "true", "devel 83035b9 (2026-11-26, modified)"},
		{"(devel)", commit, "2026-11-26T00:22:05Z", "false", "devel 83035b9 (2026-11-26)"},
		{"(devel)", commit, "2026-11-26T00:22:05+03:00", "false", "devel 83035b9 (2026-11-25)"},
		{"(devel)", commit, "", "true", "devel 83035b9 (modified)"},
		{"(devel)", commit, "yesterday", "", "devel 83035b9"},
		{"(devel)", "", "", "", "devel"},
		{"", "", "", "", "devel"},
		{"v1.2.3", commit, "2026-11-26T00:22:05Z", "false", "v1.2.3 83035b9 (2026-11-26)"},
		{"v0.0.0-20261126002205-83035b9ec645", commit, "2026-11-26T00:22:05Z", "false",
			"v0.0.0-20261126002205-83035b9ec645"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: c.version}}
		for key, value := range map[string]string{"vcs.revision": c.commit, "vcs.time": c.time,
			"vcs.modified": c.modified} {
			if value != "" {
				info.Settings = append(info.Settings, debug.BuildSetting{Key: key, Value: value})
			}
		}
		if got := Version(info); got != c.want {
			t.Errorf("%s of %+v is %q, want %q", c.version, info.Settings, got, c.want)
		}
	}
	if got := Version(nil); got != "unknown" {
		t.Errorf("of nothing it is %q", got)
	}
}
