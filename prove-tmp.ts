import {makeProof, prove} from './tools/exercise/prove.ts';
import {loadExercise} from './tools/record/scripts.ts';
import {prepare} from './vm/start.ts';
async function main(): Promise<void> {
const root = '/tmp/team/wt-ch2';
const prepared = await prepare({say: () => {}} as never);
for (const name of process.argv.slice(2)) {
  const start = Date.now();
  try {
  const proof = makeProof(root, await loadExercise(root, name), {program: 'go', env: process.env}, prepared.arch);
  const problems = await prove(proof, prepared, (l) => console.log(l));
  console.log(name, (Date.now() - start) / 1000, problems.length === 0 ? 'PROVED' : problems.join('\n'));
  } catch (e) { console.log(name, String(e)); }
}
process.exit(0);
}
void main();
