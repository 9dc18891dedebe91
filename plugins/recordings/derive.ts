import {createHash} from 'node:crypto';
import {access, mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {CastError, CastWorkError, parseCast} from '../../src/replay/format/index.ts';
import {
  buildIndex,
  fingerprintOf,
  posterHtml,
  posterTime,
  stepsOf,
  transcriptHtml,
  type ReplayIndex,
  type Step,
} from '../../src/replay/outline/index.ts';
import {findFiles} from '../markdown/documents.ts';
import {ProblemsError, relative, suggest, type Problem} from '../markdown/problems.ts';

/** Recordings, below the root of the site. */
export const castFolder = 'static/recordings';
/** What is made of them: a static folder, so that pages can fetch it. */
export const derivedFolder = '.derived/recordings';
/** What each file there was made from. Not part of the site, and safe to lose. */
const keysFile = 'node_modules/.cache/recordings.json';

/** Code that decides what is made of a recording. */
const derivingCode = ['src/replay/format', 'src/replay/outline', 'src/terminal', 'plugins/recordings'];

/** What `<Replay>` must know of a recording to lay out its place. */
export type ReplayProps = {
  title: string;
  /** Cells: the most that the terminal has, so that nothing on the page moves when it changes. */
  cols: number;
  rows: number;
  /** Whether that is a usual size, and the recording does not say its own. */
  sizeUnknown?: true;
  /** Seconds. */
  duration: number;
  steps: Step[];
};

/** What is wrong when there is no recording of a name. */
export const missingRecording = (name: string, names: readonly string[]): string =>
  `no recording “${name}”${suggest(name, names)}; make it with npm run record -- ${name}`;

/** Makes and keeps what is derived from the recordings of a site; does nothing again for what has not changed. */
export class Recordings {
  /** What is being made right now. */
  private readonly making = new Map<string, Promise<ReplayProps>>();
  private code: Promise<string> | undefined;
  private keys: Promise<Map<string, string>> | undefined;

  constructor(private readonly siteDir: string) {}

  /** Names of all recordings. */
  async names(): Promise<string[]> {
    const files = await findFiles(path.join(this.siteDir, castFolder), (name) => name.endsWith('.cast'));
    return files.map((file) => relative(path.join(this.siteDir, castFolder), file).slice(0, -'.cast'.length));
  }

  /**
   * Makes index, poster and transcript of a recording where they are missing or out of date.
   *
   * @param poster seconds; by default a moment that shows much
   * @param place what asks for it, for the error when there is no such recording
   * @throws ProblemsError when there is none or it cannot be read
   */
  async derive(name: string, poster: number | undefined, place: {file: string; line: number}): Promise<ReplayProps> {
    const file = `${castFolder}/${name}.cast`;
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path.join(this.siteDir, file));
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      throw new ProblemsError([{...place, message: missingRecording(name, await this.names())}]);
    }
    this.code ??= hashOf(this.siteDir);
    const key = createHash('sha256')
      .update(await this.code)
      .update(`\0${poster ?? ''}\0`)
      .update(bytes)
      .digest('hex');
    const id = `${name}\0${key}`;
    const running = this.making.get(id);
    if (running) return running;
    const made = this.make(name, file, bytes, poster, key).finally(() => this.making.delete(id));
    this.making.set(id, made);
    return made;
  }

  /** Removes what was derived from recordings that are no more. */
  async removeOrphans(): Promise<void> {
    const folder = path.join(this.siteDir, derivedFolder);
    const known = new Set((await this.names()).flatMap((name) => outputs(name)));
    let files: string[];
    try {
      files = await readdir(folder, {recursive: true});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    for (const file of files) {
      const name = file.split(path.sep).join('/');
      if (/\.(?:json|html)$/.test(name) && !known.has(name)) await rm(path.join(folder, file), {force: true});
    }
  }

  private async make(name: string, file: string, bytes: Uint8Array, poster: number | undefined, key: string): Promise<ReplayProps> {
    const folder = path.join(this.siteDir, derivedFolder);
    const indexFile = path.join(folder, `${name}.json`);
    const keys = await this.readKeys();
    if (keys.get(name) === key) {
      try {
        for (const output of outputs(name)) await access(path.join(folder, output));
        return propsOf(JSON.parse(await readFile(indexFile, 'utf8')) as ReplayIndex);
      } catch {
        // Somebody removed or spoilt a file; all are made again.
      }
    }
    try {
      const cast = parseCast(bytes, file);
      if (poster !== undefined && poster > cast.duration) {
        throw new CastError(file, 1, 'poster', `a moment within the ${cast.duration} seconds of the recording`, String(poster));
      }
      const index: ReplayIndex = {madeOf: fingerprintOf(bytes), ...(await buildIndex(cast))};
      const html = posterHtml(cast, index, poster ?? posterTime(cast, index));
      await mkdir(path.dirname(indexFile), {recursive: true});
      await writeFile(path.join(folder, `${name}.poster.html`), html);
      await writeFile(path.join(folder, `${name}.transcript.html`), transcriptHtml(index));
      await writeFile(indexFile, JSON.stringify(index));
      keys.set(name, key);
      await this.writeKeys(keys);
      return propsOf(index);
    } catch (error) {
      if (error instanceof CastWorkError) throw new ProblemsError([{file, line: 1, message: error.message}]);
      if (!(error instanceof CastError)) throw error;
      const {line, field, expected, found} = error;
      throw new ProblemsError([{file, line, message: `${field}: expected ${expected}, found ${found}; record it again or mend that line`}]);
    }
  }

  private readKeys(): Promise<Map<string, string>> {
    this.keys ??= readFile(path.join(this.siteDir, keysFile), 'utf8')
      .then((text) => new Map(Object.entries(JSON.parse(text) as Record<string, string>)))
      .catch(() => new Map<string, string>());
    return this.keys;
  }

  private async writeKeys(keys: Map<string, string>): Promise<void> {
    const file = path.join(this.siteDir, keysFile);
    await mkdir(path.dirname(file), {recursive: true});
    await writeFile(file, JSON.stringify(Object.fromEntries(keys)));
  }
}

function outputs(name: string): string[] {
  return [`${name}.json`, `${name}.poster.html`, `${name}.transcript.html`];
}

function propsOf(index: ReplayIndex): ReplayProps {
  const {title, sizeUnknown, duration} = index;
  const {cols, rows} = index.room ?? index;
  return {title, cols, rows, ...(sizeUnknown && {sizeUnknown}), duration, steps: stepsOf(index)};
}

async function hashOf(siteDir: string): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of derivingCode) {
    const files = await findFiles(path.join(siteDir, folder), (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    for (const file of files) hash.update(`${relative(siteDir, file)}\0`).update(await readFile(file));
  }
  return hash.digest('hex');
}

/** Several errors of one kind as one, any other one as it is. */
export async function allProblems(tasks: Iterable<Promise<unknown>>): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const result of await Promise.allSettled(tasks)) {
    if (result.status === 'fulfilled') continue;
    if (!(result.reason instanceof ProblemsError)) throw result.reason;
    problems.push(...result.reason.problems);
  }
  return problems;
}
