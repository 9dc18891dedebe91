package listing

import (
	"strings"
	"testing"
	"time"
)

func printed(t *testing.T, l List) string {
	t.Helper()
	l.Heading = []string{"ID", "NAME", "IMAGE"}
	l.Rows = [][]string{{"1f", "web", "nginx:1"}, {"2e", "a-long-name", ""}}
	l.Values = []map[string]string{{"name": "a&b"}}
	var out strings.Builder
	if err := l.PrintTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTableIsAligned(t *testing.T) {
	want := "ID   NAME          IMAGE\n1f   web           nginx:1\n2e   a-long-name   \n"
	if got := printed(t, List{}); got != want {
		t.Errorf("it prints\n%s, want\n%s", got, want)
	}
}

func TestQuietIsTheFirstColumn(t *testing.T) {
	if got := printed(t, List{Quiet: true}); got != "1f\n2e\n" {
		t.Errorf("it prints %q", got)
	}
}

func TestJSONIsOfTheValues(t *testing.T) {
	if got := printed(t, List{JSON: true, Quiet: true}); got != "[\n  {\n    \"name\": \"a&b\"\n  }\n]\n" {
		t.Errorf("it prints %q", got)
	}
}

func TestAgoHasOneUnit(t *testing.T) {
	for past, want := range map[time.Duration]string{
		-time.Hour: "0 seconds", 0: "0 seconds", 1500 * time.Millisecond: "1 second", 59 * time.Second: "59 seconds",
		time.Minute: "1 minute", 119 * time.Minute: "1 hour", 50 * time.Hour: "2 days",
		1000 * 24 * time.Hour: "1000 days",
	} {
		if got := Ago(time.Now().Add(-past)); got != want {
			t.Errorf("%v is %s ago, want %s", past, got, want)
		}
	}
}

func TestShortenedTextIsOneHarmlessLine(t *testing.T) {
	for text, want := range map[string]string{
		"sh": "sh", "sh -c\n\t'a  b'": "sh -c 'a b'", "0123456789abcdef": "0123456789a…",
		"äöüßäöüßäöüß": "äöüßäöüßäöüß",
		"\x1b[31mred":  "�[31mred", "\u009b2J": "�2J", "": "",
	} {
		if got := Shorten(text, 12); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
