//go:build linux

package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	bolt "go.etcd.io/bbolt"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

// entry is a change. It is not changed itself, and any number of watches share it.
type entry struct {
	revision uint64
	kind     *object.Kind
	key      string
	before   []byte // JSON; nil when the object was made
	after    []byte // nil when it was removed

	decode      sync.Once
	now, old    object.Object // after; before, with the revision of this change
	oldJSON     []byte
	undecodable error
}

// objects decodes both sides, once for all watches.
func (e *entry) objects() error {
	e.decode.Do(func() {
		if e.after != nil {
			e.now, e.undecodable = decode(e.kind, e.after)
		}
		if e.before == nil || e.undecodable != nil {
			return
		}
		_, rest, err := cutRevision(e.kind, e.before)
		if err == nil {
			e.oldJSON = withRevision(e.kind, rest, e.revision)
			e.old, err = decode(e.kind, e.oldJSON)
		}
		e.undecodable = err
	})
	return e.undecodable
}

func (e *entry) size() int { return len(e.before) + len(e.after) }

// log has the latest changes, each revision once, without gaps.
type log struct {
	mu      sync.Mutex
	entries []*entry
	newest  uint64
	bytes   int
	closed  bool
	changed chan struct{} // is closed at the next change
}

// bounds returns the oldest revision after which all changes are there, and the newest.
func (l *log) bounds() (oldest, newest uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.oldest(), l.newest
}

func (l *log) oldest() uint64 { return l.newest - uint64(len(l.entries)) }

// append adds changes and leaves the oldest out, as many as the file has dropped.
func (l *log) append(added []*entry, dropped int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, added...)
	for _, e := range added {
		l.bytes += e.size()
	}
	for _, e := range l.entries[:dropped] {
		l.bytes -= e.size()
	}
	clear(l.entries[:dropped:dropped])
	l.entries = l.entries[dropped:]
	l.newest = added[len(added)-1].revision
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *log) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	close(l.changed)
	l.changed = make(chan struct{})
}

// excess returns how many entries are too many once some are added.
func (l *log) excess(added []*entry, o Options) (drop int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	count, size := len(l.entries)+len(added), l.bytes
	for _, e := range added {
		size += e.size()
	}
	for drop < len(l.entries) && (count > o.Changes || size > o.ChangeBytes) {
		count--
		size -= l.entries[drop].size()
		drop++
	}
	return drop
}

// after returns some changes after a revision, and what is closed when there are more. The changes are copied out:
// append clears its own.
func (l *log) after(revision uint64) (entries []*entry, changed <-chan struct{}, err error) {
	const most = 64
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, nil, ErrClosed
	}
	if oldest := l.oldest(); revision < oldest {
		return nil, nil, &RevisionError{ErrGone, revision, oldest, l.newest}
	}
	if revision >= l.newest {
		return nil, l.changed, nil
	}
	rest := l.entries[revision-l.oldest():]
	return append([]*entry(nil), rest[:min(len(rest), most)]...), l.changed, nil
}

// The log in the file has the revision as key, big-endian, so that keys are in order, and as value the bucket, the key
// of the object, and what was there before:
//
//	pods/meadow/web-0
//	{"kind":"Pod",…

func logKey(revision uint64) []byte { return binary.BigEndian.AppendUint64(nil, revision) }

func (e *entry) value() []byte {
	return append([]byte(e.kind.Plural+"/"+e.key+"\n"), e.before...)
}

func parseEntry(key, value []byte) (*entry, error) {
	head, before, found := bytes.Cut(value, []byte("\n"))
	plural, name, also := strings.Cut(string(head), "/")
	for _, kind := range object.Kinds {
		if found && also && len(key) == 8 && kind.Plural == plural {
			e := &entry{revision: binary.BigEndian.Uint64(key), kind: kind, key: name}
			if len(before) > 0 {
				e.before = bytes.Clone(before)
			}
			return e, nil
		}
	}
	return nil, fmt.Errorf("%w: its log has %q", ErrDamaged, head)
}

// loadLog reads the log, from the newest change to the oldest: what an object was before a change is what it was after
// the one before.
func loadLog(tx *bolt.Tx, newest uint64) (*log, error) {
	l := &log{newest: newest, changed: make(chan struct{})}
	after := map[string][]byte{}
	cursor := tx.Bucket(logBucket).Cursor()
	for key, value := cursor.Last(); key != nil; key, value = cursor.Prev() {
		e, err := parseEntry(key, value)
		if err != nil {
			return nil, err
		}
		if e.revision != l.oldest() {
			return nil, fmt.Errorf("%w: its log has no change %d", ErrDamaged, l.oldest())
		}
		object := e.kind.Plural + "/" + e.key
		known := false
		if e.after, known = after[object]; !known {
			e.after = bytes.Clone(tx.Bucket(bucketName(e.kind)).Get([]byte(e.key)))
		}
		after[object] = e.before
		l.entries = append(l.entries, e)
		l.bytes += e.size()
	}
	slices.Reverse(l.entries)
	return l, nil
}

// An object in the file begins with its type and its revision, since package object writes them so:
//
//	{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"12",…
//
// So the one goroutine that commits finds and sets revisions without reading JSON; all else is done by the writers.

func head(kind *object.Kind) string {
	return `{"kind":"` + kind.Name + `","apiVersion":"` + kind.APIVersion() + `","metadata":{`
}

const revisionField = `"resourceVersion":"`

// withRevision returns the JSON of an object that has no revision with one.
func withRevision(kind *object.Kind, rest []byte, revision uint64) []byte {
	head := head(kind)
	data := make([]byte, 0, len(head)+len(revisionField)+len("18446744073709551615\",")+len(rest))
	data = append(append(data, head...), revisionField...)
	return append(append(strconv.AppendUint(data, revision, 10), `",`...), rest...)
}

// cutRevision returns the revision of an object, and what follows it.
func cutRevision(kind *object.Kind, data []byte) (uint64, []byte, error) {
	if text, found := bytes.CutPrefix(data, []byte(head(kind)+revisionField)); found {
		number, rest, _ := bytes.Cut(text, []byte(`",`))
		if revision, err := strconv.ParseUint(string(number), 10, 64); err == nil {
			return revision, rest, nil
		}
	}
	return 0, nil, fmt.Errorf("%w: %.100q is not %v with a revision", ErrDamaged, data, kind)
}

// encode returns the JSON of an object after its head, without a revision.
func encode(obj object.Object) ([]byte, error) {
	obj.GetMeta().ResourceVersion = ""
	data, err := object.Encode(obj)
	if err != nil {
		return nil, err
	}
	rest, found := bytes.CutPrefix(data, []byte(head(object.KindOf(obj))))
	if !found || len(rest) == 0 || rest[0] != '"' {
		return nil, fmt.Errorf("an object is encoded as %.100q", data)
	}
	return rest, nil
}

func decode(kind *object.Kind, data []byte) (object.Object, error) {
	obj, err := object.DecodeKept(kind, data)
	if err != nil {
		return nil, fmt.Errorf("%w: %v: %w", ErrDamaged, kind, err)
	}
	return obj, nil
}
