import {mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';

/**
 * Writes a file so that at any moment there is the old one or the new one, never a part. Makes the folder when it is missing.
 *
 * @throws Error of the system when the file cannot be written; then the old one is still there and nothing lies beside it
 */
export function writeAtomically(file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(file), {recursive: true});
  const aside = `${file}.${process.pid}.part`;
  try {
    writeFileSync(aside, content);
    renameSync(aside, file);
  } finally {
    rmSync(aside, {force: true});
  }
}
