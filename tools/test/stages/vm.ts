import {readFileSync} from 'node:fs';
import path from 'node:path';
import {VmError} from '../../../vm/failure.ts';
import {runGoTests} from '../../../vm/go-tests.ts';
import {prepare} from '../../../vm/start.ts';
import {join, nothing, type Context, type Outcome, type Stage} from '../stage.ts';
import {contentKey, projectFiles, unlessUnchanged} from '../unchanged.ts';
import {runVitest} from '../vitest.ts';
import {readGoTest} from './go.ts';

/** Tests of the machine's own tool; they start some thirty machines, so they are made when something of it has changed. */
async function testTool({root, fresh, progress}: Context, image: string, qemu: string): Promise<Outcome> {
  const files = projectFiles(root).filter((file) => /^(vm\/.*|vitest\.config\.mts|package-lock\.json)$/.test(file));
  const key = await contentKey(root, files, 'vm tool', image, qemu);
  return unlessUnchanged(key, fresh, () =>
    runVitest(root, ['--project', 'vm'], {why: 'the tests themselves say what they need'}, progress),
  );
}

/** The Go module's tests, all in one boot. */
async function testGo({go, progress}: Context): Promise<Outcome> {
  if (go.program === null) return nothing();
  let report = '';
  const passed = await runGoTests({go: go.program, env: go.env, json: true, say: progress, write: (text) => (report += text)});
  const outcome = readGoTest(report);
  if (!passed && outcome.failures.length === 0) outcome.failures.push({name: 'go test in the machine', output: report});
  return {...outcome, failures: outcome.failures.map(({name, output}) => ({name: `in the machine: ${name}`, output}))};
}

/** How many Go tests there are, by their declarations. */
function countGoTests(root: string): number {
  return projectFiles(root)
    .filter((file) => /^code\/.*_test\.go$/.test(file))
    .reduce((sum, file) => sum + (readFileSync(path.join(root, file), 'utf8').match(/^func Test(?!Main\b)/gm) ?? []).length, 0);
}

/** Tests on a Linux kernel of our own: see vm/README.md. */
export const vm: Stage = {
  name: 'vm',
  summary: 'the Go tests on a Linux kernel of our own (QEMU), with cgroup v2; the tool that starts it',
  run: async (context) => {
    try {
      const {image, qemu} = await prepare({say: context.progress});
      const notes = [`kernel ${image.release}`];
      const outcome = join([await testGo(context), await testTool(context, image.key, qemu)]);
      return {...outcome, notes};
    } catch (error) {
      if (!(error instanceof VmError) || error.kind !== 'missing') throw error;
      const [why = '', remedy] = error.message.split(/\. Mend it with: |\n/);
      return {
        ...nothing(),
        skips: [
          {count: countGoTests(context.root), what: 'Go tests on a kernel of our own', why, remedy: remedy ?? 'npm run vm -- --doctor'},
        ],
      };
    }
  },
};
