import {spawnSync} from 'node:child_process';
import {gunzipSync} from 'node:zlib';

/**
 * Takes the ELF kernel out of a bzImage, so that QEMU starts it directly (PVH) and
 * the guest need not unpack it: a second saved under emulation.
 *
 * Layout: kernel documentation, "The Linux/x86 Boot Protocol": `setup_sects` at 0x1f1,
 * `payload_offset` and `payload_length` at 0x248 (protocol 2.08). Returns undefined
 * when the packing is one this machine cannot undo; the bzImage then boots as it is.
 */
export function unpackKernel(bzImage: Buffer): Buffer | undefined {
  if (bzImage.length < 0x250 || bzImage.toString('latin1', 0x202, 0x206) !== 'HdrS') return undefined;
  const sectors = bzImage[0x1f1] || 4; // eslint-disable-line @typescript-eslint/prefer-nullish-coalescing -- the protocol says that 0 means 4
  const start = (sectors + 1) * 512 + bzImage.readUInt32LE(0x248);
  const payload = bzImage.subarray(start, start + bzImage.readUInt32LE(0x24c));
  const kernel = unpack(payload);
  return kernel?.readUInt32BE(0) === 0x7f454c46 ? kernel : undefined;
}

function unpack(payload: Buffer): Buffer | undefined {
  const magic = payload.subarray(0, 6).toString('hex');
  // The kernel's build appends the unpacked size, four bytes, to every packing but gzip's.
  const body = payload.subarray(0, payload.length - 4);
  if (magic.startsWith('02214c18')) return unlz4(body, payload.readUInt32LE(payload.length - 4));
  if (magic.startsWith('1f8b')) return gunzipSync(payload);
  const [tool, ...args] = magic === 'fd377a585a00' ? ['xz', '-dc'] : magic.startsWith('28b52ffd') ? ['zstd', '-dcq'] : [];
  if (!tool) return undefined;
  const {status, stdout} = spawnSync(tool, args, {input: body, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore']});
  return status === 0 ? stdout : undefined;
}

/**
 * LZ4's legacy frame, which the kernel uses: a magic number, then blocks, each after
 * its packed size (LZ4 frame and block format descriptions). No npm package that
 * reads it is both small and kept up.
 */
export function unlz4(input: Buffer, size: number): Buffer {
  const output = Buffer.alloc(size);
  let to = 0;
  let at = 4;
  while (at + 4 <= input.length) {
    const end = at + 4 + input.readUInt32LE(at);
    at += 4;
    while (at < end) {
      const token = input[at++] ?? 0;
      let literals = token >> 4;
      if (literals === 15) {
        let byte;
        do literals += byte = input[at++] ?? 0;
        while (byte === 255);
      }
      input.copy(output, to, at, at + literals);
      at += literals;
      to += literals;
      if (at >= end) break; // The last sequence of a block has literals only.
      const distance = input.readUInt16LE(at);
      at += 2;
      let match = (token & 15) + 4;
      if (match === 19) {
        let byte;
        do match += byte = input[at++] ?? 0;
        while (byte === 255);
      }
      const from = to - distance;
      if (distance === 0 || from < 0 || to + match > size) throw new RangeError('lz4: a match leaves the buffer');
      if (distance >= match) {
        output.copyWithin(to, from, from + match);
        to += match;
      } else {
        // Overlap repeats bytes just written, so copy one at a time.
        for (let index = 0; index < match; index++) output[to + index] = output[from + index] ?? 0;
        to += match;
      }
    }
  }
  if (to !== size) throw new RangeError(`lz4: ${to} bytes, ${size} expected`);
  return output;
}
