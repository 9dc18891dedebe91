import {escapeHtml} from '../../src/terminal/html.ts';
import {ProblemsError} from '../markdown/problems.ts';
import {factsOf, labelOf, processOf, type Process, type Source} from './columns.ts';

/** Processes with their numbers in nested PID namespaces, from the outermost in; where a process has none, there is none. */
export type Rulers = {
  processes: (Process & {numbers: string[]})[];
  /** How deep the deepest of them is. */
  depth: number;
};

/**
 * Reads processes and their numbers from an experiment's output: lines `label NSpid: 222 1`, as
 * `echo "$label $(grep NSpid /proc/$PID/status)"` prints them (proc_pid_status(5)).
 *
 * @throws ProblemsError for lines that cannot be read, and when no process is in an inner namespace
 */
export function parseRulers(source: Source): Rulers {
  const {lines, problems} = factsOf(source, / NSpid:(?:\s+\d+)+$/, /NSpid:/);
  const {file} = source;
  const processes = lines.map(({label, fact}) => ({...processOf(label), numbers: fact.match(/\d+/g) ?? []}));
  const depth = Math.max(0, ...processes.map(({numbers}) => numbers.length));
  const fail = (message: string): void => void problems.push({file, line: 1, message});
  if (problems.length === 0 && depth < 2) fail('two rulers need a process with two numbers; print lines like “sh NSpid: 222 1”');
  const labels = processes.map(labelOf);
  for (const label of new Set(labels.filter((each, index) => labels.indexOf(each) !== index))) fail(`two processes are called “${label}”`);
  if (problems.length > 0) throw new ProblemsError(problems);
  return {processes, depth};
}

/**
 * The rulers as a table: a row for each process, a ruler for each namespace, which is as long as it has processes. What
 * is in an inner namespace is in the outer as well, never the other way round, and the heads of the rulers say so.
 *
 * @param caption what it shows, as text
 * @param levels what the namespaces are called, from the outermost in; as many as they are deep
 */
export function rulersHtml({processes}: Rulers, caption: string, levels: readonly string[]): string {
  const heads = levels.map((level, index) => {
    const seen = processes.filter(({numbers}) => numbers.length > index).length;
    const sees = seen === processes.length ? `sees all ${seen}` : `sees ${seen} of ${processes.length}`;
    return `<th scope="col">${escapeHtml(level)} <span>${sees}</span></th>`;
  });
  const rows = processes.map((process) => {
    const cells = levels.map((_, index) => {
      const number = process.numbers[index];
      return number === undefined ? '<td>–<span class="ss-unseen"> no number</span></td>' : `<td class="on">${number}</td>`;
    });
    const inner = process.numbers.length > 1 ? ' class="inner"' : '';
    return `<tr${inner}><th scope="row">${escapeHtml(labelOf(process))}</th>${cells.join('')}</tr>`;
  });
  return (
    `<table class="ss-rulers"><caption>${escapeHtml(caption)}</caption><thead><tr><td></td>${heads.join('')}</tr></thead>` +
    `<tbody>${rows.join('')}</tbody></table>`
  );
}
