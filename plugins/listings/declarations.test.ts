import {describe, expect, it} from 'vitest';
import {goDeclarations} from './declarations.ts';

const source = `// Package a is not a declaration.
package a

import "fmt"

// A type of its own.
type Store[K comparable, V any] struct {
	m map[K]V // of what
}

func (s *Store[K, V]) Get(k K) V { return s.m[k] }
func (s Store[K, V]) len() int { return len(s.m) }

// Not attached: a blank line follows.

/* F has
a block. */
func F() {
	const inside = 1
	for range 3 {
		fmt.Println(inside)
	}
}

// Kinds.
const (
	// One is the first.
	One = iota // 0
	Two, Three
	_
)

var x, y = 1, 2 // behind x
var (
	q int
	_ fmt.Stringer = nil
)

type (
	U int
	W = U
)
`;

describe('goDeclarations', () => {
  it('gives the names and lines of functions, methods, types, and groups, with their doc comments', async () => {
    expect((await goDeclarations(source)).map(({names, first, head, last}) => [names.join(' '), first, head, last])).toEqual([
      ['Store', 6, 7, 9],
      ['Store.Get', 11, 11, 11],
      ['Store.len', 12, 12, 12],
      ['F', 16, 18, 23],
      ['One Two Three', 25, 26, 31],
      ['x y', 33, 33, 33],
      ['q', 34, 34, 37],
      ['U W', 39, 39, 42],
    ]);
  });

  it('knows nothing inside of functions, and skips what is not Go', async () => {
    expect(await goDeclarations('')).toEqual([]);
    expect((await goDeclarations('package a\n\n}}} what\n\nfunc F() {}\n')).map(({names}) => names)).toContainEqual(['F']);
  });
});
