import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {changesHtml, changesText, readChangelog} from './changelog.ts';

const text = `# Changes

For people.

## 2026-11-28

- **Chapter 1**: says what
  \`/proc\` is.
- **Site**: is faster.

## 2026-11-25

- **Site**: opens.
`;

describe('the change log', () => {
  it('is read by days and what each change is about', () => {
    const days = readChangelog(text, 'CHANGELOG.md');
    expect(days.map(({date, changes}) => [date, changes.map(({subject}) => subject)])).toEqual([
      ['2026-11-28', ['Chapter 1', 'Site']],
      ['2026-11-25', ['Site']],
    ]);
    expect(days.slice(0, 1).map(changesText)).toEqual(['Chapter 1: says what /proc is. Site: is faster.']);
    expect(days.slice(1).map(changesHtml)).toEqual(['<ul><li><strong>Site</strong>: opens.</li></ul>']);
  });

  it('escapes what is text', () => {
    const [day] = readChangelog('## 2026-11-28\n\n- **A & b**: c &lt; `<d>`\n', 'x');
    expect(day && changesHtml(day)).toBe('<ul><li><strong>A &amp; b</strong>: c &lt; <code>&lt;d&gt;</code></li></ul>');
  });

  it.each([
    ['## Yesterday\n\n- **Site**: x\n', 'CHANGELOG.md:1: "Yesterday" is not a day'],
    ['## 2026-11-25\n\n- **Site**: x\n\n## 2026-11-28\n\n- **Site**: y\n', 'CHANGELOG.md:5: 2026-11-28 stands below 2026-11-25'],
    ['## 2026-11-25\n\n- Site: x\n', 'CHANGELOG.md:3: not a change'],
    ['## 2026-11-25\n\n- **Site**: [x](y)\n', 'CHANGELOG.md:3: not a change'],
    ['## 2026-11-25\n\nSome prose.\n', 'CHANGELOG.md:3: nothing but days'],
  ])('%j is refused with its line', (wrong, message) => {
    expect(() => readChangelog(wrong, 'CHANGELOG.md')).toThrow(message);
  });

  it('of this site can be read', () => {
    const days = readChangelog(readFileSync(path.resolve(import.meta.dirname, '../../CHANGELOG.md'), 'utf8'), 'CHANGELOG.md');
    expect(days.every(({changes}) => changes.length > 0)).toBe(true);
  });
});
