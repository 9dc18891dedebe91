// Package listing prints what a command found: a table for people, identifiers or JSON for programs.
package listing

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// List is what is to be printed, in the form that was asked for: the table unless Quiet or JSON is set.
type List struct {
	Heading []string
	Rows    [][]string
	Values  any // what the rows are made of, for JSON

	Quiet bool // the first column alone
	JSON  bool
}

// PrintTo prints the list.
func (l List) PrintTo(w io.Writer) error {
	if l.JSON {
		return JSON(w, l.Values)
	}
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	if !l.Quiet {
		fmt.Fprintln(table, strings.Join(l.Heading, "\t"))
	}
	for _, row := range l.Rows {
		if l.Quiet {
			row = row[:1]
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}

// JSON prints a value, indented, and with & and < as they are.
func JSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// Ago returns how long ago something was, in one unit.
func Ago(t time.Time) string {
	past := max(0, time.Since(t))
	for _, unit := range []struct {
		name   string
		length time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		if n := int(past / unit.length); n == 1 {
			return "1 " + unit.name
		} else if n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return "0 seconds"
}

// Join puts values into one cell of a table.
func Join[T fmt.Stringer](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = value.String()
	}
	return strings.Join(texts, ", ")
}

// Shorten makes one line of a text, of so many characters at the most. What would move the cursor of a terminal or
// change its colours is replaced: a name inside a container may be chosen to deceive the reader of a list.
func Shorten(text string, width int) string {
	letters := []rune(strings.Join(strings.Fields(text), " "))
	if len(letters) > width {
		letters = append(letters[:width-1], '…')
	}
	for i, letter := range letters {
		if letter < ' ' || letter >= 0x7f && letter < 0xa0 { // C0, DEL and C1 (ECMA-48, 5.2 and 5.3)
			letters[i] = '�'
		}
	}
	return string(letters)
}
