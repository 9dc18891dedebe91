package complaint

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestEachErrorHasTheNameAndWhatBelongsToItIsIndented(t *testing.T) {
	one, two, three := errors.New("one\ndo this"), errors.New("two"), errors.New("three\n")
	for _, c := range []struct {
		err  error
		want string
	}{
		{two, "sheep: two\n"},
		{one, "sheep: one\n  do this\n"},
		{three, "sheep: three\n"},
		{errors.Join(one, nil, two), "sheep: one\n  do this\nsheep: two\n"},
		{errors.Join(two, errors.Join(one, three)), "sheep: two\nsheep: one\n  do this\nsheep: three\n"},
		{fmt.Errorf("%w and %w", two, three), "sheep: two and three\n"},
		{fmt.Errorf("both: %w", errors.Join(two, two)), "sheep: both: two\n  two\n"},
	} {
		var got strings.Builder
		if Print(&got, "sheep", c.err); got.String() != c.want {
			t.Errorf("%q is printed as %q, want %q", c.err, got.String(), c.want)
		}
	}
}

func TestNothingThatATerminalWouldObeyIsPrinted(t *testing.T) {
	// Clear the screen, its C1 form, back to the start of the line, and a ring.
	err := errors.New("made for \x1b[2J moon\u009b2J\rsheep: all is well\a\n\tindented, é and 羊")
	const want = "sheep: made for \ufffd[2J moon\ufffd2J\ufffdsheep: all is well\ufffd\n  \tindented, é and 羊\n"
	var got strings.Builder
	if Print(&got, "sheep", errors.Join(err)); got.String() != want {
		t.Errorf("it is printed as %q, want %q", got.String(), want)
	}
}

// quiet is an error of which nobody is to hear.
type quiet struct{ error }

func TestOfSeveralErrorsThoseOfATypeAreLeftOut(t *testing.T) {
	one, two, none := errors.New("one"), errors.New("two"), quiet{errors.New("quiet")}
	for _, c := range []struct{ err, want error }{
		{none, nil},
		{errors.Join(none, none), nil},
		{one, errors.Join(one)},
		{errors.Join(none, one, errors.Join(two, none)), errors.Join(one, two)},
	} {
		if got := Without[quiet](c.err); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("of %q is left %q, want %q", c.err, got, c.want)
		}
	}
}
