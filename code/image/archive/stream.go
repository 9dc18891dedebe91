//go:build linux

package archive

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync/atomic"

	"compress/gzip"

	"github.com/klauspost/compress/zstd"
)

const (
	chunkSize  = 256 << 10
	chunkCount = 8
	maxWindow  = 128 << 20 // what zstd(1) takes by itself: the window is memory that the archive asks for
)

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

// packed are the forms that are recognised, but not undone: Go's library has no xz, and a tool that undoes it is on
// every machine. What they begin with is more than a name in a tar archive could be mistaken for.
var packed = []struct{ magic, name, tool string }{
	{"\xfd7zXZ\x00", "xz", "xz"},
	{"1AY&SY", "bzip2", "bzip2"}, // after BZh and a digit, which are skipped
	{"LZIP\x01", "lzip", "lzip"},
	{"\x04\x22\x4d\x18", "lz4", "lz4"},
	{"\x1f\x9d", "compress", "gzip"},
}

// stream is the tar archive in what may be a compressed one. One goroutine reads and decompresses, one hashes, and the
// one that calls Read unpacks.
type stream struct {
	input  *input
	limits Limits
	raw    chan chunk  // from produce to digest
	hashed chan chunk  // from digest to Read
	free   chan []byte // and back
	stop   chan struct{}
	hash   hash.Hash // of all that was read, once Read has returned io.EOF
	chunk  chunk     // in use
	rest   []byte    // of it
	count  int64     // bytes that Read has returned

	compressed bool // known once Read has returned something
}

// chunk is a piece of the archive; the last one has an error, which is io.EOF if all is well.
type chunk struct {
	data []byte
	err  error
}

// newStream begins to read an archive. Its first bytes tell what it is compressed with. After close it reads no more,
// but a Read of the source that has begun may still go on.
func newStream(source io.Reader, limits Limits) *stream {
	s := &stream{
		input:  &input{source: source},
		limits: limits,
		// One more than there are buffers, for the error, so that sending never blocks.
		raw:    make(chan chunk, chunkCount+1),
		hashed: make(chan chunk, chunkCount+1),
		free:   make(chan []byte, chunkCount),
		stop:   make(chan struct{}),
		hash:   sha256.New(),
	}
	for range chunkCount {
		s.free <- nil // memory is taken when it is needed: most layers are small
	}
	go s.produce()
	go s.digest()
	return s
}

// produce decompresses until the end, an error or close.
func (s *stream) produce() {
	defer close(s.raw)
	reader, compressed, err := decompress(s.input)
	s.compressed = compressed
	if err != nil {
		s.raw <- chunk{err: err}
		return
	}
	defer reader.Close()
	var total int64
	for err == nil {
		var buffer []byte
		select {
		case <-s.stop:
			return
		case buffer = <-s.free:
		}
		if buffer == nil {
			buffer = make([]byte, chunkSize)
		}
		n := 0
		for n < len(buffer) && err == nil {
			var more int
			more, err = reader.Read(buffer[n:])
			n += more
		}
		total += int64(n)
		if tooMuch := s.limits.check(total, s.input.count.Load()); tooMuch != nil {
			n, err = 0, tooMuch
		}
		s.raw <- chunk{buffer[:n], err}
	}
}

// digest hashes what goes by.
func (s *stream) digest() {
	for c := range s.raw {
		s.hash.Write(c.data)
		s.hashed <- c
	}
}

func (s *stream) Read(buffer []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.chunk.err != nil {
			return 0, s.chunk.err
		}
		if s.chunk.data != nil {
			s.free <- s.chunk.data[:cap(s.chunk.data)]
		}
		s.chunk = <-s.hashed
		s.rest = s.chunk.data
	}
	n := copy(buffer, s.rest)
	s.rest = s.rest[n:]
	s.count += int64(n)
	return n, nil
}

func (s *stream) close() { close(s.stop) }

// decompress finds out whether and how an archive is compressed, and undoes it.
func decompress(source io.Reader) (reader io.ReadCloser, compressed bool, err error) {
	buffered := bufio.NewReaderSize(source, chunkSize)
	magic, err := buffered.Peek(10)
	if err != nil && err != io.EOF {
		return nil, false, err
	}
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		reader, err := gzip.NewReader(buffered)
		return reader, true, err
	case bytes.HasPrefix(magic, zstdMagic):
		decoder, err := zstd.NewReader(buffered, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, true, err
		}
		return decoder.IOReadCloser(), true, nil
	}
	if bytes.HasPrefix(magic, []byte("BZh")) && len(magic) == 10 {
		magic = magic[4:]
	}
	for _, form := range packed {
		if bytes.HasPrefix(magic, []byte(form.magic)) {
			return nil, true, &CompressionError{form.name, form.tool}
		}
	}
	return io.NopCloser(buffered), false, nil
}

// input counts what is read of the source, and remembers the source's own errors: they are not the fault of the
// archive.
type input struct {
	source io.Reader
	count  atomic.Int64
	failed atomic.Pointer[error]
}

func (i *input) Read(buffer []byte) (int, error) {
	n, err := i.source.Read(buffer)
	i.count.Add(int64(n))
	if err != nil && err != io.EOF {
		i.failed.Store(&err)
	}
	return n, err
}

// check compares what came out so far with what went in. Headers and padding are allowed for beside the content.
func (l Limits) check(out, in int64) error {
	if l.Bytes > 0 && out > 2*l.Bytes+1<<20 {
		return &LimitError{fmt.Sprintf("the archive swells to more than %d bytes", out)}
	}
	if l.Ratio > 0 && out > l.Grace && out/l.Ratio > in {
		return &LimitError{fmt.Sprintf("%d bytes became %d: more than %d to 1 is taken for a bomb", in, out, l.Ratio)}
	}
	return nil
}

// blame tells an archive's faults, which become an [EntryError] with the name of the entry, from a failing source.
func (s *stream) blame(entry string, err error) error {
	if failed := s.input.failed.Load(); failed != nil {
		return fmt.Errorf("read archive: %w", *failed)
	}
	var limit *LimitError
	var form *CompressionError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("unpack archive: %w", err)
	case errors.As(err, &form):
		return &EntryError{Entry: entry, Reason: form.Error(), Err: form}
	case errors.As(err, &limit):
		return exceeds(entry, "%s", limit.Reason)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return refuse(entry, "the archive ends here, too early")
	}
	return refuse(entry, "the archive is damaged here: %v", err)
}
