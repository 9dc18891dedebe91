//go:build linux

package container

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/container/stdio"
)

func (r *Runtime) logPath(id string) string { return filepath.Join(r.directory(id), "log.json") }

// LogOptions select what of a log is shown.
type LogOptions struct {
	Follow     bool // go on until the container has stopped
	Tail       int  // how many of the last lines to show; if negative, all
	Timestamps bool // show before each line when it was written
}

// Logs writes the log of a container.
func (r *Runtime) Logs(ctx context.Context, id string, o LogOptions, stdout, stderr io.Writer) error {
	if _, err := r.load(id); err != nil {
		return orNotFound(id, err)
	}
	file, err := os.Open(r.logPath(id))
	if errors.Is(err, fs.ErrNotExist) && o.Follow && exists(r.activePath(id)) { // it is about to start
		file, err = os.OpenFile(r.logPath(id), os.O_RDONLY|os.O_CREATE, 0o600)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // was never started
	}
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer file.Close()
	if o.Tail >= 0 {
		if err := stdio.SeekTail(file, o.Tail); err != nil {
			return fmt.Errorf("read log: %w", err)
		}
	}
	reader := stdio.NewReader(file, stdout, stderr, o.Timestamps)
	if !o.Follow {
		return reader.Copy()
	}
	changes, err := stdio.Watch(r.directory(id))
	if err != nil {
		return fmt.Errorf("follow log: %w", err)
	}
	defer changes.Close()
	defer context.AfterFunc(ctx, func() { changes.Close() })()
	for written := true; ; {
		// In this order: what is written before the end is read after it is seen.
		running, monitored := exists(r.activePath(id)), written || r.hasMonitor(id)
		if err := reader.Copy(); err != nil || !running {
			return err
		}
		if !monitored && exists(r.activePath(id)) {
			return errors.New("follow log: the container's monitor was killed, so no more will be written")
		}
		// A monitor that is killed leaves no change to see, so look every second.
		changes.SetReadDeadline(time.Now().Add(time.Second))
		_, err = changes.Read(make([]byte, 4096))
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !errors.Is(err, os.ErrDeadlineExceeded):
			return fmt.Errorf("follow log: %w", err)
		}
		written = err == nil
	}
}
