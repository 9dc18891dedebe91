//go:build linux

package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/object"
)

// Create keeps a new object, and returns it as it is kept: with its defaults, a name if it had only a prefix, and what
// the store sets. An object that is not valid is refused with an [object.InvalidError], one whose name is taken with
// [ErrExists].
func (s *Store) Create(ctx context.Context, obj object.Object) (object.Object, error) {
	obj = object.Clone(obj)
	kind, meta := object.KindOf(obj), obj.GetMeta()
	meta.UID = newUID()
	meta.CreationTimestamp = object.NewTime(s.options.Now())
	meta.DeletionTimestamp, meta.DeletionGracePeriodSeconds = nil, nil
	if meta.Generation = 0; kind.Counted() {
		meta.Generation = 1
	}
	prefix := meta.GenerateName
	generated := meta.Name == "" && prefix != ""
	for attempt := 1; ; attempt++ {
		if generated {
			meta.Name = generateName(prefix)
		}
		object.SetDefaults(obj)
		if err := object.Validate(obj); err != nil {
			return nil, err
		}
		c := &change{kind: kind, key: key(kind, meta.Namespace, meta.Name)}
		c.event, _ = obj.(*object.Event)
		var err error
		if c.body, err = encode(obj); err == nil {
			err = s.send(ctx, c, obj)
		}
		if errors.Is(err, errStale) {
			if err = (&ObjectError{Kind: kind, Name: meta.Name, Reason: ErrExists}); generated && attempt < 8 {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		return obj, nil
	}
}

// Update puts an object in the place of the one with its name, and returns it as it is kept. If it has a
// resourceVersion, that has to be the one that is kept: otherwise it is [ErrConflict]. If it has none, it replaces
// whatever is there. An object that is to be deleted goes when its last finalizer does. An update that would
// change nothing is not written.
func (s *Store) Update(ctx context.Context, obj object.Object) (object.Object, error) {
	kind, meta := object.KindOf(obj), *obj.GetMeta()
	return s.change(ctx, kind, meta.Namespace, meta.Name, meta.ResourceVersion, meta.UID,
		func(object.Object) (object.Object, error) { return object.Clone(obj), nil })
}

// Modify changes an object as f says, which gets a copy of what is kept, and may be called again if another writer was
// faster. If f returns an error, nothing is changed.
func (s *Store) Modify(ctx context.Context, kind *object.Kind, namespace, name string,
	f func(object.Object) error,
) (object.Object, error) {
	return s.change(ctx, kind, namespace, name, "", "", func(old object.Object) (object.Object, error) {
		obj := object.Clone(old)
		version := obj.GetMeta().ResourceVersion
		err := f(obj)
		if now := obj.GetMeta().ResourceVersion; err == nil && now != "" && now != version {
			return nil, conflict(kind, name, "")
		}
		return obj, err
	})
}

// DeleteOptions say when an object is deleted, and how.
type DeleteOptions struct {
	UID             string // that it has to have
	ResourceVersion string // that it has to have

	// Grace is how long a node's agent may take to end it. Until the agent deletes it with none, it is marked.
	Grace time.Duration
}

// Delete removes an object and returns what it was. If it has finalizers, or a grace period, it stays and is marked
// with the time from which on it is to be gone; whoever is to act on that does so, and deletes it again or removes its
// finalizer.
func (s *Store) Delete(ctx context.Context, kind *object.Kind, namespace, name string, o DeleteOptions) (object.Object,
	error,
) {
	for {
		old, revision, _, err := s.read(kind, namespace, name)
		if err == nil {
			err = expect(old, o.ResourceVersion, o.UID)
		}
		if err != nil {
			return nil, err
		}
		c := &change{kind: kind, key: key(kind, namespace, name), seen: revision}
		grace := int64(o.Grace / time.Second)
		meta := old.GetMeta()
		left := meta.Finalizers
		switch {
		case len(left) == 0 && grace == 0:
			err = s.send(ctx, c, old)
		case meta.DeletionTimestamp != nil && (meta.DeletionGracePeriodSeconds == nil ||
			*meta.DeletionGracePeriodSeconds <= grace):
			return old, nil // it is marked, and not for longer
		default:
			at := object.NewTime(s.options.Now().Add(o.Grace))
			meta.DeletionTimestamp, meta.DeletionGracePeriodSeconds = &at, &grace
			if kind.Counted() {
				meta.Generation++
			}
			if c.body, err = encode(old); err != nil {
				return nil, err
			}
			err = s.send(ctx, c, old)
		}
		if !errors.Is(err, errStale) {
			return old, err
		}
	}
}

// change puts what f makes of an object in its place. If version and uid are not empty, the object has to have them.
func (s *Store) change(ctx context.Context, kind *object.Kind, namespace, name, version, uid string,
	f func(object.Object) (object.Object, error),
) (object.Object, error) {
	for {
		old, revision, kept, err := s.read(kind, namespace, name)
		if err == nil {
			err = expect(old, version, uid)
		}
		if err != nil {
			return nil, err
		}
		obj, err := f(old)
		if err != nil {
			return nil, err
		}
		keepIdentity(kind, obj, old)
		object.SetDefaults(obj)
		if err := object.ValidateUpdate(obj, old); err != nil {
			return nil, err
		}
		c := &change{kind: kind, key: key(kind, namespace, name), seen: revision}
		if c.body, err = encode(obj); err != nil {
			return nil, err
		}
		obj.GetMeta().ResourceVersion = old.GetMeta().ResourceVersion
		if bytes.Equal(c.body, kept) {
			return obj, nil
		}
		if meta := obj.GetMeta(); meta.DeletionTimestamp != nil && len(meta.Finalizers) == 0 &&
			len(old.GetMeta().Finalizers) > 0 && (meta.DeletionGracePeriodSeconds == nil ||
			*meta.DeletionGracePeriodSeconds == 0) {
			c.body = nil
		}
		err = s.send(ctx, c, obj)
		if !errors.Is(err, errStale) {
			return obj, err
		}
	}
}

// keepIdentity gives an object what only the store sets.
func keepIdentity(kind *object.Kind, obj, old object.Object) {
	meta, before := obj.GetMeta(), old.GetMeta()
	meta.UID, meta.CreationTimestamp, meta.GenerateName = before.UID, before.CreationTimestamp, before.GenerateName
	meta.DeletionTimestamp = before.DeletionTimestamp
	meta.DeletionGracePeriodSeconds = before.DeletionGracePeriodSeconds
	if meta.Generation = before.Generation; kind.Counted() && !object.SameSpec(obj, old) {
		meta.Generation++
	}
}

// expect returns an error if an object has not the version or the uid that it should.
func expect(obj object.Object, version, uid string) error {
	meta := obj.GetMeta()
	switch {
	case uid != "" && uid != meta.UID:
		return conflict(object.KindOf(obj), meta.Name, fmt.Sprintf(
			"Precondition failed: UID in precondition: %s, UID in object meta: %s", uid, meta.UID))
	case version != "" && version != meta.ResourceVersion:
		return conflict(object.KindOf(obj), meta.Name, "")
	}
	return nil
}

func conflict(kind *object.Kind, name, detail string) error {
	return &ObjectError{Kind: kind, Name: name, Reason: ErrConflict, Detail: detail}
}

// send has a change committed. When it comes back without an error the object has its new version.
func (s *Store) send(ctx context.Context, c *change, obj object.Object) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// From here on ctx counts no more: whoever gave up waiting would not know what has happened.
	if err := s.submit(c); err != nil {
		return err
	}
	if c.body != nil {
		obj.GetMeta().ResourceVersion = strconv.FormatUint(c.revision, 10)
	}
	return nil
}

// read returns an object, its revision, and the rest of its JSON.
func (s *Store) read(kind *object.Kind, namespace, name string) (obj object.Object, revision uint64, rest []byte,
	err error,
) {
	err = s.view(func(tx *bolt.Tx) (err error) {
		data := tx.Bucket(bucketName(kind)).Get([]byte(key(kind, namespace, name)))
		if data == nil {
			return &ObjectError{Kind: kind, Name: name, Reason: ErrNotFound}
		}
		if revision, rest, err = cutRevision(kind, data); err == nil {
			rest = bytes.Clone(rest) // what is in the file is there for as long as the transaction
			obj, err = decode(kind, data)
		}
		return err
	})
	return obj, revision, rest, err
}

// newUID returns a random UUID (RFC 9562, version 4).
func newUID() string {
	var b [16]byte
	rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// generateName adds five characters to a prefix, of those that make no words, and no more than fit.
func generateName(prefix string) string {
	const letters, added, most = "bcdfghjklmnpqrstvwxz2456789", 5, 63
	name := []byte(prefix[:min(len(prefix), most-added)])
	var random [added]byte
	rand.Read(random[:])
	for _, b := range random {
		name = append(name, letters[int(b)%len(letters)])
	}
	return string(name)
}
