//go:build linux

package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// parse types a command whose output is JSON.
func (u user) parse(value any, arguments ...string) {
	u.t.Helper()
	if out := u.ok(arguments...); json.Unmarshal([]byte(out), value) != nil {
		u.t.Fatalf("sheep %s prints no JSON: %s", strings.Join(arguments, " "), out)
	}
}

func TestListsOfNothingAreEmptyJSON(t *testing.T) {
	u := newUser(t)
	for _, name := range []string{"ps", "images"} {
		if got := u.ok(name, "--json"); got != "[]\n" {
			t.Errorf("%s --json prints %q", name, got)
		}
		if got := u.ok(name, "-q"); got != "" {
			t.Errorf("%s -q prints %q", name, got)
		}
		if got := u.ok(name); strings.Count(got, "\n") != 1 {
			t.Errorf("%s prints %q", name, got)
		}
	}
}

func TestContainersAsJSON(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "-l", "team=wool", "-p", "8083:80", "busybox", "sleep", "1000")
	u.ok("create", "--no-limits", "--name", "other", "busybox", "true")
	type container struct {
		ID, Name, Image, Status string
		PID                     int
		Options                 struct{ Labels map[string]string }
	}
	var running, all, inspected []container
	u.parse(&running, "ps", "--json")
	u.parse(&all, "ps", "-a", "--json")
	u.parse(&inspected, "inspect", "web", "other")
	if len(running) != 1 || len(all) != 2 || len(inspected) != 2 {
		t.Fatalf("%d run, there are %d, inspected %d", len(running), len(all), len(inspected))
	}
	web := running[0]
	if len(web.ID) != 64 || web.Name != "web" || web.Image != "busybox:latest" || web.Status != "running" || web.PID < 2 ||
		web.Options.Labels["team"] != "wool" {
		t.Errorf("web is %+v", web)
	}
	if all[0].Name != "other" || all[1].Name != "web" {
		t.Errorf("the newest does not come first: %+v", all)
	}
	if inspected[0].ID != web.ID || inspected[1].Status != "created" {
		t.Errorf("inspected are %+v", inspected)
	}
	if got, want := u.ok("ps", "-q"), web.ID[:12]+"\n"; got != want {
		t.Errorf("ps -q prints %q, want %q", got, want)
	}
}

func TestImagesAsJSON(t *testing.T) {
	u := newUserWithImage(t)
	type image struct {
		ID, Name, Tag string
		Size          int64
	}
	var images, inspected []image
	u.parse(&images, "images", "--json")
	u.parse(&inspected, "inspect", "busybox")
	if len(images) != 1 || images[0].Name != "busybox" || images[0].Tag != "latest" || images[0].Size < 500_000 {
		t.Errorf("images are %+v", images)
	}
	if len(inspected) != 1 || inspected[0] != images[0] {
		t.Errorf("inspected are %+v", inspected)
	}
	table := regexp.MustCompile(`^IMAGE ID +NAME +TAG +SIZE +CREATED\n` + images[0].ID[:12] + ` +busybox +latest +[\d.]+ MB +\d+ seconds? ago\n$`)
	if got := u.ok("images"); !table.MatchString(got) {
		t.Errorf("images prints\n%s", got)
	}
	u.ok("create", "--no-limits", "--name", "web", "busybox", "true")
	u.sheep("rm", "--image", "busybox").check(t, "rm of an image in use", "", "web", 1)
	u.ok("rm", "web")
	u.sheep("rm", "--image", "busybox").check(t, "rm --image", "busybox\n", "", 0)
	if got := u.ok("images", "-q"); got != "" {
		t.Errorf("left is %q", got)
	}
}

func TestInspectOfNothingSaysSo(t *testing.T) {
	u := newUser(t)
	u.sheep("inspect", "nothing").check(t, "inspect", "[]\n", `no container "nothing"`, 1)
}
