//go:build linux

package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

// Get returns an object.
func (s *Store) Get(_ context.Context, kind *object.Kind, namespace, name string) (object.Object, error) {
	obj, _, _, err := s.read(kind, namespace, name)
	return obj, err
}

// ListOptions say which objects of a kind are listed.
type ListOptions struct {
	Namespace string // all, if it is empty
	Selector  object.Selector
	Limit     int    // how many at most; 0: all
	Continue  string // from the page before
}

// List is objects of a kind in the order of their keys, all as they were at one revision.
type List struct {
	Revision uint64
	Objects  []object.Object
	Continue string // for the next page, if there is one
	Left     int    // how many are on pages to come; -1 if only a selector would know
}

// page says where a page begins. It travels in a token, as JSON in base64.
type page struct {
	Revision uint64 `json:"rv"`
	Start    string `json:"start"` // the first key
}

// maxToken is how long the token of a page may be: a key and a number are shorter.
const maxToken = 1 << 10

func (p page) token() string {
	data, _ := json.Marshal(p) // of a string and a number
	return base64.RawURLEncoding.EncodeToString(data)
}

func parsePage(token, prefix string) (p page, err error) {
	if len(token) > maxToken {
		return page{}, fmt.Errorf("%w: it is too long", ErrContinue)
	}
	data, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err == nil && (p.Revision == 0 || !strings.HasPrefix(p.Start, prefix)) {
		err = fmt.Errorf("it is of another list")
	}
	if err != nil {
		return page{}, fmt.Errorf("%w: %w", ErrContinue, err)
	}
	return p, nil
}

// List returns objects of a kind. Pages after the first are from the revision of the first, or, if the log does not
// reach back to it, [ErrGone].
func (s *Store) List(ctx context.Context, kind *object.Kind, o ListOptions) (*List, error) {
	prefix := ""
	if o.Namespace != "" && kind.Namespaced {
		prefix = o.Namespace + "/"
	}
	at := page{Start: prefix}
	if o.Continue != "" {
		var err error
		if at, err = parsePage(o.Continue, prefix); err != nil {
			return nil, err
		}
	}
	list := &List{Objects: []object.Object{}}
	err := s.view(func(tx *bolt.Tx) (err error) {
		newest, err := revisionIn(tx)
		if err != nil {
			return err
		}
		list.Revision = newest
		past := map[string][]byte{}
		if at.Revision != 0 {
			list.Revision = at.Revision
			if past, err = goBack(tx, kind, at.Revision, newest); err != nil {
				return err
			}
		}
		return list.fill(ctx, tx, kind, o, prefix, at.Start, past)
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// fill takes up what is in a bucket from a key on, but for objects that were another in the past, or not there.
func (l *List) fill(ctx context.Context, tx *bolt.Tx, kind *object.Kind, o ListOptions, prefix, start string,
	past map[string][]byte,
) error {
	for key, data := range merged(tx.Bucket(bucketName(kind)), prefix, start, past) {
		if l.Continue != "" {
			l.Left++
			continue
		}
		if o.Limit > 0 && len(l.Objects) == o.Limit {
			l.Continue = page{l.Revision, key}.token()
			if l.Left = 1; !o.Selector.All() {
				l.Left = -1
				return nil
			}
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		obj, err := decode(kind, data)
		if err != nil {
			return err
		}
		if o.Selector.Matches(obj) {
			l.Objects = append(l.Objects, obj)
		}
	}
	return nil
}

// merged goes through keys and values of a bucket in order, where past has what was there instead, or nil.
func merged(bucket *bolt.Bucket, prefix, start string, past map[string][]byte) func(func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		others := slices.DeleteFunc(slices.Sorted(maps.Keys(past)), func(key string) bool {
			return key < start || !strings.HasPrefix(key, prefix)
		})
		cursor := bucket.Cursor()
		key, value := cursor.Seek([]byte(start))
		for {
			here := key != nil && bytes.HasPrefix(key, []byte(prefix))
			if len(others) > 0 && (!here || others[0] <= string(key)) {
				if here && others[0] == string(key) {
					key, value = cursor.Next()
				}
				if old := past[others[0]]; old != nil && !yield(others[0], old) {
					return
				}
				others = others[1:]
				continue
			}
			if !here || !yield(string(key), value) {
				return
			}
			key, value = cursor.Next()
		}
	}
}

// goBack returns what the objects of a kind that have changed since a revision were at that revision.
func goBack(tx *bolt.Tx, kind *object.Kind, revision, newest uint64) (map[string][]byte, error) {
	cursor := tx.Bucket(logBucket).Cursor()
	oldest := newest
	if first, value := cursor.First(); first != nil {
		e, err := parseEntry(first, value)
		if err != nil {
			return nil, err
		}
		oldest = e.revision - 1
	}
	switch {
	case revision > newest:
		return nil, &RevisionError{ErrFuture, revision, oldest, newest}
	case revision < oldest:
		return nil, &RevisionError{ErrGone, revision, oldest, newest}
	}
	past := map[string][]byte{}
	for key, value := cursor.Seek(logKey(revision + 1)); key != nil; key, value = cursor.Next() {
		e, err := parseEntry(key, value)
		if err != nil {
			return nil, err
		}
		if _, known := past[e.key]; e.kind == kind && !known {
			past[e.key] = e.before
		}
	}
	return past, nil
}
