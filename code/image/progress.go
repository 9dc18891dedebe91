//go:build linux

package image

import (
	"context"
	"hash"
	"io"
	"os"
	"sync"
)

// meter is a reader that stops with a context and tells a progress how far it is. What reads from it may go on for a
// moment after the operation has failed; the progress does not hear of that.
type meter struct {
	ctx      context.Context
	source   io.Reader
	hash     hash.Hash // of what was read; nil: not wanted
	progress Progress  // nil: none, or done
	mutex    sync.Mutex
}

// waiting is a reader of what may block, such as a terminal, or a pipe without a writer. The wait ends with
// the context; the read that was begun is left behind, with a buffer of its own.
type waiting struct {
	ctx    context.Context
	source io.Reader
}

func (w *waiting) Read(buffer []byte) (int, error) {
	type result struct {
		data []byte
		err  error
	}
	read := make(chan result, 1)
	go func() {
		own := make([]byte, len(buffer))
		n, err := w.source.Read(own)
		read <- result{own[:n], err}
	}()
	select {
	case <-w.ctx.Done():
		return 0, w.ctx.Err()
	case r := <-read:
		return copy(buffer, r.data), r.err
	}
}

// openWaiting opens a file to read. That of a pipe waits for a writer (fifo(7)): with the context ends the wait, and
// what is opened after all is closed.
func openWaiting(ctx context.Context, name string) (*os.File, error) {
	type result struct {
		file *os.File
		err  error
	}
	opened := make(chan result)
	go func() {
		file, err := os.Open(name)
		select {
		case opened <- result{file, err}:
		case <-ctx.Done():
			file.Close()
		}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-opened:
		return r.file, r.err
	}
}

// measure starts the progress; close ends it.
func measure(ctx context.Context, source io.Reader, p Progress, what string, total int64) *meter {
	if p != nil {
		p.Start(what, total)
	}
	return &meter{ctx: ctx, source: source, progress: p}
}

func (m *meter) Read(buffer []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.source.Read(buffer)
	if m.hash != nil {
		m.hash.Write(buffer[:n])
	}
	m.advance(int64(n))
	return n, err
}

func (m *meter) advance(n int64) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.progress != nil {
		m.progress.Advance(n)
	}
}

func (m *meter) close() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.progress != nil {
		m.progress.Done()
	}
	m.progress = nil
}

// advancing is a reader that tells how far it is.
type advancing struct {
	source  io.Reader
	advance func(int64)
}

func (a *advancing) Read(buffer []byte) (int, error) {
	n, err := a.source.Read(buffer)
	a.advance(int64(n))
	return n, err
}

// Progress hears how far an operation is. The methods of one operation are called from one goroutine at a time.
type Progress interface {
	Start(what string, total int64) // bytes; 0: unknown
	Advance(n int64)
	Done()
}
