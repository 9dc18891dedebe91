//go:build linux

package container

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestLogHasALinePerEntryWithTimeAndStream(t *testing.T) {
	w := newWorld(t)
	state, _ := w.run(options("echo one; printf two >&2"), "")
	content, err := os.ReadFile(w.logPath(state.ID))
	testkit.Must(t, err)
	found := map[string]string{}
	for line := range strings.Lines(string(content)) {
		var fields map[string]string
		testkit.Must(t, json.Unmarshal([]byte(line), &fields))
		if _, err := time.Parse(time.RFC3339Nano, fields["time"]); err != nil || len(fields) != 3 {
			t.Errorf("an entry is %s (%v)", line, err)
		}
		found[fields["stream"]] += fields["log"]
	}
	if found["stdout"] != "one\n" || found["stderr"] != "two" {
		t.Errorf("the log is %s", content)
	}
}

func TestTailOfLog(t *testing.T) {
	w := newWorld(t)
	state, _ := w.run(options("seq 1 3000"), "")
	for tail, want := range map[int]string{0: "", 1: "3000\n", 3: "2998\n2999\n3000\n"} {
		if got, _ := w.logs(state.ID, false, tail); got != want {
			t.Errorf("the last %d lines are %q", tail, got)
		}
	}
	for _, tail := range []int{-1, 3000, 5000} {
		if got, _ := w.logs(state.ID, false, tail); strings.Count(got, "\n") != 3000 {
			t.Errorf("tail %d gives %d lines", tail, strings.Count(got, "\n"))
		}
	}
	created := w.create(options("true"))
	if out, err := w.logs(created.ID, false, -1); out+err != "" {
		t.Errorf("a container that never ran has a log: %q", out+err)
	}
}

func TestFollowedLogEndsWithTheContainer(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("echo one; while [ ! -e /go ]; do sleep 0.02; done; echo two"))
	reader, writer := io.Pipe()
	done := make(chan error)
	go func() {
		err := w.Logs(context.Background(), state.ID, LogOptions{Follow: true, Tail: -1}, writer, io.Discard)
		writer.Close()
		done <- err
	}()
	lines := bufio.NewScanner(reader)
	if !lines.Scan() || lines.Text() != "one" {
		t.Errorf("first comes %q", lines.Text())
	}
	testkit.Must(t, os.WriteFile(filepath.Join(w.overlay(state.ID, state.Lower).Merged(), "go"), nil, 0o644))
	if !lines.Scan() || lines.Text() != "two" || lines.Scan() {
		t.Errorf("then comes %q", lines.Text())
	}
	testkit.Must(t, <-done)
}

func TestFollowingEndsWithAKilledMonitor(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("echo first; sleep 1000"))
	w.awaitOutput(state.ID, "first\n")
	var out strings.Builder
	ended := make(chan error, 1)
	go func() {
		ended <- w.Logs(context.Background(), state.ID, LogOptions{Follow: true, Tail: -1}, &out, io.Discard)
	}()
	select {
	case err := <-ended:
		t.Fatalf("while nothing is wrong it ends with %v", err)
	case <-time.After(2500 * time.Millisecond): // it looks every second
	}
	testkit.Must(t, syscall.Kill(monitorOf(t, state), syscall.SIGKILL))
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(err.Error(), "monitor was killed") || out.String() != "first\n" {
			t.Errorf("it ends with %v and %q", err, out.String())
		}
	case <-time.After(time.Minute):
		t.Error("it does not end")
	}
}

func TestFollowingEndsWithTheContext(t *testing.T) {
	w := newWorld(t)
	state := w.start(options("echo one; sleep 1000"))
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	done := make(chan error)
	go func() { done <- w.Logs(ctx, state.ID, LogOptions{Follow: true, Tail: -1}, writer, io.Discard) }()
	testkit.Must(t, func() error { _, err := reader.Read(make([]byte, 10)); return err }())
	cancel()
	testkit.Must(t, <-done)
}
