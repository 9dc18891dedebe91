import {execFileSync} from 'node:child_process';
import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {MarkFilter, shellScript} from './protocol.ts';

describe('MarkFilter', () => {
  const mark = '0123abcd';
  const feed = (chunks: Buffer[]) => {
    const out: Buffer[] = [];
    const filter = new MarkFilter(mark, (bytes) => out.push(Buffer.from(bytes)));
    const found = chunks.some((chunk) => filter.push(chunk));
    return {found, text: Buffer.concat(out).toString('latin1'), filter, out};
  };

  it('passes on all before the mark and nothing of it, however the stream is cut', () => {
    const text = fc.string({unit: fc.constantFrom('\x1e', '0', '1', 'a', '\n')});
    fc.assert(
      fc.property(text, fc.array(fc.nat(3), {minLength: 1}), (before, cuts) => {
        const bytes = Buffer.from(`${before}\x1e${mark}`, 'latin1');
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = 1 + (cuts[turn % cuts.length] ?? 0);
          chunks.push(bytes.subarray(at, at + length));
          at += length;
        }
        expect(feed(chunks)).toMatchObject({found: true, text: before});
      }),
    );
  });

  it('holds nothing back that cannot be the beginning of the mark', () => {
    expect(feed([Buffer.from('$ ')]).text).toBe('$ ');
  });

  it('gives back what it held when the stream ends', () => {
    const {filter, out} = feed([Buffer.from('a\x1e01')]);
    filter.flush();
    expect(Buffer.concat(out).toString('latin1')).toBe('a\x1e01');
  });
});

describe('shellScript', () => {
  it('passes words, environment and folder through a shell unchanged', () => {
    const words = ["it's", '$HOME', 'a b', '', '*', '\\', 'new\nline', '"'];
    const script = shellScript({argv: ['printf', '%s|', ...words], cwd: '/', env: {WORD: "$(no) 'quotes'"}});
    expect(execFileSync('sh', ['-c', script], {encoding: 'utf8'})).toBe(words.map((word) => `${word}|`).join(''));
    const env = shellScript({argv: ['printenv', 'WORD'], cwd: '/', env: {WORD: "$(no) 'quotes'"}});
    expect(execFileSync('sh', ['-c', env], {encoding: 'utf8'})).toBe("$(no) 'quotes'\n");
  });
});
