//go:build linux

package container

import (
	"context"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/stdio"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit/testns"
)

func TestOutputIsWholeThoughItsReaderIsSlow(t *testing.T) {
	w := newWorld(t)
	const size = 100_000 // more than a pipe takes, less than that and what the monitor holds
	state := w.create(options("head -c 100000 /dev/zero"))
	reader, writer, err := os.Pipe()
	testkit.Must(t, err)
	defer reader.Close()
	done := make(chan error)
	go func() {
		_, err := w.Run(context.Background(), state.ID, Streams{Out: writer})
		writer.Close()
		done <- err
	}()
	// As someone who reads it page by page. Meanwhile others see that the container has ended.
	until(t, "the end is noted down", func() bool {
		now, err := w.load(state.ID)
		return err == nil && now.Status == Stopped
	})
	if listed := w.state(state.ID); listed.ExitCode == nil || *listed.ExitCode != 0 {
		t.Errorf("exit code is %v", listed.ExitCode)
	}
	time.Sleep(stdio.DrainTime) // and is slower than that
	output, err := io.ReadAll(reader)
	testkit.Must(t, err)
	testkit.Must(t, <-done)
	if len(output) != size {
		t.Errorf("%d bytes came out of %d", len(output), size)
	}
}

func TestStandardInputIsNotTheHostsNullDevice(t *testing.T) {
	testns.RequireRoot(t, "device nodes of its own")
	w := newWorld(t)
	before, err := os.Stat(os.DevNull)
	testkit.Must(t, err)
	t.Cleanup(func() { os.Chmod(os.DevNull, before.Mode()) })
	// To its own mode, but the time of the change tells.
	script := "chmod 666 /proc/self/fd/0 && cat && echo done"
	state, got := w.run(options(script), "")
	if got.out != "done\n" {
		t.Errorf("run gives %+v", got)
	}
	state = w.start(options("sleep 1000"))
	if got := w.exec(state.ID, ExecOptions{Args: []string{"sh", "-c", script}}, ""); got.out != "done\n" {
		t.Errorf("exec gives %+v", got)
	}
	after, err := os.Stat(os.DevNull)
	testkit.Must(t, err)
	changed := func(info os.FileInfo) syscall.Timespec { return info.Sys().(*syscall.Stat_t).Ctim }
	if changed(before) != changed(after) {
		t.Error("the host's null device was changed")
	}
}

func TestExecTakesNoOtherFileForTheNullDevice(t *testing.T) {
	testns.RequireRoot(t, "device nodes of its own")
	w := newWorld(t)
	state := w.start(options("rm /dev/null; ln -s /etc/passwd /dev/null; echo ready; sleep 1000"))
	w.awaitOutput(state.ID, "ready")
	if got := w.exec(state.ID, ExecOptions{Args: []string{"cat"}}, ""); got.failure == nil {
		t.Errorf("exec gives %+v", got)
	}
}
