/**
 * The "newc" cpio format: what the kernel unpacks as an initramfs and what busybox
 * reads and writes, so one format carries files into the machine and back.
 *
 * Layout: kernel documentation, "initramfs buffer format". Every header field is
 * eight hexadecimal digits; names and data are padded to four bytes.
 */

/** File type bits of `mode`: inode(7). */
const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

const HEADER = 110;
const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';

export type CpioEntry =
  | {readonly type: 'directory'; readonly path: string; readonly mode: number; readonly owner?: number}
  | {readonly type: 'file'; readonly path: string; readonly mode: number; readonly data: Uint8Array}
  | {readonly type: 'link'; readonly path: string; readonly target: string};

/** Seconds since 1970 that every entry carries when none is asked for: the same input gives the same bytes. */
const DEFAULT_TIME = Date.UTC(2026, 0, 1) / 1000;

function record(ino: number, mode: number, owner: number, time: number, path: string, data: Uint8Array): Buffer {
  const name = Buffer.from(`${path}\0`);
  const fields = [ino, mode, owner, owner, 1, time, data.length, 0, 0, 0, 0, name.length, 0];
  const header = MAGIC + fields.map((field) => field.toString(16).padStart(8, '0')).join('');
  return Buffer.concat([Buffer.from(header), name, Buffer.alloc(-(HEADER + name.length) & 3), data, Buffer.alloc(-data.length & 3)]);
}

/**
 * Writes entries one after the other.
 *
 * @param owner number of the user, and of the group, that owns all that names no other owner; default root
 */
export function* writeCpio(
  entries: Iterable<CpioEntry>,
  {owner = 0, time = DEFAULT_TIME}: {owner?: number; time?: number} = {},
): Generator<Buffer> {
  let ino = 1;
  for (const entry of entries) {
    if (entry.type === 'directory') {
      yield record(ino++, S_IFDIR | entry.mode, entry.owner ?? owner, time, entry.path, Buffer.alloc(0));
    } else if (entry.type === 'link') {
      yield record(ino++, S_IFLNK | 0o777, owner, time, entry.path, Buffer.from(entry.target));
    } else {
      if (entry.data.length > 0xffffffff) throw new RangeError(`${entry.path}: a cpio entry holds 4 GiB at most`);
      yield record(ino++, S_IFREG | entry.mode, owner, time, entry.path, entry.data);
    }
  }
  yield record(0, 0, 0, 0, TRAILER, Buffer.alloc(0));
}

/** An archive that came out of the machine and is not what it should be. */
export class CpioError extends Error {
  constructor(path: string, what: string) {
    super(`${path || 'archive'}: ${what}`);
    this.name = 'CpioError';
  }
}

/**
 * Reads an archive written inside the machine. What comes out of the machine is
 * not trusted: absolute names, `..` and links that leave the folder are refused,
 * by name, before anything is written; types other than file, directory and link
 * (device nodes, sockets) are refused too.
 */
export function readCpio(bytes: Uint8Array): CpioEntry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: CpioEntry[] = [];
  let offset = 0;
  for (;;) {
    if (offset + HEADER > buffer.length) throw new CpioError('', 'ends before its trailer');
    const header = buffer.toString('latin1', offset, offset + HEADER);
    if (!/^07070[12][0-9a-fA-F]{104}$/.test(header)) throw new CpioError('', `no header at byte ${offset}`);
    const field = (index: number) => Number.parseInt(header.slice(6 + index * 8, 14 + index * 8), 16);
    const mode = field(1);
    const links = field(4);
    const size = field(6);
    const nameSize = field(11);
    const dataStart = (offset + HEADER + nameSize + 3) & ~3;
    if (nameSize === 0 || dataStart + size > buffer.length) throw new CpioError('', `entry at byte ${offset} is cut short`);
    const name = buffer.toString('utf8', offset + HEADER, offset + HEADER + nameSize - 1);
    if (name === TRAILER) return entries;
    const data = buffer.subarray(dataStart, dataStart + size);
    offset = (dataStart + size + 3) & ~3;

    const path = name.replace(/^(\.\/)+/, '');
    if (path === '.' || path === '') continue;
    if (path.startsWith('/') || path.includes('\0') || path.split('/').some((part) => part === '..' || part === '')) {
      throw new CpioError(name, 'the name leaves the folder');
    }
    switch (mode & S_IFMT) {
      case S_IFDIR:
        entries.push({type: 'directory', path, mode: mode & 0o777});
        break;
      case S_IFREG:
        // newc stores the data of hard links with the last name only.
        if (links > 1 && size === 0) throw new CpioError(name, 'is a hard link; copy the file instead');
        entries.push({type: 'file', path, mode: mode & 0o777, data});
        break;
      case S_IFLNK: {
        const target = data.toString('utf8');
        const depth = path.split('/').length - 1;
        let level = depth;
        let lowest = depth;
        for (const part of target.split('/')) {
          if (part === '..') level--;
          else if (part !== '.' && part !== '') level++;
          lowest = Math.min(lowest, level);
        }
        if (target.startsWith('/') || lowest < 0) throw new CpioError(name, `links to ${target}, outside the folder`);
        entries.push({type: 'link', path, target});
        break;
      }
      default:
        throw new CpioError(name, 'is neither file, directory nor link');
    }
  }
}
