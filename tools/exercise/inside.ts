import type {Exercise} from '../../sessions/script.ts';
import {takesProgram} from './names.ts';

/** Where an exercise lies in the machine. */
export const library = '/usr/local/lib/exercise';

/** Puts its first argument into lines that fit a terminal. */
const wrap = 'fold --spaces --width=76 | sed "s/ *$//"';

/** What begins each check: how it says what is missing. Its output and status are what `check` passes on. */
const checkPrelude = String.raw`incomplete=0
missing() {
  echo "- $*"
  incomplete=1
}
`;

const check = (program: boolean): string => String.raw`#!/bin/bash
# Reports whether the exercise is done, and if it is not, what is missing.
# Exit status: 0 when it is done, 1 when it is not, 2 when nothing could be checked.
if [ "$(readlink /proc/self/ns/mnt)" != "$(cat ${library}/mounts)" ]; then
  echo 'check: this shell is in another mount namespace. Leave it with exit, and ask again outside.' >&2
  exit 2
fi
${program ? argument : noArgument}
output=$(sudo bash ${library}/check "$@" 2>&1)
status=$?
if [ $status -eq 0 ]; then
  echo 'Done.'
  exit 0
fi
echo 'Not done yet:'
echo "$output"
echo 'Need help? Type hint.'
exit 1
`;

const noArgument = String.raw`if [ $# -gt 0 ]; then
  echo 'check: it takes no arguments.' >&2
  exit 2
fi`;

const argument = String.raw`if [ $# -ne 1 ]; then
  echo 'check: which program? Type check PATH. What you bring along with --share is in /share:' >&2
  ls /share >&2
  exit 2
fi
if [ ! -f "$1" ]; then
  echo "check: there is no file $1." >&2
  exit 2
fi
if [ ! -x "$1" ]; then
  echo "check: $1 is not executable. Mend it with: chmod +x $1" >&2
  exit 2
fi
set -- "$(realpath -- "$1")"`;

const hint = String.raw`#!/bin/bash
# Prints the next hint.
all=$(ls ${library}/hints | wc --lines)
next=$(($(cat ${library}/given) + 1))
if [ $next -gt $all ]; then
  echo 'There are no more hints. To see the solution, type solution.'
  exit
fi
echo $next >${library}/given
echo "Hint $next of $all:"
cat ${library}/hints/$next | ${wrap}
`;

const solution = String.raw`#!/bin/bash
# Prints the solution.
cat ${library}/solution
`;

const task = (program: boolean): string => String.raw`#!/bin/bash
# Prints the task, and what the set-up said of it.
cat ${library}/task | ${wrap}
[ ! -s ${library}/notes ] || { echo; cat ${library}/notes; }
echo
echo '  check${program ? ' PATH' : '     '}  reports whether it is done, and if not what is missing'
echo '  hint        gives the next hint'
echo '  solution    shows the solution'
echo '  task        shows this again'
echo '  exit        leaves, and nothing is kept${program ? ' but what is in /share' : ''}'
echo
`;

/** Takes from a script the indentation that all of its lines share, and empty lines around it. */
export function unindent(script: string): string {
  const lines = script
    .replace(/^\s*\n/, '')
    .trimEnd()
    .split('\n');
  const depths = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  const depth = depths.length === 0 ? 0 : Math.min(...depths);
  return `${lines.map((line) => line.slice(depth)).join('\n')}\n`;
}

/** A file for the machine: its content, and who may do what with it. */
export type InsideFile = {content: string; mode: number};

/**
 * The files that an exercise has in the machine, by their absolute path: its commands, and what they print and run.
 *
 * @param shown what `solution` prints
 */
export function insideFiles(exercise: Exercise, shown: string): Record<string, InsideFile> {
  const {title, setUp = '', hints} = exercise;
  const program = takesProgram(exercise);
  const command = (content: string): InsideFile => ({content, mode: 0o755});
  const file = (content: string): InsideFile => ({content, mode: 0o644});
  return {
    '/usr/local/bin/check': command(check(program)),
    '/usr/local/bin/hint': command(hint),
    '/usr/local/bin/solution': command(solution),
    '/usr/local/bin/task': command(task(program)),
    [`${library}/task`]: file(`${title}\n\n${exercise.task}\n`),
    [`${library}/set-up`]: file(unindent(setUp)),
    [`${library}/check`]: file(`${checkPrelude}${unindent(exercise.check)}exit $incomplete\n`),
    [`${library}/solution`]: file(shown),
    // Whoever asks for a hint, learner or root, counts it here.
    [`${library}/given`]: {content: '0\n', mode: 0o666},
    ...Object.fromEntries(hints.map((text, index) => [`${library}/hints/${index + 1}`, file(`${text}\n`)])),
  };
}
