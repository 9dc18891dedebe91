//go:build linux

package remedy

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/bridge"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/cgroup"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/archive"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/image/registry"
)

func TestErrorsOfLibrariesAreExplainedForTheCommandLine(t *testing.T) {
	isImage := func(ref string) bool { return ref == "busybox" }
	limit := &cgroup.LimitError{Field: "cpu_shares", Value: 1, Reason: "must be more"}
	for _, c := range []struct {
		command string
		err     error
		want    string
	}{
		{"run", &container.OptionError{Field: limit.Field, Err: limit}, "--cpu-shares 1: must be more"},
		{"run", &container.ConflictError{Field: "no_limits", With: []string{"memory", "pids"}},
			"--no-limits excludes --memory, --pids-limit: leave out one or the other"},
		{"stop", &container.NotFoundError{Ref: "web"}, `there is no container "web"`},
		{"stop", &container.NotFoundError{Ref: "busybox"}, `there is no container "busybox": that is an image`},
		{"rm", &container.NotFoundError{Ref: "busybox"},
			`there is no container "busybox": that is an image; remove it with: sheep rm --image busybox`},
		{"rm", &container.NotFoundError{Ref: "busybox", Near: "busy"},
			`there is no container "busybox"; did you mean "busy"?`},
		{"run", &image.NotFoundError{Ref: "web"}, `there is no image "web"; get it with: sheep pull web`},
		{"run", &image.NotFoundError{Ref: "web", Near: "wed"}, `there is no image "web"; did you mean wed?`},
		{"rm", &image.NotFoundError{Ref: "web"}, `there is no image "web"`},
		{"push", &image.NotFoundError{Ref: "web"},
			`there is no image "web"; push sends an image to where its name says, ` +
				"which it gets with: sheep tag IMAGE web"},
		{"rmi", &image.NotFoundError{Ref: "web"}, `there is no image "web"`},
		{"run", &image.DamagedError{ID: "4f1c", File: "/i/4f1c/manifest.json", Err: errors.New("cut")},
			"image 4f1c is damaged: /i/4f1c/manifest.json: cut; make it again in the same way, or remove it with: " +
				"sheep rm --image 4f1c"},
		{"import", &archive.EntryError{Reason: "it is compressed with xz: decompress it first, with xz -dc",
			Err: &archive.CompressionError{Form: "xz", Tool: "xz"}},
			"archive: it is compressed with xz: decompress it on the way: xz -dc FILE | sheep import - NAME"},
		{"pull", &archive.EntryError{Entry: "f", Reason: "more than 2 entries",
			Err: &archive.LimitError{Reason: "more than 2 entries"}},
			`archive entry "f": more than 2 entries: if it is not a bomb, allow more with --max-size`},
		{"run", fmt.Errorf("image web: %w", container.ErrNoProgram),
			"image web: it names no program to run: give one after the image's name"},
		{"exec", container.ErrNoTerminal, "standard input is not a terminal: leave out -t, or -i"},
		{"pull", fmt.Errorf("web: %w", registry.ErrPlainHTTP),
			"web: unencrypted connections are not allowed: allow them with --insecure"},
		{"pull", fmt.Errorf("web: %w", image.ErrNoNetwork), "web: " + image.ErrNoNetwork.Error() +
			"\nwithout a network: sheep bootstrap makes an image of this machine's own programs"},
		{"push", fmt.Errorf("web: %w", image.ErrNoNetwork), "web: " + image.ErrNoNetwork.Error()},
		{"start", fmt.Errorf("lease: %w in 10.20.0.0/16", bridge.ErrExhausted),
			"lease: no address is free in 10.20.0.0/16; remove some with: sheep rm"},
		{"run", fmt.Errorf("%w: no cgroup v2", cgroup.ErrUnavailable),
			cgroup.ErrUnavailable.Error() + ": no cgroup v2\nto run it without limits: --no-limits"},
		{"start", cgroup.ErrUnavailable, cgroup.ErrUnavailable.Error()},
		{"run", errors.New("something else"), "something else"},
	} {
		got := Command{c.command, isImage}.Explain(c.err)
		if got.Error() != c.want || !errors.Is(got, c.err) {
			t.Errorf("%s: %q becomes %q, want %q", c.command, c.err, got, c.want)
		}
	}
	if err := (Command{}).Explain(nil); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}

func TestEachOfSeveralErrorsIsExplained(t *testing.T) {
	err := Command{Name: "run"}.Explain(errors.Join(container.ErrNoTerminal, errors.New("x"), registry.ErrPlainHTTP))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 3 ||
		!strings.HasSuffix(lines[0], "leave out -t, or -i") ||
		lines[1] != "x" || !strings.HasSuffix(lines[2], "--insecure") {
		t.Errorf("it says %q", lines)
	}
}

func TestEveryLimitHasAFlag(t *testing.T) {
	all := cgroup.Limits{Memory: 1, CPUs: 1, CPUShares: 1, Pids: 1}.Given()
	if fields := reflect.TypeFor[cgroup.Limits]().NumField(); len(all) != fields {
		t.Errorf("of %d limits only %q are given", fields, all)
	}
	for _, field := range all {
		if Flag(field) == "" {
			t.Errorf("the limit %s has no flag", field)
		}
	}
}

func TestWhatHelpsAgainstALostInterruptIsSaid(t *testing.T) {
	for want, i := range map[string]container.Interrupt{
		"\nsheep: Ctrl-C does not end web: its program handles the signal and goes on\n" +
			"  from another terminal: sheep stop web\n": {Container: "web", Handled: true, Presses: 3},
		"\r\nsheep: killed web, since Ctrl-C was pressed 3 times\r\n": {Container: "web", Killed: true, Presses: 3,
			Raw: true},
	} {
		if got := Interrupt(i); got != want {
			t.Errorf("of %+v it says %q, want %q", i, got, want)
		}
	}
}
