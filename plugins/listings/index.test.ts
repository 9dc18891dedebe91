import {mkdtemp, mkdir, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {Code} from 'mdast';
import remarkMdx from 'remark-mdx';
import remarkParse from 'remark-parse';
import {unified} from 'unified';
import {visit} from 'unist-util-visit';
import {VFile} from 'vfile';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';
import {format} from '../markdown/problems.ts';
import {checkListings} from './check.ts';
import {remarkListings} from './index.ts';

let site = '';
beforeEach(async () => {
  site = await mkdtemp(path.join(os.tmpdir(), 'listings-'));
});
afterEach(() => rm(site, {recursive: true}));

async function write(name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(site, name)), {recursive: true});
  await writeFile(path.join(site, name), text);
}

/** Runs the plugin over a document and gives its code blocks. */
async function run(text: string, name = 'docs/a.mdx'): Promise<Code[]> {
  const root = unified().use(remarkParse).use(remarkMdx).parse(text);
  await remarkListings({siteDir: site})(root, new VFile({path: path.join(site, name)}));
  const found: Code[] = [];
  visit(root, 'code', (node: Code) => void found.push(node));
  return found;
}

const source = `package main

func main() {
	// region: flags
	flags := 1

	var other = 2
	// endregion
	// region: start
	start(flags, other)
	// endregion
}
`;
const fence = (meta: string, body = ''): string => `Text.\n\n\`\`\`${meta}\n${body}\`\`\`\n`;

describe('remarkListings', () => {
  it('fills a fence from the region and remembers its place', async () => {
    await write('code/main.go', source);
    const [code] = await run(fence('go file=code/main.go region=flags {5}'));
    expect(code?.value).toBe('flags := 1\n\nvar other = 2');
    expect(code?.data?.listing).toEqual({
      file: 'code/main.go',
      lines: [
        {number: 5, text: 'flags := 1'},
        {number: 6, text: ''},
        {number: 7, text: 'var other = 2'},
      ],
      emphasised: [5],
    });
  });

  it('shows a whole file where no region is named', async () => {
    await write('code/main.go', source);
    const [code] = await run(fence('go file=code/main.go'));
    expect(code?.value).toMatch(/^package main\n[^]*\n\tstart\(flags, other\)\n\}$/);
    expect(code?.value).not.toContain('region');
  });

  it('leaves other code blocks alone', async () => {
    const [code] = await run(fence('bash {1}', 'ls\n'));
    expect(code).toMatchObject({value: 'ls', meta: '{1}'});
    expect(code?.data).toBeUndefined();
  });

  it.each([
    ['a missing file', 'go file=code/mian.go region=flags', 'docs/a.mdx:3: no file code/mian.go (did you mean “code/main.go”?)'],
    ['a folder', 'go file=code', 'docs/a.mdx:3: no file code'],
    ['a missing region', 'go file=code/main.go region=network', 'docs/a.mdx:3: code/main.go has no region “network”; it has flags, start'],
    ['a misspelt region', 'go file=code/main.go region=flgas', 'docs/a.mdx:3: code/main.go has no region “flgas” (did you mean “flags”?)'],
    ['a region without a file', 'go region=flags', 'docs/a.mdx:3: region without file=; say which file the listing is of'],
    ['an unknown attribute', 'go file=code/main.go lines=1', 'docs/a.mdx:3: unknown attribute “lines”'],
    ['a path out of the repository', 'go file=../main.go', 'docs/a.mdx:3: file=../main.go is not a path from the root'],
    ['an absolute path', 'go file=/etc/passwd', 'docs/a.mdx:3: file=/etc/passwd is not a path from the root'],
    ['a path of Windows', 'go file=code\\main.go', 'is not a path from the root'],
    [
      'emphasis of a line that is not shown',
      'go file=code/main.go region=flags {6-9}',
      'docs/a.mdx:3: line 8, 9 is not shown here; {…} takes line numbers of code/main.go, of which these are shown: 5-7',
    ],
  ])('fails on %s', async (_what, meta, message) => {
    await write('code/main.go', source);
    await expect(run(fence(meta))).rejects.toThrow(message);
  });

  it('fails on a fence that has text of its own', async () => {
    await write('code/main.go', source);
    await expect(run(fence('go file=code/main.go', 'package main\n'))).rejects.toThrow('docs/a.mdx:3: a listing has no text of its own');
  });

  it.each([
    ['an empty region', '// region: a\n\n// endregion\n', 'code/bad.sh:1: region “a” is empty'],
    ['an unclosed region', 'x\n// region: a\ny\n', 'code/bad.sh:2: region “a” is never closed'],
    [
      'a name given twice',
      '// region: a\nx\n// endregion\n// region: a\ny\n// endregion\n',
      'code/bad.sh:4: region “a” is already on line 1',
    ],
    ['an unclosed fold', '// region: a\nx\n// …\ny\n// endregion\n', 'code/bad.sh:3: this fold is never closed'],
  ])('names the source file on %s', async (_what, text, message) => {
    await write('code/bad.sh', text);
    await expect(run(fence('go file=code/bad.sh region=a'))).rejects.toThrow(message);
  });

  it('fails on an empty file', async () => {
    await write('code/empty.go', '\n');
    await expect(run(fence('go file=code/empty.go'))).rejects.toThrow('docs/a.mdx:3: code/empty.go is empty');
  });

  it('tells of all that is wrong in a document at once', async () => {
    await write('code/main.go', source);
    await expect(run(`${fence('go file=code/none.go')}\n${fence('go file=code/main.go region=x')}`)).rejects.toThrow(
      /docs\/a\.mdx:3: [^\n]+\ndocs\/a\.mdx:8: /,
    );
  });
});

describe('checkListings', () => {
  it('finds nothing wrong where each region is shown', async () => {
    await write('code/main.go', source);
    await write('docs/a.mdx', fence('go file=code/main.go region=flags'));
    await write('blog/b.mdx', fence('go file=code/main.go region=start'));
    expect(await checkListings(site, ['code'])).toEqual([]);
  });

  it('names file and line of a region that is shown nowhere', async () => {
    await write('code/main.go', source);
    await write('docs/a.mdx', fence('go file=code/main.go region=flags'));
    expect(format(await checkListings(site, ['code']))).toMatch(
      /^code\/main\.go:9: region “start” is shown nowhere; .*file=code\/main\.go region=start/,
    );
  });

  it('does not take a listing of the whole file, or of another file, for one of the region', async () => {
    await write('code/main.sh', '# region: flags\nx\n# endregion\n');
    await write('code/other.sh', '# region: flags\nx\n# endregion\n');
    await write('docs/a.mdx', `${fence('sh file=code/main.sh')}\n${fence('sh file=code/other.sh region=flags')}`);
    expect(format(await checkListings(site, ['code']))).toMatch(/^code\/main\.sh:1: region “flags” is shown nowhere/);
  });

  it('looks into cited files outside the folders of sources', async () => {
    await write('vm/start.sh', '# region: boot\nx\n# endregion\n# region: halt\ny\n# endregion\n');
    await write('docs/a.mdx', fence('bash file=vm/start.sh region=boot'));
    expect(format(await checkListings(site, ['code']))).toMatch(/^vm\/start\.sh:4: region “halt” is shown nowhere/);
  });

  it('tells of broken sources that no document cites, and of each problem once', async () => {
    await write('code/bad.sh', '// region: a\nx\n');
    await write('docs/a.mdx', `${fence('go file=code/bad.sh region=a')}\n${fence('go file=code/bad.sh region=a')}`);
    await write('code/worse.sh', '// endregion\n');
    expect(format(await checkListings(site, ['code'])).split('\n')).toEqual([
      expect.stringMatching(/^code\/bad\.sh:1: region “a” is never closed/),
      expect.stringMatching(/^code\/worse\.sh:1: endregion without a region/),
    ]);
  });
});

describe('the listings plugin', () => {
  async function load(mode: string): Promise<unknown> {
    await write('code/main.go', source);
    await write('docs/a.mdx', fence('go file=code/main.go region=flags'));
    vi.stubEnv('NODE_ENV', mode);
    const {default: listings} = await import('./index.ts');
    return listings({siteDir: site} as Parameters<typeof listings>[0], {sources: ['code']}).loadContent?.();
  }
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('fails the build on a region that is shown nowhere', async () => {
    await expect(load('production')).rejects.toThrow('code/main.go:9: region “start” is shown nowhere');
  });

  it('warns of it in npm start', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await load('development');
    expect(warn.mock.calls.flat().join(' ')).toContain('code/main.go:9: region “start” is shown nowhere');
  });
});

describe('watch.cjs', () => {
  it('names the cited files to the bundler and leaves the document as it is', async () => {
    const {default: watch} = (await import('./watch.cjs')) as {default: (this: unknown, source: string) => string};
    const dependencies: string[] = [];
    const loader = {getOptions: () => ({siteDir: '/site'}), addDependency: (file: string) => void dependencies.push(file)};
    const text = `${fence('go file=code/a.go region=x')}${fence('go file=code/steps/01-a/3-c/cmd/main.go diff-against=2-b')}  - ~~~go title="x" file="code/b.go"\n    ~~~\nprose about file=c.go\n`;
    expect(watch.call(loader, text)).toBe(text);
    expect(dependencies).toEqual(
      ['a.go', 'steps/01-a/3-c/cmd/main.go', 'steps/01-a/2-b/cmd/main.go', 'b.go'].map((file) => path.resolve('/site/code', file)),
    );
  });
});
