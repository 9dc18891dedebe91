/**
 * What is read of ELF files, elf(5): the shared libraries a program asks for, which are the `DT_NEEDED` entries of the
 * dynamic section and `PT_INTERP`; sections by name. Only what Debian's 64-bit little-endian ports use.
 */

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0n;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;

export type ElfNeeds = {
  /** Path of the dynamic linker, absent for a static program or a library. */
  readonly interpreter?: string;
  /** Sonames, such as `libc.so.6`. */
  readonly needed: readonly string[];
};

/** Returns undefined when the bytes are no 64-bit little-endian ELF file. */
export function elfNeeds(bytes: Uint8Array): ElfNeeds | undefined {
  const file = elfFile(bytes);
  if (!file) return undefined;
  const phoff = Number(file.readBigUInt64LE(32));
  const phentsize = file.readUInt16LE(54);
  const phnum = file.readUInt16LE(56);
  const loads: {vaddr: bigint; offset: bigint; size: bigint}[] = [];
  let dynamic: {offset: number; size: number} | undefined;
  let interpreter: string | undefined;
  for (let index = 0; index < phnum; index++) {
    const at = phoff + index * phentsize;
    const type = file.readUInt32LE(at);
    const offset = file.readBigUInt64LE(at + 8);
    const size = file.readBigUInt64LE(at + 32);
    if (type === PT_LOAD) loads.push({vaddr: file.readBigUInt64LE(at + 16), offset, size});
    if (type === PT_DYNAMIC) dynamic = {offset: Number(offset), size: Number(size)};
    if (type === PT_INTERP) interpreter = cString(file, Number(offset));
  }
  if (!dynamic) return {interpreter, needed: []};

  const names: number[] = [];
  let table: number | undefined;
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.size; at += 16) {
    const tag = file.readBigUInt64LE(at);
    const value = file.readBigUInt64LE(at + 8);
    if (tag === DT_NULL) break;
    if (tag === DT_NEEDED) names.push(Number(value));
    if (tag === DT_STRTAB) {
      const load = loads.find(({vaddr, size}) => value >= vaddr && value < vaddr + size);
      if (load) table = Number(value - load.vaddr + load.offset);
    }
  }
  if (table === undefined) return {interpreter, needed: []};
  const strings = table;
  return {interpreter, needed: names.map((name) => cString(file, strings + name))};
}

/** The bytes of the section of this name, or undefined. */
export function elfSection(bytes: Uint8Array, name: string): Buffer | undefined {
  const file = elfFile(bytes);
  if (!file) return undefined;
  const shoff = Number(file.readBigUInt64LE(40));
  const shentsize = file.readUInt16LE(58);
  const heads = Array.from({length: file.readUInt16LE(60)}, (_, index) => {
    const at = shoff + index * shentsize;
    return {name: file.readUInt32LE(at), offset: Number(file.readBigUInt64LE(at + 24)), size: Number(file.readBigUInt64LE(at + 32))};
  });
  const names = heads[file.readUInt16LE(62)];
  const found = names && heads.find((head) => cString(file, names.offset + head.name) === name);
  return found && file.subarray(found.offset, found.offset + found.size);
}

/** A view of the bytes when they are a 64-bit little-endian ELF file. */
function elfFile(bytes: Uint8Array): Buffer | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1 ? undefined : file;
}

function cString(file: Buffer, offset: number): string {
  return file.toString('latin1', offset, file.indexOf(0, offset));
}
