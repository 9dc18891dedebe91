import {gzipSync} from 'node:zlib';
import {describe, expect, it} from 'vitest';
import {unlz4, unpackKernel} from './kernel.ts';

/** One LZ4 block in a legacy frame, by hand. */
function legacy(...block: number[]): Buffer {
  const frame = Buffer.from([0x02, 0x21, 0x4c, 0x18, 0, 0, 0, 0, ...block]);
  frame.writeUInt32LE(block.length, 4);
  return frame;
}

describe('unlz4', () => {
  it('copies literals and repeats matches that overlap themselves', () => {
    // "ab", then nine bytes from two back, then the literals "xyz".
    expect(unlz4(legacy(0x25, 0x61, 0x62, 2, 0, 0x30, 0x78, 0x79, 0x7a), 14).toString()).toBe('abababababaxyz');
  });

  it('reads lengths of 15 and more', () => {
    const text = 'a'.repeat(20);
    expect(unlz4(legacy(0xf0, 5, ...Buffer.from(text)), 20).toString()).toBe(text);
  });

  it('refuses a match before the beginning, and a size that does not fit', () => {
    expect(() => unlz4(legacy(0x10, 0x61, 9, 0), 20)).toThrow(RangeError);
    expect(() => unlz4(legacy(0x10, 0x61), 2)).toThrow('1 bytes, 2 expected');
  });
});

describe('unpackKernel', () => {
  /** A bzImage with one sector of setup and a payload right behind the second. */
  const bzImage = (payload: Buffer) => {
    const head = Buffer.alloc(1024);
    head[0x1f1] = 1;
    head.write('HdrS', 0x202, 'latin1');
    head.writeUInt32LE(0, 0x248);
    head.writeUInt32LE(payload.length, 0x24c);
    return Buffer.concat([head, payload]);
  };
  const elf = Buffer.from('\x7fELF and so on', 'latin1');

  it('takes the kernel out', () => {
    expect(unpackKernel(bzImage(gzipSync(elf)))).toEqual(elf);
  });

  it('leaves alone what it does not know', () => {
    expect(unpackKernel(bzImage(Buffer.from('some other packing')))).toBeUndefined();
    expect(unpackKernel(bzImage(gzipSync(Buffer.from('no kernel'))))).toBeUndefined();
    expect(unpackKernel(Buffer.from('short'))).toBeUndefined();
  });
});
