//go:build linux

package stdio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/testkit"
)

func TestLongAndStrangeOutputIsLoggedWhole(t *testing.T) {
	var file bytes.Buffer
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "log.json"))
	testkit.Must(t, err)
	stream := (&Log{file: f}).stream("stdout")
	var want strings.Builder
	for index, part := range []string{"no end", " yet\n", "\n\n", strings.Repeat("x", 3*maxLine+5), "\n", "<&>\x00ü\n",
		"last"} {
		fmt.Fprint(&want, part)
		n, err := stream.Write([]byte(part))
		if n != len(part) || err != nil {
			t.Errorf("write %d gives %d, %v", index, n, err)
		}
	}
	testkit.Must(t, stream.Close())
	_, err = f.Seek(0, io.SeekStart)
	testkit.Must(t, err)
	testkit.Must(t, NewReader(f, &file, io.Discard, false).Copy())
	if file.String() != want.String() {
		t.Errorf("the log holds %d bytes, written were %d", file.Len(), want.Len())
	}
}

func TestLineThatAKilledMonitorLeftIsSkipped(t *testing.T) {
	whole := `{"log":"a\n","stream":"stdout","time":"2026-06-01T09:00:00Z"}` + "\n"
	var out strings.Builder
	reader := NewReader(strings.NewReader(whole[:20]+"\n"+whole+whole[:30]), &out, io.Discard, false)
	testkit.Must(t, reader.Copy())
	if out.String() != "a\n" {
		t.Errorf("the log reads %q", out.String())
	}
}

func TestTimestampsComeBeforeLinesAndNotInThem(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	var log bytes.Buffer
	for _, e := range []entry{{"a\n", "stdout", time.Unix(1, 0)}, {long, "stdout", time.Unix(2, 5)},
		{"b\n", "stderr", time.Unix(3, 0)},
		{"end\n", "stdout", time.Unix(4, 0)}, {"no end", "stdout", time.Unix(5, 0)},
		{"c\n", "stdout", time.Unix(6, 0)}} {
		e.Time = e.Time.UTC()
		line, err := json.Marshal(e)
		testkit.Must(t, err)
		log.Write(append(line, '\n'))
	}
	var out, stderr strings.Builder
	testkit.Must(t, NewReader(&log, &out, &stderr, true).Copy())
	want := "1970-01-01T00:00:01.000000000Z a\n1970-01-01T00:00:02.000000005Z " + long + "end\n" +
		"1970-01-01T00:00:05.000000000Z no end1970-01-01T00:00:06.000000000Z c\n"
	if out.String() != want || stderr.String() != "1970-01-01T00:00:03.000000000Z b\n" {
		t.Errorf("it reads %q and %q", out.String(), stderr.String())
	}
}
