// Package nearest finds what was probably meant by a word that is not known, so that an error can say it.
package nearest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// To returns the candidate that is most like a word, or "" when none is so like it that it was probably meant. Of those
// that are equally like it, it is the first. Case does not matter.
func To(word string, candidates []string) string {
	// A typing mistake in three letters of web: wbe, ewb, eb. Beyond that they are two words.
	limit := 1 + utf8.RuneCountInString(word)/4
	best, found := limit+1, ""
	for _, candidate := range candidates {
		d := distance([]rune(strings.ToLower(word)), []rune(strings.ToLower(candidate)))
		// A word of which nothing is right is not a mistake in the other.
		if d < best && d < max(utf8.RuneCountInString(word), utf8.RuneCountInString(candidate)) {
			best, found = d, candidate
		}
	}
	return found
}

// Hint is what an error about a word says at its end: what was probably meant, or nothing.
func Hint(word string, candidates []string) string {
	if meant := To(word, candidates); meant != "" {
		return fmt.Sprintf("; did you mean %q?", meant)
	}
	return ""
}

// distance returns how many typing mistakes lie between two words: a letter left out, put in, replaced, or exchanged
// with its neighbour. (The optimal string alignment distance: no letter is moved twice.)
func distance(a, b []rune) int {
	// Three rows of the table of distances between the beginnings of both words.
	var before []int
	row, next := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next[0] = i + 1
		for j := range b {
			different := 1
			if a[i] == b[j] {
				different = 0
			}
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+different)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		if before == nil {
			before = make([]int, len(b)+1)
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
