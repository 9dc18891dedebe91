import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {findFiles, parseDocument} from '../../plugins/markdown/documents.ts';
import {format, ProblemsError, relative, type Problem} from '../../plugins/markdown/problems.ts';
import {unprovedClaims, unprovedProblems, type Claim} from './claims.ts';
import {measure, type Figures} from './measure.ts';
import {choosePages, nameOf} from './names.ts';
import {table} from './report.ts';

const help = `Usage: npm run prose [-- [--json] [--gate] [PAGE…]]

Shows how pages read: words, words a sentence (mean and standard deviation), short and long sentences, you and we,
negations; then every sentence with all, every, nothing, never, only, cannot, no one, complete, always or none that has
no proof beside it. Nothing is right or wrong here: it is a mirror.

PAGE is the name of a page of docs/ or blog/, such as namespaces or 01-namespaces, or its file. Without one, all.

  --gate  print the sentences without proof alone; the exit status is 1 when there is one
  --json  print all of it as JSON
  --help  print this

Proof is a manual page such as clone(2), a CVE, a link to another site or to #sources, or a <Proof>, all in the same
paragraph; or a listing, an experiment or a recording right before or after it. What needs none, or has it elsewhere,
says so in a comment before or after the paragraph: {/* proof: reason or source */}
`;

type Report = {file: string; figures: Figures; claims: Claim[]; problems: Problem[]};

async function main(): Promise<void> {
  const {values, positionals} = parseArgs({
    allowPositionals: true,
    options: {gate: {type: 'boolean'}, json: {type: 'boolean'}, help: {type: 'boolean'}},
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const root = path.resolve(import.meta.dirname, '../..');
  const files: string[] = [];
  for (const folder of ['docs', 'blog'])
    files.push(...(await findFiles(path.join(root, folder), (name) => /\.mdx?$/.test(name))).map((file) => relative(root, file)));
  const reports: Report[] = [];
  for (const file of choosePages(files, positionals)) {
    const tree = parseDocument(file, await readFile(path.join(root, file), 'utf8'));
    reports.push({file, figures: measure(tree), claims: unprovedClaims(tree), problems: unprovedProblems(file, tree)});
  }
  const problems = reports.flatMap(({problems}) => problems);
  if (values.json) {
    console.log(
      JSON.stringify(
        reports.map(({file, figures, claims}) => ({file, figures, claims})),
        null,
        2,
      ),
    );
  } else if (values.gate) {
    console.log(problems.length === 0 ? 'Every absolute sentence has proof beside it.' : format(problems));
  } else {
    console.log(`${table(reports.map(({file, figures, claims}) => ({name: nameOf(file), figures, unproved: claims.length})))}\n`);
    for (const {file, claims} of reports) {
      for (const {line, text, words} of claims) console.log(`${file}:${line}: [${words.join(', ')}] ${text}`);
    }
  }
  if (values.gate && problems.length > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  // Mistakes in pages name their file and line themselves.
  console.error(error instanceof ProblemsError ? error.message : `npm run prose: ${(error as Error).message}`);
  process.exitCode = 1;
});
