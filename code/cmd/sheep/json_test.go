//go:build linux && !vm

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

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
	if len(web.ID) != 64 || web.Name != "web" || web.Image != "busybox:latest" || web.Status != "running" ||
		web.PID < 2 ||
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
	table := regexp.MustCompile(`^IMAGE ID +NAME +TAG +SIZE +CREATED\n` + images[0].ID[:12] +
		` +busybox +latest +[\d.]+ MB +\d+ seconds? ago\n$`)
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
	u := newUserWithImage(t)
	u.ok("create", "--no-limits", "--name", "web", "busybox", "true")
	for ref, want := range map[string]string{
		"nothing": "sheep: there is neither a container nor an image \"nothing\"\n",
		"wbe":     "sheep: there is neither a container nor an image \"wbe\"; did you mean \"web\"?\n",
		// cspell:disable-next-line
		"bsybox": "sheep: there is neither a container nor an image \"bsybox\"; did you mean \"busybox\"?\n",
	} {
		r := u.sheep("inspect", ref)
		if r.check(t, "inspect "+ref, "[]\n", want, 1); r.err != want {
			t.Errorf("inspect %s says %q", ref, r.err)
		}
	}
	var found []struct{ Name string }
	r := u.sheep("inspect", "web", "nothing", "busybox")
	testkit.Must(t, json.Unmarshal([]byte(r.out), &found))
	if len(found) != 2 || found[0].Name != "web" || found[1].Name != "busybox" || r.code != 1 {
		t.Errorf("it finds %+v and ends with %d", found, r.code)
	}
}

func TestKeysAreWrittenInOneWayAndTimesAreReal(t *testing.T) {
	u := newUserWithImage(t)
	u.detached("--name", "web", "-p", "8083:80", "-v", t.TempDir()+":/data:ro", "--cap-add", "NET_ADMIN", "-w", "/tmp",
		"--hostname", "web", "busybox", "sleep", "1000")
	id := strings.TrimSpace(u.ok("create", "--no-limits", "busybox", "true"))
	testkit.Must(t, os.WriteFile(filepath.Join(os.Getenv("SHEEP_ROOT"), "containers", id, "state.json"),
		[]byte("{"), 0o600))
	key := regexp.MustCompile(`(?m)^ *"([^"]*)": `)
	for _, line := range []string{"ps -a --json", "images --json", "inspect web " + id, "inspect busybox"} {
		out := u.ok(strings.Fields(line)...)
		for _, match := range key.FindAllStringSubmatch(out, -1) {
			if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(match[1]) {
				t.Errorf("%s: key %s", line, match[1])
			}
		}
		if strings.Contains(out, "0001-01-01") || !strings.Contains(out, `"created_at": "20`) {
			t.Errorf("%s prints\n%s", line, out)
		}
	}
}

func TestTimesYetToComeAreLeftOutOfJSON(t *testing.T) {
	u := newUserWithImage(t)
	u.ok("create", "--no-limits", "--name", "web", "busybox", "sleep", "1000")
	for _, c := range []struct{ command, started, finished string }{{"inspect", "no", "no"}, {"start", "yes", "no"},
		{"stop", "yes", "yes"}} {
		line := []string{c.command, "web"}
		if c.command == "stop" {
			line = append(line, "-t0")
		}
		u.ok(line...)
		var states []map[string]any
		u.parse(&states, "inspect", "web")
		for key, want := range map[string]string{"started_at": c.started, "finished_at": c.finished} {
			if _, there := states[0][key]; there != (want == "yes") {
				t.Errorf("after %s, is there %s: %v", c.command, key, there)
			}
		}
	}
}

func TestNameOfAnImageInUseCanGoUnlessItIsTheLast(t *testing.T) {
	u := newUser(t)
	archive := filepath.Join(t.TempDir(), "busybox.tar")
	testkit.Must(t, os.WriteFile(archive, busybox(t), 0o600))
	for _, name := range []string{"one", "two", "three"} {
		u.ok("import", archive, name)
	}
	u.ok("create", "--no-limits", "--name", "web", "one", "true")
	id := strings.Fields(u.ok("images", "-q"))[0]
	u.sheep("rm", "--image", "one").check(t, "rm of the name that it was made of", "one\n", "", 0)
	u.sheep("rm", "--image", id).check(t, "rm by the ID", "",
		"has several names, remove them one by one: three:latest, two:latest\n", 1)
	u.sheep("rm", "--image", "two", "three").check(t, "rm of the others", "two\n",
		"image three is in use: remove the containers made of it first: web", 1)
	if got := u.ok("images"); !strings.Contains(got, "three") || strings.Count(got, "\n") != 2 {
		t.Errorf("there is left\n%s", got)
	}
	u.ok("start", "-a", "web")
	u.ok("rm", "web")
	u.ok("rm", "--image", "three")
}
