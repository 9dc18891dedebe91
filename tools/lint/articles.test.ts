import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {expect, it} from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/articles.mdx'), 'utf8');

/** What the page names in code type as ours: the right columns of its tables, and where a chapter's code is said to be. */
const ours = page.split('\n').flatMap((line) => {
  const here = line.startsWith('|') ? line.split('|').at(-2) : line.includes('the code is in') ? line : '';
  return [...(here ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');
});
const files = ours.filter((code) => /^[\w-]+(\/[\w-]+)+(\.go)?$/.test(code)).map((code) => code.replace(/^code\//, ''));
const names = ours.flatMap((code) => {
  const [, folder, name] = /^([a-z]+)\.([A-Z]\w+)$/.exec(code) ?? [];
  return folder && name ? [{folder, name}] : [];
});

it('leads readers of the articles to folders and files that there are', () => {
  expect(files.filter((file) => !existsSync(path.join(root, 'code', file)))).toEqual([]);
  expect(files.length).toBeGreaterThan(15);
});

it('tells readers of the articles names that the packages declare', () => {
  const missing = names.filter(({folder, name}) => {
    const sources = readdirSync(path.join(root, 'code', folder)).filter((file) => file.endsWith('.go') && !file.endsWith('_test.go'));
    const declared = new RegExp(`^(func|type|const|var) ${name}\\b`, 'm');
    return !sources.some((file) => declared.test(readFileSync(path.join(root, 'code', folder, file), 'utf8')));
  });
  expect(missing).toEqual([]);
  expect(names.length).toBeGreaterThan(10);
});
