package flags

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// cspell:ignore memroy, detatch, hlep

// line is what the flags of this test's command gather.
type line struct {
	detach, interactive, terminal bool
	name                          string
	env                           []string
	memory                        int64
	cpus                          float64
	pids, tail                    int
	grace                         time.Duration
}

func (l *line) set() *Set {
	s := &Set{}
	s.Bool(&l.detach, "detach", "d", "do not wait for it")
	s.Bool(&l.interactive, "interactive", "i", "pass on standard input")
	s.Bool(&l.terminal, "tty", "t", "give it a terminal")
	s.String(&l.name, "name", "", "NAME", "what to call it")
	s.Strings(&l.env, "env", "e", "KEY=VALUE", "set a variable")
	s.Bytes(&l.memory, "memory", "m", "BYTES", "limit its memory")
	s.Float(&l.cpus, "cpus", "", "NUMBER", "limit its CPU time")
	s.Limit(&l.pids, "pids-limit", "", "NUMBER", "limit its processes")
	s.Int(&l.tail, "tail", "", "LINES", "how much of its log")
	s.Duration(&l.grace, "time", "", "SECONDS", "wait")
	return s
}

func parse(words ...string) (line, []string, error) {
	var l line
	arguments, err := l.set().Parse(words)
	return l, arguments, err
}

func TestAllWaysToWriteAValueMeanTheSame(t *testing.T) {
	for _, words := range []string{"-m 64m", "-m=64m", "-m64m", "--memory 64m", "--memory=64m", "-dm 64m", "-dm=64m",
		"-dm64m"} {
		l, arguments, err := parse(append(strings.Fields(words), "image")...)
		if l.memory != 64<<20 || err != nil || !slices.Equal(arguments, []string{"image"}) {
			t.Errorf("%s: memory %d, arguments %q, %v", words, l.memory, arguments, err)
		}
	}
}

func TestSwitchesCanBeJoinedAndNegated(t *testing.T) {
	l, arguments, err := parse("-it", "--detach=false", "image", "sh")
	if !l.interactive || !l.terminal || l.detach || err != nil || !slices.Equal(arguments, []string{"image", "sh"}) {
		t.Errorf("%+v, %q, %v", l, arguments, err)
	}
	l, _, err = parse("-d=false", "-i=true")
	if l.detach || !l.interactive || err != nil {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestRepeatedFlagAddsUp(t *testing.T) {
	l, _, err := parse("-e", "A=B", "--env", "C=D=E", "--env=F", "-eG=H", "-e=I=J")
	if want := []string{"A=B", "C=D=E", "F", "G=H", "I=J"}; !slices.Equal(l.env, want) || err != nil {
		t.Errorf("%q, %v; want %q", l.env, err, want)
	}
}

func TestFirstArgumentEndsTheFlags(t *testing.T) {
	l, arguments, err := parse("-d", "image", "ls", "-i", "--unknown")
	if !l.detach || l.interactive || err != nil ||
		!slices.Equal(arguments, []string{"image", "ls", "-i", "--unknown"}) {
		t.Errorf("%+v, %q, %v", l, arguments, err)
	}
}

func TestFlagsMayFollowArgumentsWhereThatIsAllowed(t *testing.T) {
	var l line
	s := l.set()
	s.Mixed = true
	arguments, err := s.Parse([]string{"web", "--time", "1m30s", "-", "db", "-d", "--", "-i"})
	if !l.detach || l.interactive || l.grace != 90*time.Second || err != nil ||
		!slices.Equal(arguments, []string{"web", "-", "db", "-i"}) {
		t.Errorf("%+v, %q, %v", l, arguments, err)
	}
}

func TestTwoDashesEndTheFlags(t *testing.T) {
	l, arguments, err := parse("-d", "--", "-i", "--", "x")
	if l.interactive || err != nil || !slices.Equal(arguments, []string{"-i", "--", "x"}) {
		t.Errorf("%+v, %q, %v", l, arguments, err)
	}
}

func TestValueMayLookLikeAFlag(t *testing.T) {
	l, _, err := parse("--name", "-d", "-e", "--")
	if l.name != "-d" || l.detach || !slices.Equal(l.env, []string{"--"}) || err != nil {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestMistakeSaysWhatWasMeantOrIsMissing(t *testing.T) {
	for words, want := range map[string]string{
		"--memroy 64m":    "unknown flag --memroy; did you mean --memory?",
		"--detatch":       "unknown flag --detatch; did you mean --detach?",
		"-name web":       "unknown flag -n; did you mean --name?",
		"--hlep":          "unknown flag --hlep; did you mean --help?",
		"--kubernetes":    "unknown flag --kubernetes",
		"-x":              "unknown flag -x",
		"-ix":             "unknown flag -x",
		"-ü":              "unknown flag -ü",
		"--=x":            "unknown flag --",
		"--name":          "flag --name needs a value: --name NAME",
		"-m":              "flag -m needs a value: -m BYTES",
		"-m much":         `flag -m: "much": must be a size, like 64m or 1.5g`,
		"--cpus two":      `flag --cpus: "two": must be a number, like 1.5`,
		"--cpus NaN":      `flag --cpus: "NaN": must be a number, like 1.5`,
		"--tail -1":       `flag --tail: "-1": must be a whole number, like 10`,
		"--pids-limit -2": `flag --pids-limit: "-2": must be a whole number, like 10, or -1 for no limit`,
		"--time soon":     `flag --time: "soon": must be a number of seconds, or a time like 1m30s`,
		"--detach=maybe":  `flag --detach: "maybe": must be true or false`,
	} {
		_, _, err := parse(strings.Fields(words)...)
		var mistake *Error
		if !errors.As(err, &mistake) || err.Error() != want {
			t.Errorf("%s: %v, want %s", words, err, want)
		}
	}
}

func TestNoLimitIsWrittenAsDockerDoes(t *testing.T) {
	for text, want := range map[string]int{"-1": 0, "0": 0, "1": 1, "4000": 4000} {
		if l, _, err := parse("--pids-limit", "7", "--pids-limit", text); l.pids != want || err != nil {
			t.Errorf("a limit of %s is %d, %v; want %d", text, l.pids, err, want)
		}
	}
}

func TestHelpIsAskedForInTwoWays(t *testing.T) {
	for _, words := range []string{"--help", "-h", "-dh", "-d --help image"} {
		if _, _, err := parse(strings.Fields(words)...); !errors.Is(err, ErrHelp) {
			t.Errorf("%s: %v", words, err)
		}
	}
	if _, _, err := parse("image", "--help"); err != nil {
		t.Errorf("help of the program inside: %v", err)
	}
}

func TestLetterOfHelpCanBeGivenToAnother(t *testing.T) {
	var host string
	s := &Set{}
	s.String(&host, "hostname", "h", "NAME", "")
	if _, err := s.Parse([]string{"-h", "ewe"}); host != "ewe" || err != nil {
		t.Errorf("hostname %q, %v", host, err)
	}
}

func TestVariableAloneHasTheValueThatItHasHere(t *testing.T) {
	t.Setenv("WOOL", "white")
	var env []string
	s := &Set{}
	s.Env(&env, "env", "e", "")
	_, err := s.Parse([]string{"-e", "WOOL", "-e", "NO_SUCH_VARIABLE", "-e", "WOOL=", "-eA=B=C"})
	if want := []string{"WOOL=white", "NO_SUCH_VARIABLE", "WOOL=", "A=B=C"}; !slices.Equal(env, want) || err != nil {
		t.Errorf("%q, %v; want %q", env, err, want)
	}
	if _, err := s.Parse([]string{"-e", "=x"}); err == nil ||
		err.Error() != `flag -e: "=x": must look like NAME=value` {
		t.Errorf("a variable without a name: %v", err)
	}
}

// Docker's --entrypoint is one word, whatever spaces are in it.
func TestWordMayBeNone(t *testing.T) {
	for text, want := range map[string]string{"": "[]string{}", "/bin/sh": `[]string{"/bin/sh"}`,
		"echo hi": `[]string{"echo hi"}`} {
		var entrypoint []string
		s := &Set{}
		s.Word(&entrypoint, "entrypoint", "", "PROGRAM", "")
		if _, err := s.Parse([]string{"--entrypoint", text}); err != nil || fmt.Sprintf("%#v", entrypoint) != want {
			t.Errorf("%q is %#v, %v; want %s", text, entrypoint, err, want)
		}
	}
}

func TestPairsOfKeyAndValue(t *testing.T) {
	var labels map[string]string
	s := &Set{}
	s.Map(&labels, "label", "l", "")
	_, err := s.Parse([]string{"-l", "a=1", "--label", "b", "-l=a=2=3"})
	if err != nil || len(labels) != 2 || labels["a"] != "2=3" || labels["b"] != "" {
		t.Errorf("%q, %v", labels, err)
	}
	if _, err := s.Parse([]string{"-l", "=x"}); err == nil {
		t.Error("a label without a key is taken")
	}
}

func TestCountIsANumberOrAll(t *testing.T) {
	var count int
	s := &Set{}
	s.Count(&count, "tail", "n", "LINES", "only so many lines")
	for text, want := range map[string]int{"0": 0, "12": 12, "all": -1} {
		if _, err := s.Parse([]string{"-n", text}); err != nil || count != want {
			t.Errorf("%s is %d, %v", text, count, err)
		}
	}
	for _, text := range []string{"-1", "ALL", "", "1.5", "3000000000"} {
		if _, err := s.Parse([]string{"-n", text}); err == nil {
			t.Errorf("%q is taken for %d", text, count)
		}
	}
}

func TestHelpHasAnAlignedTable(t *testing.T) {
	var l line
	s := &Set{}
	s.Bool(&l.detach, "detach", "d", "do not wait for it")
	s.Float(&l.cpus, "cpus", "", "NUMBER", "limit its CPU time")
	var out strings.Builder
	s.Help(&out, "sheep run [FLAG…] IMAGE\nsheep run --moon", "make a container and run it", "More.", "sheep run web")
	want := `Usage: sheep run [FLAG…] IMAGE
       sheep run --moon

Make a container and run it.

Flags:
  -d, --detach       do not wait for it
      --cpus NUMBER  limit its CPU time
      --help         show this help

More.

Example:
  sheep run web
`
	if out.String() != want {
		t.Errorf("help is\n%s, want\n%s", out.String(), want)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1, "512b": 512, "64k": 64 << 10, "64m": 64 << 20, "64M": 64 << 20, "64mb": 64 << 20,
		"64MiB": 64 << 20,
		"1.5g":  3 << 29, "2t": 2 << 40, ".5k": 512,
	} {
		if got, err := ParseBytes(text); got != want || err != nil {
			t.Errorf("%s is %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "m", "64 m", "64x", "-1", "1e3", "0x10", "1bb", "1bib", "1mm", "1ib", "1.2.3",
		"inf", "99999999t"} {
		if got, err := ParseBytes(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
}

func TestSizesForPeople(t *testing.T) {
	for size, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9_949: "9.9 kB", 9_950: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB",
		7_340_032: "7.3 MB", 123_456_789: "123 MB", 2e9: "2.0 GB", 3e15: "3000 TB",
	} {
		if got := FormatBytes(size); got != want {
			t.Errorf("%d is %q, want %q", size, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, words := range []string{"-it\x00image\x00sh", "-m=64m\x00--\x00x", "--env\x00A=B\x00-", "-d=\x00--=",
		"-\xff", "-mé"} {
		f.Add(words, true)
		f.Add(words, false)
	}
	f.Fuzz(func(t *testing.T, joined string, mixed bool) {
		words := strings.Split(joined, "\x00")
		var l line
		s := l.set()
		s.Mixed = mixed
		arguments, err := s.Parse(slices.Clone(words))
		var mistake *Error
		if err != nil {
			if !errors.As(err, &mistake) && err != ErrHelp {
				t.Fatalf("%q fails with %T: %[2]v", words, err)
			}
			return
		}
		// Nothing is made up: the arguments are words of the line, in its order.
		rest := words
		for _, argument := range arguments {
			at := slices.Index(rest, argument)
			if at < 0 {
				t.Fatalf("%q has no argument %q", words, argument)
			}
			rest = rest[at+1:]
		}
		if !mixed && !slices.Equal(arguments, words[len(words)-len(arguments):]) {
			t.Fatalf("arguments of %q are %q, not what it ends with", words, arguments)
		}
		// What was understood can be written in the long way, and is understood the same.
		again, _, err := parse("--detach="+fmt.Sprint(l.detach), "--interactive="+fmt.Sprint(l.interactive),
			"--name="+l.name, "--memory="+fmt.Sprint(l.memory), "--pids-limit="+fmt.Sprint(l.pids),
			"--time="+l.grace.String())
		if err != nil || again.detach != l.detach || again.name != l.name || again.memory != l.memory ||
			again.pids != l.pids || again.grace != l.grace {
			t.Fatalf("%+v is understood as %+v, %v", l, again, err)
		}
	})
}
