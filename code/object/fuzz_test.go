package object

import (
	"testing"
)

// FuzzDecode shows that whatever is decoded can be validated, encoded and decoded again, and is then the same.
func FuzzDecode(f *testing.F) {
	for _, data := range samples {
		f.Add([]byte(data))
	}
	f.Add([]byte(`{"apiVersion":"v1","kind":"Node","status":{"capacity":{"cpu":"1e-9","memory":1e30,"pods":"0.1k"}}}`))
	f.Add([]byte(`{"apiVersion":"v1","kind":"Service","spec":{"ports":[{"targetPort":null},{"targetPort":""}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		obj, _, err := Decode(nil, data)
		if err != nil {
			return
		}
		SetDefaults(obj)
		valid := Validate(obj) == nil
		encoded, err := Encode(obj)
		if err != nil {
			t.Fatalf("encode: %v", err)
		}
		again, complaints, err := Decode(nil, encoded)
		if err != nil || len(complaints) > 0 {
			t.Fatalf("decode %s: %q, %v", encoded, complaints, err)
		}
		SetDefaults(again)
		if !sameSpec(obj, again) {
			t.Errorf("not the same:\n%s\n%+v", encoded, again)
		}
		if valid != (Validate(again) == nil) {
			t.Errorf("it was valid: %v; and now: %v", valid, Validate(again))
		}
		if err := ValidateUpdate(again, obj); valid && err != nil {
			t.Errorf("it cannot replace itself: %v", err)
		}
	})
}

// FuzzSelector shows that no text of a selector is too much.
func FuzzSelector(f *testing.F) {
	for _, text := range []string{"a=b", "a in (b,c),!d", "spec.nodeName=a\\,b", "metadata.name!=x", "", "a>1"} {
		f.Add(text, text)
	}
	pod := sample[*Pod](f, Pods)
	f.Fuzz(func(t *testing.T, labels, fields string) {
		selector, err := ParseSelector(Pods, labels, fields)
		if err == nil {
			selector.Matches(pod)
		}
	})
}
