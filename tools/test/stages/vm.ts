import {readFileSync} from 'node:fs';
import path from 'node:path';
import {testGo} from '../checks/machine-go.ts';
import {testTool} from '../checks/machine-tool.ts';
import {onMachine} from '../machine.ts';
import type {Stage} from '../stage.ts';
import {projectFiles} from '../unchanged.ts';

/** How many Go tests there are, by their declarations. */
function countGoTests(root: string): number {
  return projectFiles(root)
    .filter((file) => /^code\/.*_test\.go$/.test(file))
    .reduce((sum, file) => sum + (readFileSync(path.join(root, file), 'utf8').match(/^func Test(?!Main\b)/gm) ?? []).length, 0);
}

/** Tests on a Linux kernel of our own: see vm/README.md. */
export const vm: Stage = {
  name: 'vm',
  summary: 'on a Linux kernel of our own (QEMU): the Go tests; the tool that starts it',
  run: (context) =>
    onMachine(context, {
      run: [testGo, testTool],
      skips: ({root}) => [{count: countGoTests(root), what: 'Go tests on a kernel of our own'}],
    }),
};
