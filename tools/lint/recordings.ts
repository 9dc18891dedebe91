import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {format, type Problem} from '../../plugins/markdown/problems.ts';
import {parseCast} from '../../src/replay/format/index.ts';
import {stepTexts} from '../record/check.ts';
import {loadRecording, scriptFile, scriptNames} from '../record/scripts.ts';

/**
 * What is no longer in a recording as its script says, told from what the recording holds: title, size, captions and what is
 * typed. It takes no virtual machine; whether the output still is the same only `--check` knows.
 */
export async function staleRecordings(root: string): Promise<Problem[]> {
  const problems: Problem[] = [];
  const names = scriptNames(root);
  for (const name of names) problems.push(...(await staleRecording(root, name)));
  const folder = path.join(root, 'static/recordings');
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    const name = path.basename(file, '.cast');
    if (!file.endsWith('.cast') || names.includes(name)) continue;
    problems.push({
      file: `static/recordings/${file}`,
      line: 1,
      message: `there is no ${scriptFile(name)} that it was made from; remove it`,
    });
  }
  return problems;
}

async function staleRecording(root: string, name: string): Promise<Problem[]> {
  const file = scriptFile(name);
  const source = readFileSync(path.join(root, file), 'utf8').split('\n');
  const lineOf = (pattern: RegExp, nth = 0): number => {
    const lines = source.flatMap((text, index) => (pattern.test(text) ? [index + 1] : []));
    return lines[nth] ?? 1;
  };
  const remedy = `run npm run record -- ${name}`;
  let script;
  try {
    script = await loadRecording(root, name);
  } catch (error) {
    // Each line begins with the file already.
    return (error as Error).message.split('\n').map((message) => ({file, line: 1, message: message.replace(`${file}: `, '')}));
  }
  const cast = `static/recordings/${name}.cast`;
  if (!existsSync(path.join(root, cast))) return [{file, line: 1, message: `it has not been recorded; ${remedy}`}];
  const recorded = parseCast(readFileSync(path.join(root, cast)), cast);
  const {header} = recorded;
  for (const field of ['title', 'cols', 'rows'] as const) {
    if (header[field] !== script[field])
      return [{file, line: lineOf(new RegExp(`^  ${field}:`)), message: `${field} has changed since it was recorded; ${remedy}`}];
  }
  const steps = await stepTexts(recorded);
  const text = steps.map((step) => step.text).join('\n');
  let from = 0;
  let at = -1;
  for (const [index, step] of script.steps.entries()) {
    const stale = (field: string, what: string): Problem[] => [
      // A step has one `type:`, and its other fields stand beside it.
      {
        file,
        line: field === 'type' ? lineOf(/\btype:/, index) : lineOf(/\bcaption:/, at),
        message: `${what} since it was recorded; ${remedy}`,
      },
    ];
    if (step.caption !== undefined) {
      at++;
      if (steps[at]?.caption !== step.caption) return stale('caption', `the caption of step ${index + 1} has changed`);
    }
    const typed = text.indexOf(`:~# ${step.type}\n`, from);
    if (typed < 0) return stale('type', `what step ${index + 1} types has changed`);
    from = typed + 1;
  }
  if (steps.length > at + 1) return [{file, line: lineOf(/^  steps:/), message: `steps were removed since it was recorded; ${remedy}`}];
  return [];
}

// Started by `npm start`, which has no other way to read scripts again after they changed.
if (process.argv[1] && path.resolve(process.argv[1]) === import.meta.filename) {
  void staleRecordings(process.cwd()).then((problems) => {
    if (problems.length > 0) console.log(format(problems));
  });
}
