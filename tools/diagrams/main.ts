import {parseArgs} from 'node:util';
import {Renderer} from '../../plugins/diagrams/render.ts';
import {format} from '../../plugins/markdown/problems.ts';
import {diagrams} from './diagrams.ts';

const help = `Draws the Mermaid diagrams of docs/, blog/ and src/pages/ into static/diagrams/, and removes
the drawings that no document needs any more. Commit what it writes.

  npm run diagrams               draw what is missing (takes Chromium)
  npm run diagrams -- --check    only say what is missing or unused (exit status 1 if anything is)
  npm run diagrams -- --help     show this`;

async function main(): Promise<void> {
  const {values} = parseArgs({options: {check: {type: 'boolean', default: false}, help: {type: 'boolean', default: false}}});
  if (values.help) {
    console.log(help);
    return;
  }
  const siteDir = process.cwd();
  const renderer = new Renderer(siteDir);
  try {
    const {problems, drawn, kept, removed} = await diagrams({
      siteDir,
      check: values.check,
      render: (diagram) => renderer.render(diagram),
      log: (line) => console.log(line),
    });
    if (problems.length > 0) {
      console.error(format(problems));
      process.exitCode = 1;
    }
    console.log(`diagrams: ${drawn} drawn, ${kept} up to date, ${removed} removed, ${problems.length} wrong`);
  } finally {
    await renderer.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
