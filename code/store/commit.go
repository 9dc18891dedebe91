//go:build linux

package store

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/crash"
	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

// change is what a writer wants: another JSON for an object whose revision it has seen.
type change struct {
	kind  *object.Kind
	key   string
	seen  uint64        // 0: there is none
	body  []byte        // the JSON after its head; nil to remove the object
	event *object.Event // that is new

	revision uint64 // that it has got
	err      error
	done     chan struct{}
}

// errStale is what a change gets whose object has another revision than its writer has seen. The writer knows what that
// means.
var errStale = errors.New("the object has another revision")

// queue is where changes wait for the goroutine that commits.
type queue struct {
	mu      sync.Mutex
	waiting []*change
	closed  bool
	wake    chan struct{}
}

func (q *queue) put(c *change) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	q.waiting = append(q.waiting, c)
	q.signal()
	return nil
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default: // it is awake already
	}
}

// close reports whether the queue was open.
func (q *queue) close() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	was := !q.closed
	q.closed = true
	q.signal()
	return was
}

// maxBatch is how many changes are committed at once, and maxBatchBytes how large they are together.
const (
	maxBatch      = 1000
	maxBatchBytes = 16 << 20
)

// take returns the changes that wait, as many as go into one commit, and whether the queue is closed.
func (q *queue) take() (batch []*change, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, size := 0, 0
	for n < len(q.waiting) && n < maxBatch && size < maxBatchBytes {
		size += len(q.waiting[n].body)
		n++
	}
	batch, q.waiting = q.waiting[:n:n], q.waiting[n:]
	if n == 0 {
		q.waiting = nil
	}
	return batch, q.closed
}

// submit waits until a change is on the disk, or refused.
func (s *Store) submit(c *change) error {
	c.done = make(chan struct{})
	if err := s.queue.put(c); err != nil {
		return err
	}
	<-c.done
	return c.err
}

// commitAll commits what waits, until the store is closed. While one batch is on its way to the disk, the next gathers:
// nobody waits for others to come.
func (s *Store) commitAll() {
	defer close(s.finished)
	for range s.queue.wake {
		for {
			batch, closed := s.queue.take()
			if len(batch) == 0 {
				if closed {
					return
				}
				break
			}
			s.commit(batch)
		}
	}
}

// errNothing ends a transaction of which nothing is left to commit.
var errNothing = errors.New("nothing to commit")

// commit makes the changes, all in one transaction, and tells their writers. A change that is refused is in no other's
// way.
func (s *Store) commit(batch []*change) {
	s.commits.Lock()
	defer s.commits.Unlock()
	defer func() {
		for _, c := range batch {
			close(c.done)
		}
	}()
	var added []*entry
	dropped := 0
	before := s.events
	err := s.failed
	if err == nil {
		err = s.update(func(tx *bolt.Tx) (err error) {
			if added, err = s.apply(tx, batch); err != nil {
				return err
			}
			if len(added) == 0 {
				return errNothing
			}
			if dropped, err = s.trimLog(tx, added); err != nil {
				return err
			}
			crash.Point("store/commit/ready")
			return putRevision(tx, added[len(added)-1].revision)
		})
	}
	switch {
	case err == errNothing:
		return
	case err != nil:
		s.events = before
		err = s.afterFailure(err)
		for _, c := range batch {
			c.err = err
		}
		return
	}
	crash.Point("store/commit/done")
	s.revision = added[len(added)-1].revision
	s.log.append(added, dropped)
}

// update runs a transaction. Whatever happens, it is over when update returns.
func (s *Store) update(f func(*bolt.Tx) error) (err error) {
	s.swap.RLock()
	defer s.swap.RUnlock()
	defer asDamage(&err)
	return s.db.Update(f)
}

// afterFailure says what a commit's error means. As long as the revision in the file is the old one, nothing has
// happened: the disk was full, say. Otherwise the commit may or may not survive, and the store takes no more.
func (s *Store) afterFailure(err error) error {
	if errors.Is(err, bolterrors.ErrMaxSizeReached) {
		return fmt.Errorf("%w: it may have %d bytes", ErrFull, s.options.FileBytes)
	}
	if s.failed != nil {
		return err
	}
	var revision uint64
	looked := s.view(func(tx *bolt.Tx) (err error) {
		revision, err = revisionIn(tx)
		return err
	})
	if looked != nil || revision != s.revision || errors.Is(err, ErrDamaged) {
		s.failed = fmt.Errorf("%w (%w)", ErrFailed, err)
		return s.failed
	}
	return err
}

// apply puts the changes into a transaction and returns those that were made. Its error is of the file.
func (s *Store) apply(tx *bolt.Tx, batch []*change) (made []*entry, err error) {
	revision := s.revision
	put := func(kind *object.Kind, key string, before, body []byte) error {
		revision++
		e := &entry{revision: revision, kind: kind, key: key, before: before}
		if body != nil {
			e.after = withRevision(kind, body, revision)
		}
		made = append(made, e)
		return e.put(tx)
	}
	for _, c := range batch {
		before := bytes.Clone(tx.Bucket(bucketName(c.kind)).Get([]byte(c.key)))
		var current uint64
		if before != nil {
			if current, _, err = cutRevision(c.kind, before); err != nil {
				return nil, err
			}
		}
		if c.err = nil; current != c.seen {
			c.err = errStale
			continue
		}
		if err := put(c.kind, c.key, before, c.body); err != nil {
			return nil, err
		}
		c.revision = revision
		if c.event == nil {
			continue
		}
		old, err := s.events.add(tx, c.event, s.options)
		if err != nil {
			return nil, err
		}
		for _, key := range old {
			before := bytes.Clone(tx.Bucket(bucketName(object.Events)).Get([]byte(key)))
			if err := put(object.Events, key, before, nil); err != nil {
				return nil, err
			}
		}
	}
	return made, nil
}

// put writes a change and its line in the log.
func (e *entry) put(tx *bolt.Tx) error {
	bucket := tx.Bucket(bucketName(e.kind))
	err := bucket.Delete([]byte(e.key))
	if e.after != nil {
		err = bucket.Put([]byte(e.key), e.after)
	}
	if err != nil {
		return err
	}
	changes := tx.Bucket(logBucket)
	changes.FillPercent = 1 // it grows at its end alone
	return changes.Put(logKey(e.revision), e.value())
}

// trimLog removes what is too much of the log in the file, and returns how much that is in memory.
func (s *Store) trimLog(tx *bolt.Tx, added []*entry) (int, error) {
	drop := s.log.excess(added, s.options)
	oldest, _ := s.log.bounds()
	changes := tx.Bucket(logBucket)
	for n := range drop {
		if err := changes.Delete(logKey(oldest + 1 + uint64(n))); err != nil {
			return 0, err
		}
	}
	return drop, nil
}

// eventIndex has the events in the order in which they came. Its keys are <time>-<kind>/<name>, of the object that an
// event is about, and its values the event's key and uid.
type eventIndex struct {
	count int
	last  string // the time of the latest
}

func (x *eventIndex) load(tx *bolt.Tx) {
	cursor := tx.Bucket(timeBucket).Cursor()
	x.count, x.last = 0, ""
	for key, _ := cursor.First(); key != nil; key, _ = cursor.Next() {
		x.count++
		x.last, _, _ = strings.Cut(string(key), "-")
	}
}

// eventKey returns the key of an event, without its time.
func eventKey(e *object.Event) string {
	const most = 253
	cut := func(text string) string { return text[:min(len(text), most)] }
	return cut(strings.ToLower(e.InvolvedObject.Kind)) + "/" + cut(e.InvolvedObject.Name)
}

// add enters an event. It returns the keys of the oldest, which are too many.
func (x *eventIndex) add(tx *bolt.Tx, e *object.Event, o Options) (old []string, err error) {
	index := tx.Bucket(timeBucket)
	now := max(timeKey(o.Now()), next(x.last)) // two in one nanosecond are two
	value := key(object.Events, e.Namespace, e.Name) + " " + e.UID
	if err := index.Put([]byte(now+"-"+eventKey(e)), []byte(value)); err != nil {
		return nil, err
	}
	x.last = now
	x.count++
	for cursor := index.Cursor(); x.count > o.Events; x.count-- {
		first, value := cursor.First()
		event, uid, _ := strings.Cut(string(value), " ")
		if data := tx.Bucket(bucketName(object.Events)).Get([]byte(event)); data != nil {
			obj, err := decode(object.Events, data)
			if err != nil {
				return nil, err
			}
			if obj.GetMeta().UID == uid { // else it is gone, and another has its name
				old = append(old, event)
			}
		}
		if err := index.Delete(first); err != nil {
			return nil, err
		}
	}
	return old, nil
}

const timeDigits = "%020d"

func timeKey(t time.Time) string { return fmt.Sprintf(timeDigits, max(t.UnixNano(), 0)) }

// next returns the time one nanosecond later.
func next(last string) string {
	var n int64
	fmt.Sscanf(last, "%d", &n)
	return fmt.Sprintf(timeDigits, n+1)
}
