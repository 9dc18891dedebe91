package object

import (
	"encoding/json"
	"errors"
	"fmt"

	kjson "sigs.k8s.io/json"
)

// MaxBytes is how long the JSON of an object may be. That of Kubernetes is about as long (1.5 MiB, by etcd's default).
const MaxBytes = 3 << 19

// ErrTooLarge is the error for an object whose JSON is longer than [MaxBytes].
var ErrTooLarge = fmt.Errorf("the object is longer than %d bytes", MaxBytes)

// Decode reads an object from JSON. If kind is nil, the JSON has to name one; otherwise it may name no other.
//
// Fields that the kind does not have, and fields that are there twice, make no error: complaints has them, in
// Kubernetes' words, `unknown field "spec.containers[0].img"`, and the object is without them. Unlike for
// [encoding/json], Spec is not spec.
func Decode(kind *Kind, data []byte) (obj Object, complaints []string, err error) {
	if len(data) > MaxBytes {
		return nil, nil, ErrTooLarge
	}
	var named Type
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, &named); err != nil {
		return nil, nil, err
	}
	if kind, err = named.resolve(kind); err != nil {
		return nil, nil, err
	}
	obj = kind.New()
	strict, err := kjson.UnmarshalStrict(data, obj)
	if err != nil {
		return nil, nil, fmt.Errorf("%[1]s in version %[2]q cannot be handled as a %[1]s: %[3]w", kind.Name,
			kind.Version, err)
	}
	*obj.getType() = kind.typ() // what the JSON has may be empty
	for _, complaint := range strict {
		complaints = append(complaints, complaint.Error())
	}
	return obj, complaints, nil
}

// resolve returns the kind that is meant, where want is the one that is expected, or nil.
func (t Type) resolve(want *Kind) (*Kind, error) {
	switch {
	case want == nil && t.Kind == "":
		return nil, errors.New("Object 'Kind' is missing")
	case want == nil && t.APIVersion == "":
		return nil, errors.New("Object 'apiVersion' is missing")
	case want == nil:
		if want = Lookup(t.APIVersion, t.Kind); want == nil {
			return nil, fmt.Errorf("no matches for kind %q in version %q", t.Kind, t.APIVersion)
		}
	case t.Kind != "" && t.Kind != want.Name || t.APIVersion != "" && t.APIVersion != want.APIVersion():
		return nil, fmt.Errorf("the object provided is a %s of %s, not a %s of %s", t.Kind, t.APIVersion, want.Name,
			want.APIVersion())
	}
	return want, nil
}

// Encode returns the JSON of an object. It begins with its kind, apiVersion and metadata, of which resourceVersion is
// first.
func Encode(obj Object) ([]byte, error) {
	*obj.getType() = KindOf(obj).typ()
	data, err := json.Marshal(obj)
	if err == nil && len(data) > MaxBytes {
		return nil, ErrTooLarge
	}
	return data, err
}

// DecodeKept reads what [Encode] has written. It looks neither for what is unknown nor for what is there twice, which
// takes a good half of the time.
func DecodeKept(kind *Kind, data []byte) (Object, error) {
	obj := kind.make()
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, obj); err != nil {
		return nil, err
	}
	if got := *obj.getType(); got != kind.typ() {
		return nil, fmt.Errorf("it is a %s of %s, not a %s", got.Kind, got.APIVersion, kind.Name)
	}
	return obj, nil
}
