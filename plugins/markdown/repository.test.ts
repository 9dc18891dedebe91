import {readFileSync} from 'node:fs';
import path from 'node:path';
import remarkParse from 'remark-parse';
import {unified} from 'unified';
import {describe, expect, it} from 'vitest';
import {homeRepository} from '../../src/data/repository.ts';
import {remarkRepository} from './repository.ts';

const clone = `git clone ${homeRepository} sheep-and-shepherd`;

describe('remarkRepository', () => {
  it('names the repository that the site was built from, in code', () => {
    const parser = unified().use(remarkParse);
    const tree = parser.parse(`\`\`\`bash\n${clone}\n\`\`\`\n\nOr \`${homeRepository}\`.\n`);
    remarkRepository({repository: 'https://forge.example/fork'})(tree);
    const text = JSON.stringify(tree);
    expect(text).toContain('git clone https://forge.example/fork sheep-and-shepherd');
    expect(text).not.toContain(homeRepository);
  });
});

it.each(['README.md', 'CONTRIBUTING.md', 'docs/setup.mdx'])('%s says where to clone from', (file) => {
  const text = readFileSync(path.resolve(import.meta.dirname, '../..', file), 'utf8');
  const commands = text.match(/^git clone .*$/gm) ?? [];
  expect(commands).toContain(clone);
  // The name of the folder is given, so that the next command is right for a fork of another name.
  expect(new Set(commands)).toEqual(new Set([clone]));
});
