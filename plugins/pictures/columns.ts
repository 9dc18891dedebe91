import type {Result} from '../../sessions/result.ts';
import type {Problem} from '../markdown/problems.ts';

/** The result of an experiment, and where it was read. */
export type Source = {
  /** Path from the root of the repository, for messages. */
  file: string;
  /** What is in the file. */
  text: string;
  result: Result;
};

/** A process of an experiment, as a picture heads its column or row. */
export type Process = {
  /** Where it runs, when its label says so: `the container` of `the container: sh`. */
  place: string | null;
  name: string;
};

/** One line of output that a picture is made of: what stands before the fact, and the fact. */
export type Line = {label: string; fact: string; at: string};

/** The process that a label means: `place: name`, or a name alone. */
export function processOf(label: string): Process {
  const [, place = null, name = label] = /^([^:]+): (.+)$/.exec(label) ?? [];
  return {place, name};
}

/** How a label is said in a message, and told from others. */
export const labelOf = ({place, name}: Process): string => (place === null ? name : `${place}: ${name}`);

/**
 * All lines of an experiment's output that state a fact, in order.
 *
 * @param fact what stands at the end of such a line, with one space before it
 * @param sign what a line has that is meant as such a fact, well-formed or not
 * @returns the lines, and a problem for each that has the sign and cannot be read
 */
export function factsOf({file, text: json, result}: Source, fact: RegExp, sign: RegExp): {lines: Line[]; problems: Problem[]} {
  const lines: Line[] = [];
  const problems: Problem[] = [];
  for (const [index, {output, command}] of result.commands.entries()) {
    for (const text of output.split('\n')) {
      if (!sign.test(text)) continue;
      const at = `command ${index + 1}, ${command}`;
      const found = fact.exec(text);
      const label = found ? text.slice(0, found.index).trim() : '';
      if (found && label !== '') lines.push({label, fact: found[0].trim(), at});
      else problems.push({file, line: lineOfOutput(json, index), message: `${at}: cannot be read: ${JSON.stringify(text)}`});
    }
  }
  return {lines, problems};
}

/** Line of a result's file in which the output of a command stands. */
function lineOfOutput(json: string, index: number): number {
  const outputs = json.split('\n').flatMap((line, at) => (/^\s*"output": /.test(line) ? [at + 1] : []));
  return outputs[index] ?? 1;
}
