import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {prose, readingMinutes, withReadingTime} from './reading-time.ts';

const words = (count: number): string => 'word '.repeat(count);

describe('reading time', () => {
  it('counts 200 words a minute and never less than a minute', () => {
    expect(readingMinutes(words(10))).toBe(1);
    expect(readingMinutes(words(400))).toBe(2);
    expect(readingMinutes(words(401))).toBe(3);
  });

  it('leaves out fences, comments, imports and tags, and keeps what stands between tags', () => {
    const mdx = [
      "import Thing from '@site/thing';",
      '',
      'One <Thing title="not read">two</Thing>.',
      '',
      '```go file=main.go',
      'func main() {}',
      '```',
      '{/* a note',
      'on two lines */}',
      'three',
    ].join('\n');
    expect(prose(mdx).match(/[a-z]+/gi)).toEqual(['One', 'two', 'three']);
  });

  it('ends a fence only at one as long as its opening', () => {
    expect(prose('````md\n```go\ncode\n```\n````\nafter').trim()).toBe('after');
  });

  it('marks documents of docs/ and no others', async () => {
    const parse = withReadingTime('/site');
    const read = (file: string) =>
      parse({
        filePath: path.join('/site', file),
        fileContent: '',
        defaultParseFrontMatter: () => Promise.resolve({frontMatter: {title: 'T'}, content: words(500)}),
      });
    expect((await read('docs/a.mdx')).frontMatter).toEqual({title: 'T', reading_minutes: 3});
    expect((await read('blog/a.mdx')).frontMatter).toEqual({title: 'T'});
  });
});
