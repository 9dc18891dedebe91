import {escapeHtml} from '../../src/terminal/html.ts';
import {ProblemsError} from '../markdown/problems.ts';
import {factsOf, processOf, type Process, type Source} from './columns.ts';

/** What a namespace of each kind holds (namespaces(7)), in the words of a row's heading. */
const holds: Readonly<Record<string, string>> = {
  uts: 'hostname',
  pid: 'process numbers',
  mnt: 'mounts',
  net: 'interfaces, ports',
  ipc: 'shared memory, queues',
  user: 'users, capabilities',
  cgroup: 'root of the cgroups',
  time: 'clocks since boot',
};

/** Processes and the namespaces that they are in. */
export type Matrix = {
  processes: Process[];
  /** One for each kind of namespace, in the order of the experiment. */
  rows: {kind: string; /** Inode numbers, one for each process. */ numbers: string[]}[];
};

/** Marks of a row's namespaces, in the order in which they appear. */
const marks = 'ABCDEFGH';

/**
 * Reads a matrix from an experiment's output: lines `label kind:[inode]`, as
 * `echo "$label $(readlink /proc/$PID/ns/$kind)"` prints them. A label is the name of a process, or `place: name`.
 *
 * @throws ProblemsError for lines that cannot be read, and where a process lacks a kind or has one twice
 */
export function parseMatrix(source: Source): Matrix {
  const {lines, problems} = factsOf(source, / [a-z]+:\[[0-9]+\]$/, /:\[/);
  const {file} = source;
  const numbers = new Map<string, Map<string, string>>();
  const fail = (message: string): void => void problems.push({file, line: 1, message});
  for (const {label, fact, at} of lines) {
    const [, kind = '', number = ''] = /^([a-z]+):\[(\d+)\]$/.exec(fact) ?? [];
    if (!Object.hasOwn(holds, kind)) fail(`${at}: no kind of namespace is called “${kind}”; there are ${Object.keys(holds).join(', ')}`);
    const row = numbers.get(kind) ?? new Map<string, string>();
    if (row.has(label)) fail(`${at}: “${label}” has two namespaces of the kind ${kind}`);
    numbers.set(kind, row.set(label, number));
  }
  const labels = [...new Set(lines.map(({label}) => label))];
  if (problems.length === 0 && labels.length < 2)
    fail('a matrix compares two processes or more; print lines like “your shell uts:[4026531838]”');
  for (const [kind, row] of numbers) {
    for (const label of labels) if (!row.has(label)) fail(`“${label}” has no namespace of the kind ${kind}, and others have`);
    if (new Set(row.values()).size > marks.length) fail(`${kind}: more than ${marks.length} different namespaces cannot be told apart`);
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return {
    processes: labels.map(processOf),
    rows: [...numbers].map(([kind, row]) => ({kind, numbers: labels.map((label) => row.get(label) ?? '')})),
  };
}

/** How many digits all numbers begin with alike; four are left to tell them by. */
function commonDigits(numbers: readonly string[]): number {
  const [first = '', ...others] = numbers;
  let length = 0;
  while (length < first.length - 4 && others.every((other) => other[length] === first[length])) length += 1;
  return length;
}

/** Neighbours of one place, with how many they are. */
function placesOf(processes: readonly Process[]): {place: string | null; count: number}[] {
  const places: {place: string | null; count: number}[] = [];
  for (const {place} of processes) {
    const last = places.at(-1);
    if (last?.place === place) last.count += 1;
    else places.push({place, count: 1});
  }
  return places;
}

/**
 * The matrix as a table. In a row equal numbers have the same letter and the same colour, and neighbours that are equal
 * join into one bar. The digits that all numbers begin with are marked, so that a narrow page can leave them out.
 *
 * @param caption what it shows, as text
 */
export function matrixHtml({processes, rows}: Matrix, caption: string): string {
  const common = commonDigits(rows.flatMap(({numbers}) => numbers));
  const places = placesOf(processes);
  const placed = places.some(({place}) => place !== null);
  const starts = new Set(places.map((_, index) => places.slice(0, index).reduce((sum, {count}) => sum + count, 0)));
  const first = (index: number): string => (placed && index > 0 && starts.has(index) ? ' class="first"' : '');
  const heads = processes.map(({name}, index) => `<th scope="col"${first(index)}>${escapeHtml(name)}</th>`).join('');
  const head = placed
    ? `<tr><td rowspan="2"></td>${places
        .map(({place, count}, index) => {
          const start = index > 0 ? ' class="first"' : '';
          return `<th scope="colgroup" colspan="${count}"${start}>${escapeHtml(place ?? '')}</th>`;
        })
        .join('')}</tr><tr>${heads}</tr>`
    : `<tr><td></td>${heads}</tr>`;
  const body = rows
    .map(({kind, numbers}) => {
      const different = [...new Set(numbers)];
      const cells = numbers.map((number, index) => {
        const mark = different.indexOf(number);
        const classes = [`m${mark}`];
        if (numbers[index - 1] === number) classes.push('joined');
        if (placed && index > 0 && starts.has(index)) classes.push('first');
        return (
          `<td class="${classes.join(' ')}"><b>${marks[mark]}</b> ` +
          `<i>${number.slice(0, common)}</i><span>${number.slice(common)}</span></td>`
        );
      });
      return `<tr><th scope="row"><code>${kind}</code> <span>${holds[kind]}</span></th>${cells.join('')}</tr>`;
    })
    .join('');
  const groups = places.map(({count}) => `<colgroup span="${count}"></colgroup>`).join('');
  return (
    `<table class="ss-matrix"><caption>${escapeHtml(caption)}</caption><colgroup></colgroup>${groups}` +
    `<thead>${head}</thead><tbody>${body}</tbody></table>`
  );
}
