package object

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Meta is the metadata of an object. The store sets UID, ResourceVersion, Generation, CreationTimestamp and the two of
// the deletion; nobody else's values count.
type Meta struct {
	// ResourceVersion names the change that made the object what it is. It comes first: the store finds it there.
	ResourceVersion string `json:"resourceVersion,omitempty"`

	Name         string `json:"name,omitempty"`
	GenerateName string `json:"generateName,omitempty"` // a prefix, to which the store adds five characters
	Namespace    string `json:"namespace,omitempty"`
	UID          string `json:"uid,omitempty"`

	// Generation counts the changes of what is wanted; those of a status leave it.
	Generation int64 `json:"generation,omitempty"`

	CreationTimestamp Time `json:"creationTimestamp,omitzero"`

	// DeletionTimestamp says since when the object is to go: its finalizers, or an agent, are not done yet.
	DeletionTimestamp          *Time             `json:"deletionTimestamp,omitempty"`
	DeletionGracePeriodSeconds *int64            `json:"deletionGracePeriodSeconds,omitempty"`
	Labels                     map[string]string `json:"labels,omitempty"`
	Annotations                map[string]string `json:"annotations,omitempty"`
	OwnerReferences            []OwnerReference  `json:"ownerReferences,omitempty"`
	Finalizers                 []string          `json:"finalizers,omitempty"`
}

// GetMeta returns the metadata itself.
func (m *Meta) GetMeta() *Meta { return m }

// OwnerReference names an object without which this one is not wanted.
type OwnerReference struct {
	APIVersion         string `json:"apiVersion"`
	Kind               string `json:"kind"`
	Name               string `json:"name"`
	UID                string `json:"uid"`
	Controller         *bool  `json:"controller,omitempty"`
	BlockOwnerDeletion *bool  `json:"blockOwnerDeletion,omitempty"`
}

// Time is a moment as JSON has it in Kubernetes: RFC 3339 in UTC, whole seconds.
type Time struct{ time.Time }

// NewTime returns a moment without what JSON would lose of it.
func NewTime(t time.Time) Time { return Time{t.UTC().Truncate(time.Second)} }

// MarshalJSON implements [json.Marshaler].
func (t Time) MarshalJSON() ([]byte, error) { return marshalTime(t.Time, time.RFC3339) }

// UnmarshalJSON implements [json.Unmarshaler].
func (t *Time) UnmarshalJSON(data []byte) error {
	parsed, err := unmarshalTime(data)
	*t = NewTime(parsed)
	return err
}

// MicroTime is a moment with microseconds, as leases and events have it.
type MicroTime struct{ time.Time }

// NewMicroTime returns a moment without what JSON would lose of it.
func NewMicroTime(t time.Time) MicroTime { return MicroTime{t.UTC().Truncate(time.Microsecond)} }

// MarshalJSON implements [json.Marshaler].
func (t MicroTime) MarshalJSON() ([]byte, error) {
	return marshalTime(t.Time, "2006-01-02T15:04:05.000000Z07:00")
}

// UnmarshalJSON implements [json.Unmarshaler].
func (t *MicroTime) UnmarshalJSON(data []byte) error {
	parsed, err := unmarshalTime(data)
	*t = NewMicroTime(parsed)
	return err
}

func marshalTime(t time.Time, layout string) ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(t.UTC().Format(layout))
}

// unmarshalTime takes null for no time at all, as clients written in Go send that.
func unmarshalTime(data []byte) (time.Time, error) {
	if bytes.Equal(data, []byte("null")) {
		return time.Time{}, nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, text)
	if year := t.UTC().Year(); err == nil && (year < 0 || year > 9999) { // RFC 3339 has four digits for it
		err = fmt.Errorf("the year %d has no four digits", year)
	}
	if err != nil {
		return time.Time{}, err
	}
	return t, nil
}
