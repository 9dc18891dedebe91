import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {format} from '../../plugins/markdown/problems.ts';
import {projectFiles} from '../test/unchanged.ts';
import {checkEnglish, isHeldToEnglish} from './english.ts';

const root = path.resolve(import.meta.dirname, '../..');

describe('English', () => {
  it.each([
    ['It is drawn anew.', '“anew”; write: again'],
    ['/** Tells whether it runs. */', '“Tells whether”; write: reports whether'],
    ['A room, so to say.', '“so to say”; write: so to speak, or nothing'],
    ['Else the build fails.', '“Else the”; write: Otherwise the'],
    ['This is no list.', '“is no list”; write: is not a …'],
  ])('refuses %j', (text, message) => {
    expect(format(checkEnglish('docs/a.mdx', `Fine.\n${text}\n`))).toBe(`docs/a.mdx:2: ${message}`);
  });

  it('takes the words where they are right', () => {
    expect(checkEnglish('a.ts', '/** Reports whether it runs; if not, says so. */ else the(rest); // there is no reason')).toEqual([]);
  });

  it('is plain in every file', () => {
    const files = projectFiles(root).filter(isHeldToEnglish);
    for (const folder of ['code', 'docs', 'src', 'tools']) expect(files.some((file) => file.startsWith(`${folder}/`))).toBe(true);
    expect(format(files.flatMap((file) => checkEnglish(file, readFileSync(path.join(root, file), 'utf8'))))).toBe('');
  });
});
