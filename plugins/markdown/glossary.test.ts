import {describe, expect, it} from 'vitest';
import {parseDocument} from './documents.ts';
import {checkFirstUses, checkTerms, isChapter, makeFinder, termsOf} from './glossary.ts';

const glossary = `
## clone {/* #clone */}

A call.

## Mount {/* #mount */}

{/* also: mounted, mounting */}

A file system on a directory.

## Mount namespace {/* #mount-namespace */}

A tree of mounts.

## PID {/* #pid */}

A number.

## PID 1 {/* #pid-1 */}

The first.

## Process {/* #process */}

A program that runs.

## Capability {/* #capability */}

A piece of root's power.
`;
const terms = termsOf(parseDocument('docs/glossary.mdx', glossary));
const check = (text: string) => checkFirstUses('docs/01-a.mdx', parseDocument('docs/01-a.mdx', text), terms);
/** Lines and anchors of what is found. */
const found = (text: string) => check(text).map(({line, message}) => `${line} ${/\]\(([^)]*)\)/.exec(message)?.[1] ?? message}`);

it('reads the entries of a glossary: names, anchors, further words', () => {
  expect(terms.map(({name, id, also}) => [name, id, ...also])).toEqual([
    ['clone', 'clone'],
    ['Mount', 'mount', 'mounted', 'mounting'],
    ['Mount namespace', 'mount-namespace'],
    ['PID', 'pid'],
    ['PID 1', 'pid-1'],
    ['Process', 'process'],
    ['Capability', 'capability'],
  ]);
});

describe('a finder of terms', () => {
  const find = (text: string) => makeFinder(terms)(text).map(({term, words}) => `${term.id}: ${words}`);
  it.each([
    ['a process, two Processes, the process’s', ['process: process', 'process: Processes', 'process: process']],
    ['capabilities', ['capability: capabilities']],
    ['mounting was mounted, unmounted', ['mount: mounting', 'mount: mounted']],
    ['mount\nnamespaces', ['mount-namespace: mount\nnamespaces']],
    ['PID 1, PIDs, pid, PID 10', ['pid-1: PID 1', 'pid: PIDs', 'pid: PID']],
    ['clone, Clone, clones', ['clone: clone', 'clone: clones']],
    ['clone(2), re-mount, mount-like, processor', []],
  ])('%j', (text, expected) => {
    expect(find(text)).toEqual(expected);
  });

  it('finds nothing without terms', () => {
    expect(makeFinder([])('a process')).toEqual([]);
  });
});

describe('the first use of a term', () => {
  it('is a link, or named with its line and the link to write', () => {
    expect(check('One.\n\nTwo,\nthree and a process.\n\nA process again.')).toEqual([
      {
        file: 'docs/01-a.mdx',
        line: 4,
        message:
          'the first “process” is not linked to the glossary; ' +
          'write [process](./glossary.mdx#process), or {/* not the term: Process */} beside it',
      },
    ]);
  });

  it.each([
    ['as the file', '[a process](./glossary.mdx#process) and a process'],
    ['as the address', '[it](/docs/glossary/#process) is a process'],
    ['by reference', '[process][p] and a process\n\n[p]: glossary.mdx#process'],
  ])('may be linked %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });

  it.each([
    ['a link after it', 'a process and a [process](./glossary.mdx#process)', ['1 ./glossary.mdx#process']],
    ['a link to another term', '[mount namespace](./glossary.mdx#mount-namespace), mount', ['1 ./glossary.mdx#mount']],
    ['a link elsewhere', '[x](#process), process', ['1 ./glossary.mdx#process']],
    ['a table', '| a |\n| - |\n| PID 1 |', ['3 ./glossary.mdx#pid-1']],
    ['a list in a component', '<Exercise needs="x" minutes={2}>\n\n- a process\n\n</Exercise>', ['3 ./glossary.mdx#process']],
  ])('is not excused by %s', (_, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it.each([
    ['a heading', '## Process {/* #a */}'],
    ['code', '`process`\n\n```text\nprocess\n```'],
    ['the text of another link', '[the process](https://x.example/)'],
    ['goals', '<Goals>\n\n- What is a process?\n\n</Goals>'],
    ['a choice', '<Choice correct>A process</Choice>'],
    ['sources', '## Sources {/* #sources */}\n\n- Of processes'],
  ])('is not in %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });

  it('in what is folded counts for the rest of that alone', () => {
    const fold = (text: string) => `<Deeper title="x">\n\n${text}\n\n</Deeper>`;
    expect(found(`${fold('[process](./glossary.mdx#process), a process')}\n\n${fold('a process')}\n\na process`)).toEqual([
      '9 ./glossary.mdx#process',
      '13 ./glossary.mdx#process',
    ]);
    expect(found(`A [process](./glossary.mdx#process).\n\n${fold('a process')}`)).toEqual([]);
  });

  it('may be meant in another sense, where a comment says so', () => {
    expect(found('In process of time. {/* not the term: Process */}\n\na process')).toEqual(['3 ./glossary.mdx#process']);
    expect(check('x {/* not the term: Proces */}')[0]?.message).toBe(
      '“not the term: Proces”: the glossary has no such heading (did you mean “Process”?)',
    );
  });
});

it('says when two entries go by one word', () => {
  const twice = termsOf(parseDocument('docs/glossary.mdx', '## Mount {/* #mount */}\n\n## Hang {/* #hang */}\n\n{/* also: mount */}'));
  expect(checkTerms(terms)).toEqual([]);
  expect(checkTerms(twice)).toEqual([{file: 'docs/glossary.mdx', line: 3, message: '“mount” is already the entry “Mount” of line 1'}]);
});

it('is asked of chapters', () => {
  expect(['docs/01-a.mdx', 'docs/setup.mdx', 'blog/2026-01-01-a.mdx'].map(isChapter)).toEqual([true, false, false]);
});
