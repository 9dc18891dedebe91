// Package flags reads the flags of a command line in the style that users of docker know.
//
// A command's flags are a table, a [Set]: each has a long name, perhaps a letter, and a place where its value goes. All
// of these mean the same: -m 64m, -m=64m, -m64m, --memory 64m, --memory=64m. Letters of flags without a value can be
// joined:
// -it. A flag that can be given more than once adds up. "--" ends the flags; so does, for a command that runs another,
// the first argument that is not a flag, since what follows belongs to that other command.
//
// A mistake is an [Error], which says what was probably meant.
package flags

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/sheep-and-shepherd/sheep-and-shepherd/code/internal/nearest"
)

// ErrHelp is what Parse returns when the user asks for help.
var ErrHelp = errors.New("help requested")

// Error is a mistake in a command line.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

// flag is one row of the table.
type flag struct {
	long, letter string // without dashes; letter may be ""
	value        string // what it takes, as help calls it; "" for a switch
	help         string
	set          func(text string) error
}

// Set is the table of a command's flags.
type Set struct {
	// Mixed says that flags may come after arguments as well.
	Mixed bool
	flags []flag
}

// Func adds a flag that hands each value to a function. Its error is what is wrong with the value.
func (s *Set) Func(long, letter, value, help string, set func(text string) error) {
	s.flags = append(s.flags, flag{long, letter, value, help, set})
}

// Bool adds a switch.
func (s *Set) Bool(place *bool, long, letter, help string) {
	s.Func(long, letter, "", help, func(text string) (err error) {
		if *place, err = strconv.ParseBool(text); err != nil {
			return errors.New("must be true or false")
		}
		return nil
	})
}

// String adds a flag that takes a text.
func (s *Set) String(place *string, long, letter, value, help string) {
	s.Func(long, letter, value, help, func(text string) error {
		*place = text
		return nil
	})
}

// Strings adds a flag that can be given more than once.
func (s *Set) Strings(place *[]string, long, letter, value, help string) {
	Each(s, place, func(text string) (string, error) { return text, nil }, long, letter, value, help)
}

// Word adds a flag that takes a text as the one word of a list, spaces and all. Without text there is none: the place
// has none, but is not nil.
func (s *Set) Word(place *[]string, long, letter, value, help string) {
	s.Func(long, letter, value, help, func(text string) error {
		if *place = []string{}; text != "" {
			*place = append(*place, text)
		}
		return nil
	})
}

// Each adds a flag that can be given more than once, each time with a text that a function makes sense of.
func Each[T any](s *Set, place *[]T, read func(string) (T, error), long, letter, value, help string) {
	s.Func(long, letter, value, help, func(text string) error {
		one, err := read(text)
		*place = append(*place, one)
		return err
	})
}

// Env adds a flag for variables of the environment. NAME=value is taken as it is. NAME alone has the value that it has
// here, and is to be unset if it has none.
func (s *Set) Env(place *[]string, long, letter, help string) {
	Each(s, place, func(text string) (string, error) {
		name, _, given := strings.Cut(text, "=")
		if value, set := os.LookupEnv(name); !given && set {
			text = name + "=" + value
		}
		if name == "" {
			return "", errors.New("must look like NAME=value")
		}
		return text, nil
	}, long, letter, "NAME[=VALUE]", help)
}

// Map adds a flag for pairs of a key and a value, which can be given more than once.
func (s *Set) Map(place *map[string]string, long, letter, help string) {
	s.Func(long, letter, "KEY[=VALUE]", help, func(text string) error {
		key, value, _ := strings.Cut(text, "=")
		if key == "" {
			return errors.New("must look like key=value")
		}
		if *place == nil {
			*place = map[string]string{}
		}
		(*place)[key] = value
		return nil
	})
}

// Int adds a flag that takes a whole number, 0 or more.
func (s *Set) Int(place *int, long, letter, value, help string) {
	s.Func(long, letter, value, help, func(text string) error {
		number, err := strconv.ParseInt(text, 10, 32)
		if err != nil || number < 0 {
			return errors.New("must be a whole number, like 10")
		}
		*place = int(number)
		return nil
	})
}

// Optional adds a flag like those of Int. Its place stays nil if it is not given.
func (s *Set) Optional(place **int, long, letter, value, help string) {
	number := new(int)
	s.Int(number, long, letter, value, help)
	set := s.flags[len(s.flags)-1].set
	s.flags[len(s.flags)-1].set = func(text string) error {
		*place = number
		return set(text)
	}
}

// Limit adds a flag that takes a whole number, or 0 or -1 for no limit, which is 0 in its place.
func (s *Set) Limit(place *int, long, letter, value, help string) {
	s.Func(long, letter, value, help, func(text string) error {
		number, err := strconv.ParseInt(text, 10, 32)
		if err != nil || number < -1 {
			return errors.New("must be a whole number, like 10, or -1 for no limit")
		}
		*place = max(int(number), 0)
		return nil
	})
}

// Float adds a flag that takes a number, 0 or more.
func (s *Set) Float(place *float64, long, letter, value, help string) {
	s.Func(long, letter, value, help, func(text string) error {
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || !(number >= 0 && number < 1e9) { // neither is true for NaN
			return errors.New("must be a number, like 1.5")
		}
		*place = number
		return nil
	})
}

// Bytes adds a flag that takes a size: 64m.
func (s *Set) Bytes(place *int64, long, letter, value, help string) {
	s.Func(long, letter, value, help, func(text string) (err error) {
		*place, err = ParseBytes(text)
		return err
	})
}

// Duration adds a flag that takes a time, in seconds if it has no unit: 10, 1m30s.
func (s *Set) Duration(place *time.Duration, long, letter, value, help string) {
	s.Func(long, letter, value, help, func(text string) error {
		duration, err := time.ParseDuration(text)
		if err != nil {
			duration, err = time.ParseDuration(text + "s")
		}
		if err != nil || duration < 0 {
			return errors.New("must be a number of seconds, or a time like 1m30s")
		}
		*place = duration
		return nil
	})
}

// Count adds a flag that takes a whole number, 0 or more, or "all", which is -1.
func (s *Set) Count(place *int, long, letter, value, help string) {
	s.Func(long, letter, value, help, func(text string) error {
		number, err := strconv.ParseInt(text, 10, 32)
		switch {
		case text == "all":
			number = -1
		case err != nil || number < 0:
			return errors.New("must be a whole number, like 10, or all")
		}
		*place = int(number)
		return nil
	})
}

// Parse hands the values in a command line to its flags, and returns what is left: the arguments.
func (s *Set) Parse(line []string) (arguments []string, err error) {
	for len(line) > 0 {
		word := line[0]
		switch {
		case word == "--":
			return append(arguments, line[1:]...), nil
		case word == "-" || !strings.HasPrefix(word, "-"): // "-" is standard input
			if !s.Mixed {
				return line, nil
			}
			arguments, line = append(arguments, word), line[1:]
		case strings.HasPrefix(word, "--"):
			line, err = s.long(word[2:], line[1:])
		default:
			line, err = s.letters(word[1:], line[1:])
		}
		if err != nil {
			return nil, err
		}
	}
	return arguments, nil
}

// long takes a flag by its long name, and its value: what follows "=", or the next word.
func (s *Set) long(word string, rest []string) ([]string, error) {
	name, value, given := strings.Cut(word, "=")
	f := s.find(func(f flag) bool { return f.long == name })
	switch {
	case f == nil && name == "help":
		return nil, ErrHelp
	case f == nil:
		return nil, s.unknown("--"+name, name)
	case given:
	case f.value == "":
		value = "true"
	case len(rest) == 0:
		return nil, &Error{fmt.Sprintf("flag --%s needs a value: --%[1]s %s", name, f.value)}
	default:
		value, rest = rest[0], rest[1:]
	}
	if err := f.set(value); err != nil {
		return nil, &Error{fmt.Sprintf("flag --%s: %q: %v", name, value, err)}
	}
	return rest, nil
}

// letters takes flags by their letters. All but the last are switches; the value of the last
// follows at once, after "=", or as the next word.
func (s *Set) letters(word string, rest []string) ([]string, error) {
	for i, letter := range word {
		name := string(letter)
		f := s.find(func(f flag) bool { return f.letter == name })
		if f == nil && name == "h" {
			return nil, ErrHelp
		}
		if f == nil {
			return nil, s.unknown("-"+name, word)
		}
		value, after := "true", word[i+len(name):]
		last := f.value != "" || strings.HasPrefix(after, "=")
		switch {
		case last && after != "":
			value = strings.TrimPrefix(after, "=")
		case last && len(rest) == 0:
			return nil, &Error{fmt.Sprintf("flag -%s needs a value: -%[1]s %s", name, f.value)}
		case last:
			value, rest = rest[0], rest[1:]
		}
		if err := f.set(value); err != nil {
			return nil, &Error{fmt.Sprintf("flag -%s: %q: %v", name, value, err)}
		}
		if last {
			break
		}
	}
	return rest, nil
}

func (s *Set) find(match func(flag) bool) *flag {
	for i := range s.flags {
		if match(s.flags[i]) {
			return &s.flags[i]
		}
	}
	return nil
}

// unknown is the error for a flag that does not exist, with the one that was probably meant: -name may be --name.
func (s *Set) unknown(shown, name string) error {
	names := make([]string, len(s.flags))
	for i, f := range s.flags {
		names[i] = f.long
	}
	message := "unknown flag " + shown
	if there := elsewhere[name]; slices.Contains(names, there) {
		message += "; use --" + there
	} else if slices.Contains(strings.Fields(lacking), name) {
		message += ", which docker has and sheep does not"
	} else if meant := nearest.To(name, append(names, "help")); meant != "" {
		message += fmt.Sprintf("; did you mean --%s?", meant)
	}
	return &Error{message}
}

// elsewhere are flags of docker, and those that do the same here, where a command has them.
var elsewhere = map[string]string{"net": "network", "mount": "volume"}

// lacking are flags of docker that no command here has. Those that look like one mean another thing.
const lacking = `add-host annotation attach blkio-weight cgroup-parent cgroupns cidfile cpu-period
	cpu-rt-period cpu-rt-runtime cpuset-cpus cpuset-mems detach-keys device device-cgroup-rule dns dns-opt
	dns-option dns-search domainname env-file expose filter format gpus group-add health-cmd health-interval
	health-retries health-start-period health-timeout ip ip6 ipc isolation label-file link log-driver log-opt
	mac-address memory-reservation memory-swap memory-swappiness network-alias no-healthcheck no-trunc
	oom-kill-disable oom-score-adj pid platform publish-all pull read-only restart runtime security-opt shm-size
	sig-proxy since storage-opt sysctl ulimit until userns uts volume-driver volumes-from`

// Help prints how a command is used: the ways to call it, a line each, its summary, the table of its flags, aligned,
// what else is to be said, and an example.
func (s *Set) Help(w io.Writer, usage, summary, more, example string) {
	first, size := utf8.DecodeRuneInString(summary)
	usage = strings.ReplaceAll(usage, "\n", "\n       ")
	fmt.Fprintf(w, "Usage: %s\n\n%c%s.\n\nFlags:\n", usage, unicode.ToUpper(first), summary[size:])
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range append(s.flags, flag{long: "help", help: "show this help"}) {
		letter := "   "
		if f.letter != "" {
			letter = "-" + f.letter + ","
		}
		fmt.Fprintf(table, "  %s --%s\t%s\n", letter, strings.TrimSpace(f.long+" "+f.value), f.help)
	}
	table.Flush()
	if more != "" {
		fmt.Fprintf(w, "\n%s\n", more)
	}
	fmt.Fprintf(w, "\nExample:\n  %s\n", example)
}

// ParseBytes reads a size, in bytes or with one of the units b, k, m, g, t, which are powers of
// 1024, also written kb or KiB, as docker does.
func ParseBytes(text string) (int64, error) {
	digits := strings.TrimRight(text, "bBiIkKmMgGtT")
	unit := strings.ToLower(text[len(digits):])
	power := map[string]uint{"": 0, "b": 0, "k": 10, "m": 20, "g": 30, "t": 40}
	shift, known := power[unit]
	if !known && len(unit) > 1 && unit[0] != 'b' && (unit[1:] == "b" || unit[1:] == "ib") {
		shift, known = power[unit[:1]]
	}
	number, err := strconv.ParseFloat(digits, 64)
	if !known || err != nil || strings.Trim(digits, "0123456789.") != "" {
		return 0, errors.New("must be a size, like 64m or 1.5g")
	}
	number *= float64(int64(1) << shift)
	if number >= 1<<62 {
		return 0, errors.New("exceeds what any machine has")
	}
	return int64(number), nil
}

// FormatBytes writes a size for people, in powers of 1000, as docker's tables do.
func FormatBytes(size int64) string {
	value, unit := float64(size), 0
	for value >= 999.5 && unit < 4 {
		value, unit = value/1000, unit+1
	}
	digits := 0
	if unit > 0 && value < 9.95 {
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + []string{"B", "kB", "MB", "GB", "TB"}[unit]
}
