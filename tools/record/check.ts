import {createTwoFilesPatch} from 'diff';

import {shellMarksIn, type Cast} from '../../src/replay/format/index.ts';
import {normalise} from './normalise.ts';
import {textOf} from './screen.ts';

/** What a step of a recording shows, as plain text. */
export type StepText = {caption: string; text: string};

/** Takes a recording apart at its markers. A step starts with the prompt that it is typed at. */
export async function stepTexts({header, events}: Cast): Promise<StepText[]> {
  const steps: {caption: string; output: string}[] = [];
  let output = '';
  for (const {code, data} of events) {
    if (code === 'o') output += data;
    if (code === 'm') {
      const prompt = shellMarksIn(output).findLast(({kind}) => kind === 'A')?.start ?? output.length;
      const last = steps.at(-1);
      if (last) last.output = output.slice(0, prompt);
      output = output.slice(prompt);
      steps.push({caption: data, output});
    }
  }
  const last = steps.at(-1);
  if (last) last.output = output;
  return Promise.all(steps.map(async (step) => ({caption: step.caption, text: await textOf(step.output, header.cols, header.rows)})));
}

/**
 * Compares two recordings of one script by what they show, without what always varies.
 *
 * @returns a unified diff, or null when they show the same
 */
export async function compareCasts(committed: Cast, fresh: Cast): Promise<string | null> {
  const [before, after] = await Promise.all([transcript(committed), transcript(fresh)]);
  if (before === after) return null;
  return createTwoFilesPatch('committed', 'recorded now', before, after, undefined, undefined, {context: 2}).replace(/^=+\n/, '');
}

async function transcript(cast: Cast): Promise<string> {
  const steps = await stepTexts(cast);
  const {title, cols, rows} = cast.header;
  return [
    `${title ?? ''} (${cols} × ${rows})`,
    ...steps.flatMap(({caption, text}, index) => [`— step ${index + 1}: ${caption}`, normalise(text)]),
    '',
  ].join('\n');
}
