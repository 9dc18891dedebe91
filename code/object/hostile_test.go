package object

import (
	"strings"
	"testing"
	"time"
)

// slow is far longer than any of these takes; what grows with the square of its length takes hours.
const slow = 20 * time.Second

func TestHostileObjectsTakeTheirLengthAndNoMore(t *testing.T) {
	half := MaxBytes / 8
	for name, data := range map[string]string{
		"digits":     `{"status":{"capacity":{"cpu":"` + strings.Repeat("9", half) + `"}}}`,
		"exponent":   `{"status":{"capacity":{"cpu":"1e999999999"}}}`,
		"tiny":       `{"status":{"capacity":{"cpu":"1e-999999999"}}}`,
		"number":     `{"status":{"capacity":{"cpu":` + strings.Repeat("9", half) + `}}}`,
		"taints":     `{"spec":{"taints":[{}` + strings.Repeat(",{}", half/3) + `]}}`,
		"labels":     `{"metadata":{"labels":{"a":""` + strings.Repeat(`,"a":""`, half/7) + `}}}`,
		"unknown":    `{"a":1` + strings.Repeat(`,"a":1`, half/6) + `}`,
		"exponents":  `{"status":{"capacity":{"cpu":"1E-99","memory":"1e+100"}}}`,
		"deep":       `{"a":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`,
		"owners":     `{"metadata":{"ownerReferences":[{}` + strings.Repeat(",{}", half/3) + `]}}`,
		"finalizers": `{"metadata":{"finalizers":["` + strings.Repeat(`","`, half/3) + `"]}}`,
	} {
		began := time.Now()
		obj, complaints, err := Decode(Nodes, []byte(data))
		if err == nil {
			SetDefaults(obj)
			err = Validate(obj)
		}
		if took := time.Since(began); took > slow {
			t.Errorf("%s: it took %v", name, took)
		}
		if err == nil {
			t.Errorf("%s: it is valid: %q", name, complaints)
		} else if len(err.Error()) > 1<<20 || len(complaints) > 1000 {
			t.Errorf("%s: %d bytes are said about it, %d complaints", name, len(err.Error()), len(complaints))
		}
	}
}
