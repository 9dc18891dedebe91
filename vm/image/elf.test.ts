import {describe, expect, it} from 'vitest';
import {elfNeeds} from './elf.ts';

/** The least program that elf(5) allows: one PT_LOAD, PT_INTERP, PT_DYNAMIC, strings at the end. */
function program(libraries: string[], interpreter: string): Buffer {
  const strings = Buffer.from(`\0${libraries.join('\0')}\0`);
  const interp = Buffer.from(`${interpreter}\0`);
  const heads = 64 + 3 * 56;
  const dynamicAt = heads;
  const dynamicSize = (libraries.length + 2) * 16;
  const stringsAt = dynamicAt + dynamicSize;
  const interpAt = stringsAt + strings.length;
  const base = 0x400000n;
  const file = Buffer.alloc(interpAt + interp.length);
  file.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(3, 56);
  const head = (index: number, type: number, at: number, size: number) => {
    file.writeUInt32LE(type, 64 + index * 56);
    file.writeBigUInt64LE(BigInt(at), 64 + index * 56 + 8);
    file.writeBigUInt64LE(base + BigInt(at), 64 + index * 56 + 16);
    file.writeBigUInt64LE(BigInt(size), 64 + index * 56 + 32);
  };
  head(0, 1, 0, file.length);
  head(1, 3, interpAt, interp.length);
  head(2, 2, dynamicAt, dynamicSize);
  const entries: [bigint, bigint][] = libraries.map((name) => [1n, BigInt(strings.indexOf(`${name}\0`))]);
  entries.push([5n, base + BigInt(stringsAt)], [0n, 0n]);
  entries.forEach(([tag, value], index) => {
    file.writeBigUInt64LE(tag, dynamicAt + index * 16);
    file.writeBigUInt64LE(value, dynamicAt + index * 16 + 8);
  });
  strings.copy(file, stringsAt);
  interp.copy(file, interpAt);
  return file;
}

describe('elfNeeds', () => {
  it('reads the libraries and the dynamic linker', () => {
    expect(elfNeeds(program(['libmnl.so.0', 'libc.so.6'], '/lib64/ld-linux-x86-64.so.2'))).toEqual({
      needed: ['libmnl.so.0', 'libc.so.6'],
      interpreter: '/lib64/ld-linux-x86-64.so.2',
    });
  });

  it('passes by what is no ELF file', () => {
    expect(elfNeeds(Buffer.from('#!/bin/sh\n'))).toBeUndefined();
    expect(elfNeeds(Buffer.alloc(0))).toBeUndefined();
  });
});
