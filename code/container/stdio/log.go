//go:build linux

package stdio

import (
	"bufio"
	"bytes"

	"encoding/json"
	"fmt"
	"io"
	"os"
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

// Log is the log of a container while it is written. A nil one keeps nothing.
type Log struct {
	mutex sync.Mutex
	file  *os.File
}

// OpenLog opens a container's log for what is carried from now on. The log of an earlier run is added to.
func (s *Relay) OpenLog(name string) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	s.log = &Log{file: file}
	return nil
}

func (l *Log) close() {
	if l != nil {
		l.file.Close()
	}
}

// stream returns a writer for one of the streams, "stdout" or "stderr".
func (l *Log) stream(name string) io.WriteCloser { return &logStream{log: l, name: name} }

// logStream turns bytes into entries, a line each.
type logStream struct {
	log  *Log
	name string
	line []byte // the last line, while it is incomplete
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

// flush writes whole lines in one piece. Errors are ignored: a full disk must not stop the program.
func (s *logStream) flush(lines *bytes.Buffer) {
	if lines.Len() == 0 {
		return
	}
	s.log.mutex.Lock()
	defer s.log.mutex.Unlock()
	s.log.file.Write(lines.Bytes())
}

// Watch returns a file that can be read whenever something in a directory was written, made or removed (inotify(7)).
func Watch(dir string) (*os.File, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	const changes = unix.IN_MODIFY | unix.IN_CREATE | unix.IN_DELETE | unix.IN_DELETE_SELF
	if _, err := unix.InotifyAddWatch(fd, dir, changes); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("inotify_add_watch", err)
	}
	return os.NewFile(uintptr(fd), "inotify"), nil
}

// Reader turns the entries of a log back into what the program wrote.
type Reader struct {
	from           *bufio.Reader
	partial        []byte // an entry that is only half written yet
	stdout, stderr io.Writer
	times          bool
	inLine         [2]bool // whether the line of stdout, and that of stderr, goes on in the next entry
}

// timeLayout is RFC 3339 with nanoseconds, all nine digits of them so that the lines are aligned, as in Docker.
const timeLayout = "2006-01-02T15:04:05.000000000Z07:00 "

// Copy copies up to the present end of the file.
func (r *Reader) Copy() error {
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

// NewReader returns a reader of a log from the present offset of its file on. timestamps is whether each line is
// preceded by the time when it was written.
func NewReader(file io.Reader, stdout, stderr io.Writer, timestamps bool) *Reader {
	return &Reader{from: bufio.NewReader(file), stdout: stdout, stderr: stderr, times: timestamps}
}

// SeekTail sets the offset of a file to where its last lines begin.
func SeekTail(file *os.File, lines int) error {
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
