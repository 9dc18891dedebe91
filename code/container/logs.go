//go:build linux

package container

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// maxLine is where a line without an end is cut in the log, in bytes. It is Docker's.
const maxLine = 16 << 10

// entry is a line of the log, in the shape of Docker's json-file.
type entry struct {
	Log    string    `json:"log"`
	Stream string    `json:"stream"`
	Time   time.Time `json:"time"`
}

func (r *Runtime) logName(id string) string { return filepath.Join(r.directory(id), "log.json") }

// logFile is the log of a container while it is written. A nil one keeps nothing.
type logFile struct {
	mutex sync.Mutex
	file  *os.File
}

// logTo opens the log. A container that is started again goes on with it.
func (run *run) logTo() error {
	file, err := os.OpenFile(run.runtime.logName(run.state.ID), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	run.streams.log = &logFile{file: file}
	return nil
}

func (l *logFile) close() {
	if l != nil {
		l.file.Close()
	}
}

// stream returns a writer of one of the streams.
func (l *logFile) stream(name string) io.WriteCloser { return &logStream{log: l, name: name} }

// logStream turns bytes into entries, a line each.
type logStream struct {
	log  *logFile
	name string
	line []byte // has no end yet
}

func (s *logStream) Write(text []byte) (int, error) {
	if s.log == nil {
		return len(text), nil
	}
	length := len(text)
	var lines bytes.Buffer
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n') + 1
		if end == 0 {
			end = len(text)
		}
		end = min(end, maxLine-len(s.line))
		s.line = append(s.line, text[:end]...)
		text = text[end:]
		if s.line[len(s.line)-1] == '\n' || len(s.line) == maxLine {
			s.encode(&lines)
		}
	}
	s.flush(&lines)
	return length, nil
}

// Close writes what is left.
func (s *logStream) Close() error {
	var lines bytes.Buffer
	if s.log != nil && len(s.line) > 0 {
		s.encode(&lines)
		s.flush(&lines)
	}
	return nil
}

func (s *logStream) encode(to *bytes.Buffer) {
	line, err := json.Marshal(entry{string(s.line), s.name, time.Now().UTC()})
	if err == nil {
		to.Write(append(line, '\n'))
	}
	s.line = s.line[:0]
}

// flush writes whole lines in one piece. That the disk is full must not stop the program.
func (s *logStream) flush(lines *bytes.Buffer) {
	if lines.Len() == 0 {
		return
	}
	s.log.mutex.Lock()
	defer s.log.mutex.Unlock()
	s.log.file.Write(lines.Bytes())
}

// LogOptions say what of a log is wanted.
type LogOptions struct {
	Follow     bool // go on until the container has stopped
	Tail       int  // so many of the last lines; if negative, all
	Timestamps bool // before each line, when it was written
}

// Logs writes the log of a container.
func (r *Runtime) Logs(ctx context.Context, id string, o LogOptions, stdout, stderr io.Writer) error {
	if _, err := r.load(id); err != nil {
		return orNotFound(id, err)
	}
	file, err := os.Open(r.logName(id))
	if errors.Is(err, fs.ErrNotExist) && o.Follow && exists(r.active(id)) { // it is just starting
		file, err = os.OpenFile(r.logName(id), os.O_RDONLY|os.O_CREATE, 0o600)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil // was never started
	}
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer file.Close()
	if o.Tail >= 0 {
		if err := seekTail(file, o.Tail); err != nil {
			return fmt.Errorf("read log: %w", err)
		}
	}
	reader := &logReader{from: bufio.NewReader(file), stdout: stdout, stderr: stderr, times: o.Timestamps}
	if !o.Follow {
		return reader.copy()
	}
	changes, err := watch(r.directory(id))
	if err != nil {
		return fmt.Errorf("follow log: %w", err)
	}
	defer changes.Close()
	defer context.AfterFunc(ctx, func() { changes.Close() })()
	for written := true; ; {
		// In this order: what is written before the end is read after it is seen.
		running, monitored := exists(r.active(id)), written || r.monitored(id)
		if err := reader.copy(); err != nil || !running {
			return err
		}
		if !monitored && exists(r.active(id)) {
			return errors.New("follow log: the container's monitor was killed, so no more will be written")
		}
		// Of the end of a monitor that is killed no change tells.
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

// watch returns a file that can be read whenever something in a directory was written, made or removed (inotify(7)).
func watch(dir string) (*os.File, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_MODIFY|unix.IN_CREATE|unix.IN_DELETE|unix.IN_DELETE_SELF); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("inotify_add_watch", err)
	}
	return os.NewFile(uintptr(fd), "inotify"), nil
}

// logReader turns entries into what the program wrote.
type logReader struct {
	from           *bufio.Reader
	partial        []byte // of an entry that is being written
	stdout, stderr io.Writer
	times          bool
	inLine         [2]bool // that of stdout, and of stderr, goes on in the next entry
}

// timeLayout is RFC 3339 with nanoseconds, all nine digits of them so that the lines are aligned, as in Docker.
const timeLayout = "2006-01-02T15:04:05.000000000Z07:00 "

// copy copies up to the end of the file.
func (r *logReader) copy() error {
	for {
		line, err := r.from.ReadSlice('\n')
		r.partial = append(r.partial, line...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("read log: %w", err)
		}
		var e entry
		// A monitor that was killed may have left half a line.
		if json.Unmarshal(r.partial, &e) == nil {
			to, inLine := r.stdout, &r.inLine[0]
			if e.Stream == "stderr" {
				to, inLine = r.stderr, &r.inLine[1]
			}
			text := e.Log
			if r.times && !*inLine {
				text = e.Time.Format(timeLayout) + text
			}
			*inLine = len(e.Log) >= maxLine && !strings.HasSuffix(e.Log, "\n") // a long line is several entries
			if _, err := io.WriteString(to, text); err != nil {
				return err
			}
		}
		r.partial = r.partial[:0]
	}
}

// seekTail goes to where the last lines of a file begin.
func seekTail(file *os.File, lines int) error {
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil || lines == 0 {
		return err
	}
	buffer := make([]byte, 32<<10)
	for at := end; at > 0; {
		size := min(at, int64(len(buffer)))
		at -= size
		if _, err := file.ReadAt(buffer[:size], at); err != nil {
			return err
		}
		for index := size - 1; index >= 0; index-- {
			if buffer[index] != '\n' || at+index == end-1 { // the last byte ends a line and begins none
				continue
			}
			if lines--; lines == 0 {
				_, err = file.Seek(at+index+1, io.SeekStart)
				return err
			}
		}
	}
	_, err = file.Seek(0, io.SeekStart)
	return err
}
