//go:build linux

package store

import (
	"context"

	bolt "go.etcd.io/bbolt"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

// Watcher is what schedulers and controllers read by: the store itself in its own process, a client of the API
// elsewhere. A [List] and then a [Watch] from its revision miss nothing between them.
type Watcher interface {
	List(ctx context.Context, kind *object.Kind, o ListOptions) (*List, error)
	Watch(ctx context.Context, kind *object.Kind, o WatchOptions) (Watch, error)
}

var _ Watcher = (*Store)(nil)

// WatchOptions say which changes are watched.
type WatchOptions struct {
	Namespace string // all, if it is empty
	Selector  object.Selector
	After     uint64 // the revision after which changes are told

	// Bookmarks are wanted: from time to time the watch tells how far it is, though nothing has happened that it is
	// about. A watcher that has to begin again does so from there.
	Bookmarks bool
}

// Watch tells changes of objects, each once, in the order in which they happened.
type Watch interface {
	// Next waits for the next event. When ctx ends, nothing is lost: Next can be called again. After [ErrGone], changes
	// have been missed: there is no next, and whoever watches has to list again.
	Next(ctx context.Context) (Event, error)

	// Revision returns how far the watch is. All that happened until then has been told.
	Revision() uint64

	// Close ends the watch.
	Close()
}

// EventType says what has become of an object.
type EventType string

// The types, with the names that Kubernetes has for them.
const (
	Added    EventType = "ADDED"
	Modified EventType = "MODIFIED"
	Deleted  EventType = "DELETED"
	Bookmark EventType = "BOOKMARK"
)

// Event is what has become of an object. An object that no longer matches a watch's selector is deleted for that watch,
// and one that begins to match is added. Object and JSON are shared with other watches and must not be changed.
type Event struct {
	Type     EventType
	Revision uint64
	Object   object.Object // as it is now; if it is deleted, as it was. Nil for a bookmark
	JSON     []byte        // of the object
}

// bookmarkShare is which part of the log may pass a watch by before it gets a bookmark.
const bookmarkShare = 8

type watch struct {
	store    *Store
	kind     *object.Kind
	options  WatchOptions
	prefix   string
	revision uint64 // up to which all is told
	told     uint64 // of the latest event
	ahead    []*entry
}

// Watch tells what happens after a revision. If the log does not reach back to it, that is [ErrGone] at once.
func (s *Store) Watch(_ context.Context, kind *object.Kind, o WatchOptions) (Watch, error) {
	// The file may have a revision that is not in the log yet, for a moment.
	var newest uint64
	err := s.view(func(tx *bolt.Tx) (err error) {
		newest, err = revisionIn(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if oldest, _ := s.log.bounds(); o.After > newest {
		return nil, &RevisionError{ErrFuture, o.After, oldest, newest}
	}
	if _, _, err := s.log.after(o.After); err != nil {
		return nil, err
	}
	w := &watch{store: s, kind: kind, options: o, revision: o.After, told: o.After}
	if o.Namespace != "" && kind.Namespaced {
		w.prefix = o.Namespace + "/"
	}
	return w, nil
}

func (w *watch) Revision() uint64 { return w.revision }

func (w *watch) Close() {}

func (w *watch) Next(ctx context.Context) (Event, error) {
	for {
		for len(w.ahead) > 0 {
			e := w.ahead[0]
			event, concerned, err := w.see(e)
			if err != nil {
				return Event{}, err
			}
			w.ahead, w.revision = w.ahead[1:], e.revision
			if concerned {
				w.told = e.revision
				return event, nil
			}
		}
		entries, changed, err := w.store.log.after(w.revision)
		if err != nil {
			return Event{}, err
		}
		if w.ahead = entries; len(entries) > 0 {
			continue
		}
		if w.options.Bookmarks && w.revision-w.told >= uint64(max(w.store.options.Changes/bookmarkShare, 1)) {
			w.told = w.revision
			return Event{Type: Bookmark, Revision: w.revision}, nil
		}
		select {
		case <-ctx.Done():
			return Event{}, ctx.Err()
		case <-changed:
		}
	}
}

// see returns what a change is for this watch, if it is anything.
func (w *watch) see(e *entry) (Event, bool, error) {
	if e.kind != w.kind || len(e.key) < len(w.prefix) || e.key[:len(w.prefix)] != w.prefix {
		return Event{}, false, nil
	}
	if err := e.objects(); err != nil {
		return Event{}, false, err
	}
	was := e.old != nil && w.options.Selector.Matches(e.old)
	is := e.now != nil && w.options.Selector.Matches(e.now)
	switch {
	case is && was:
		return Event{Modified, e.revision, e.now, e.after}, true, nil
	case is:
		return Event{Added, e.revision, e.now, e.after}, true, nil
	case was:
		return Event{Deleted, e.revision, e.old, e.oldJSON}, true, nil
	}
	return Event{}, false, nil
}
