// Package complaint prints errors so that each line says which program it comes from.
//
// Standard error is shared: with the program inside a container, with others in a pipeline. So an error begins with the
// name of the program, each on a line of its own, also where [errors.Join] made one of several. What an error
// has to say beyond its first line, such as what to do about it, follows indented by two blanks: a line is an error,
// or belongs to the one above it.
//
// And it is read at a terminal. Errors quote names that a stranger chose, such as those in the image of a registry.
// None of them may move the cursor, write over lines that were there, or change the colours of those that follow.
package complaint

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Print prints an error of a program.
func Print(w io.Writer, program string, err error) {
	for _, one := range Split(err) {
		text := strings.ReplaceAll(strings.TrimRight(strings.Map(harmless, one.Error()), "\n"), "\n", "\n  ")
		fmt.Fprintf(w, "%s: %s\n", program, text)
	}
}

// Without returns an error without those of one type that [errors.Join] has put into it, nil if there are no others.
func Without[T error](err error) error {
	var rest []error
	for _, one := range Split(err) {
		if !errors.As(one, new(T)) {
			rest = append(rest, one)
		}
	}
	return errors.Join(rest...)
}

// harmless replaces what a terminal would obey (ECMA-48, 5.2 and 5.3): all control characters but those that part lines
// and columns.
func harmless(letter rune) rune {
	if unicode.IsControl(letter) && letter != '\n' && letter != '\t' {
		return unicode.ReplacementChar
	}
	return letter
}

// Split takes apart what [errors.Join] has put together. Other errors that wrap several have a sentence of their own.
func Split(err error) []error {
	joined, several := err.(interface{ Unwrap() []error })
	if !several {
		return []error{err}
	}
	var all []error
	var texts []string
	for _, one := range joined.Unwrap() {
		all = append(all, Split(one)...)
		texts = append(texts, one.Error())
	}
	if strings.Join(texts, "\n") != err.Error() {
		return []error{err}
	}
	return all
}
