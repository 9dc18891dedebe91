//go:build linux

package container

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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
	content, err := os.ReadFile(w.logName(state.ID))
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
	case <-time.After(20 * time.Second):
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

func TestLongAndStrangeOutputIsLoggedWhole(t *testing.T) {
	var file bytes.Buffer
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "log.json"))
	testkit.Must(t, err)
	stream := (&logFile{file: f}).stream("stdout")
	var want strings.Builder
	for index, part := range []string{"no end", " yet\n", "\n\n", strings.Repeat("x", 3*maxLine+5), "\n", "<&>\x00ü\n", "last"} {
		fmt.Fprint(&want, part)
		n, err := stream.Write([]byte(part))
		if n != len(part) || err != nil {
			t.Errorf("write %d gives %d, %v", index, n, err)
		}
	}
	testkit.Must(t, stream.Close())
	_, err = f.Seek(0, io.SeekStart)
	testkit.Must(t, err)
	testkit.Must(t, (&logReader{from: bufio.NewReader(f), stdout: &file, stderr: io.Discard}).copy())
	if file.String() != want.String() {
		t.Errorf("the log holds %d bytes, written were %d", file.Len(), want.Len())
	}
}

func TestLineThatAKilledMonitorLeftIsSkipped(t *testing.T) {
	whole := `{"log":"a\n","stream":"stdout","time":"2026-06-01T09:00:00Z"}` + "\n"
	var out strings.Builder
	reader := &logReader{from: bufio.NewReader(strings.NewReader(whole[:20] + "\n" + whole + whole[:30])), stdout: &out, stderr: io.Discard}
	testkit.Must(t, reader.copy())
	if out.String() != "a\n" {
		t.Errorf("the log reads %q", out.String())
	}
}

func TestTimestampsComeBeforeLinesAndNotInThem(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	var log bytes.Buffer
	for _, e := range []entry{{"a\n", "stdout", time.Unix(1, 0)}, {long, "stdout", time.Unix(2, 5)}, {"b\n", "stderr", time.Unix(3, 0)},
		{"end\n", "stdout", time.Unix(4, 0)}, {"no end", "stdout", time.Unix(5, 0)}, {"c\n", "stdout", time.Unix(6, 0)}} {
		e.Time = e.Time.UTC()
		line, err := json.Marshal(e)
		testkit.Must(t, err)
		log.Write(append(line, '\n'))
	}
	var out, complaint strings.Builder
	testkit.Must(t, (&logReader{from: bufio.NewReader(&log), stdout: &out, stderr: &complaint, times: true}).copy())
	want := "1970-01-01T00:00:01.000000000Z a\n1970-01-01T00:00:02.000000005Z " + long + "end\n" +
		"1970-01-01T00:00:05.000000000Z no end1970-01-01T00:00:06.000000000Z c\n"
	if out.String() != want || complaint.String() != "1970-01-01T00:00:03.000000000Z b\n" {
		t.Errorf("it reads %q and %q", out.String(), complaint.String())
	}
}
