import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {CpioError, readCpio, writeCpio, type CpioEntry} from './cpio.ts';

const pack = (entries: CpioEntry[]) => Buffer.concat([...writeCpio(entries)]);
const file = (path: string, text = ''): CpioEntry => ({type: 'file', path, mode: 0o644, data: Buffer.from(text)});

describe('cpio', () => {
  it('reads back what it wrote, whatever the lengths of names and contents', () => {
    const name = fc.stringMatching(/^[a-z0-9 é-]{1,40}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.uint8Array({maxLength: 9}))), (files) => {
        const entries = files.map(([path, data]): CpioEntry => ({type: 'file', path, mode: 0o600, data: Buffer.from(data)}));
        expect(readCpio(pack(entries))).toEqual(entries);
      }),
    );
  });

  it('keeps every record at a multiple of four bytes, or the kernel drops what follows', () => {
    for (const chunk of writeCpio([file('a', 'x'), file('bc', 'xy'), {type: 'link', path: 'l', target: 'bc'}])) {
      expect(chunk.length % 4).toBe(0);
    }
  });

  it('gives the same bytes for the same entries', () => {
    expect(pack([file('a', 'x')])).toEqual(pack([file('a', 'x')]));
  });

  it.each(['/etc/passwd', '../out', 'a/../../out', 'a//b'])('refuses the name %s', (path) => {
    expect(() => readCpio(pack([file(path)]))).toThrow(CpioError);
  });

  it.each([
    ['a', '/etc'],
    ['a', '..'],
    ['a/b', '../../out'],
    ['a', 'b/../../c'],
  ])('refuses the link %s to %s', (path, target) => {
    expect(() => readCpio(pack([{type: 'link', path, target}]))).toThrow(/outside the folder/);
  });

  it('allows links within the folder', () => {
    expect(readCpio(pack([{type: 'link', path: 'a/b', target: '../c'}]))).toHaveLength(1);
  });

  it('refuses device nodes', () => {
    const archive = pack([file('null')]);
    archive.write((0o020000 | 0o666).toString(16).padStart(8, '0'), 14, 'latin1');
    expect(() => readCpio(archive)).toThrow('null: is neither file, directory nor link');
  });

  it('refuses an archive that is cut short, at any byte', () => {
    const archive = pack([file('a', 'some text'), file('b')]);
    const trailer = archive.indexOf('TRAILER!!!') + 'TRAILER!!!\0'.length;
    for (let length = 0; length < trailer; length++) expect(() => readCpio(archive.subarray(0, length))).toThrow(CpioError);
  });

  it('refuses what is not an archive', () => {
    expect(() => readCpio(Buffer.alloc(512))).toThrow('no header at byte 0');
  });
});
