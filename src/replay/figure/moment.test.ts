import {describe, expect, it} from 'vitest';

import {momentHash, parseMomentHash} from './moment.ts';

describe('links to a moment', () => {
  it('are read back as they were written, to a hundredth of a second', () => {
    expect(momentHash('01-uts', 12.5)).toBe('#01-uts@12.5');
    expect(parseMomentHash(momentHash('01-uts', 12.3456), '01-uts')).toBe(12.35);
    expect(parseMomentHash('#01-uts%4012', '01-uts')).toBe(12);
  });

  it('of another recording, or malformed, lead nowhere', () => {
    for (const hash of ['', '#01-uts', '#01-uts@', '#01-uts@-1', '#01-uts@x', '#01-uts@1e3', '#01-pid@3', '#%E0%A4%A']) {
      expect(parseMomentHash(hash, '01-uts')).toBeUndefined();
    }
  });
});
