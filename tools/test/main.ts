import {spawnSync} from 'node:child_process';

/** One stage of `npm test`: a command that must exit 0. */
type Stage = {name: string; command: string};

const stages: Stage[] = [
  {name: 'types', command: 'npx tsc --noEmit'},
  {name: 'unit', command: 'npx vitest run --passWithNoTests'},
  {name: 'build', command: 'npx docusaurus build'},
];

let passed = 0;
let failed = 0;
for (const stage of stages) {
  console.log(`== ${stage.name}: ${stage.command}`);
  const {status} = spawnSync(stage.command, {stdio: 'inherit', shell: true});
  if (status === 0) passed++;
  else failed++;
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed === 0 ? 0 : 1;
