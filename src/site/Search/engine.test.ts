import {expect, it} from 'vitest';
import {SearchEngine} from './engine.ts';
import type {Piece} from './excerpt.ts';
import type {Section} from '../../data/search.ts';

function section(url: string, title: string, text: string, code = ''): Section {
  return {url, page: 'A page', title, text, code};
}

const engine = new SearchEngine([
  section('docs/a/', 'A page', 'An opening about sheep and their namespaces.'),
  section(
    'docs/a/#pid',
    'PID 1 ignores your signals',
    'From inside, kill has no effect on the first process of a namespace. A zombie stays.',
  ),
  section('docs/a/#flags', 'Ask at birth', 'Five flags, joined.', 'Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS'),
  section('docs/a/#errors', 'When it goes wrong', 'fork/exec /proc/self/exe: operation not permitted\nYou may not run the operation.'),
  section('docs/a/#files', 'A root file system', 'The operation of an image that is not permitted to be unpacked.'),
  section('docs/b/#namespaces', 'All namespaces', 'There are eight namespaces and many words beside them on this page about namespaces.'),
  section('docs/glossary/#namespace', 'Namespace', 'A separate instance of something.'),
  section('docs/glossary/#zombie', 'Zombie', 'A process that has ended.'),
  section('docs/a/#check', 'Check yourself', 'Five questions.'),
]);

const first = (query: string): string | undefined => engine.search(query).hits[0]?.section.url;
const text = (pieces: readonly Piece[]): string => pieces.map((piece) => (piece.marked ? `[${piece.text}]` : piece.text)).join('');

it.each([
  ['a term, in the glossary', 'zombie', 'docs/glossary/#zombie'],
  ['a term in the plural, as a question', 'what are namespaces?', 'docs/glossary/#namespace'],
  ['words of a heading', 'pid 1 signals', 'docs/a/#pid'],
  ['a name in code, whatever its case', 'clone_newpid', 'docs/a/#flags'],
  ['a part of a name', 'newpid', 'docs/a/#flags'],
  ['the beginning of a word', 'clonefl', 'docs/a/#flags'],
  [
    'an error as it was printed, with the name of the program',
    'sheep: fork/exec /proc/self/exe: operation not permitted',
    'docs/a/#errors',
  ],
  ['an error in other case, where its words also stand apart', 'Operation Not Permitted', 'docs/a/#errors'],
  ['two letters that changed places', 'namepsace', 'docs/glossary/#namespace'],
  ['a letter too few', 'zombi', 'docs/glossary/#zombie'],
  ['two words written as one', 'filesystem', 'docs/a/#files'],
  ['one word written as two', 'name space', 'docs/glossary/#namespace'],
  ['another name for a part of each chapter', 'quiz', 'docs/a/#check'],
])('finds %s', (_, query, url) => {
  expect(first(query)).toBe(url);
});

it('marks what was found, in the heading and in the text around it', () => {
  const [hit] = engine.search('ignore signal').hits;
  expect(hit && text(hit.title)).toBe('PID 1 [ignores] your [signals]');
  expect(text(engine.search('zombi').hits[0]?.title ?? [])).toBe('[Zombie]');
  expect(text(engine.search('CLONE_NEWNS').hits[0]?.excerpt ?? [])).toContain('syscall.[CLONE_NEWNS]');
});

it('says for what a misspelt word was taken, and that a word was found as it is', () => {
  expect(engine.search('namepsace').corrected).toEqual([{typed: 'namepsace', found: 'namespace'}]);
  expect(engine.search('zombi').corrected).toEqual([]);
  expect(engine.search('zombie namespace').corrected).toEqual([]);
});

it('finds nothing for what no page has, and counts what it does not show', () => {
  expect(engine.search('zzqxv')).toEqual({hits: [], total: 0, corrected: []});
  expect(engine.search(' ?! ').hits).toEqual([]);
  const all = engine.search('namespace');
  const few = engine.search('namespace', 1);
  expect(few.hits).toHaveLength(1);
  expect(few.total).toBe(all.total);
  expect(all.total).toBeGreaterThan(1);
});
