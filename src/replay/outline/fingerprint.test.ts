import {expect, test} from 'vitest';
import {fingerprintOf} from './fingerprint.ts';

// The test vectors of FNV-1a, 32 bits (draft-eastlake-fnv, appendix).
test.each([
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
])('The fingerprint of "%s" has the hash %i', (text, hash) => {
  expect(fingerprintOf(new TextEncoder().encode(text))).toEqual({bytes: text.length, hash});
});
