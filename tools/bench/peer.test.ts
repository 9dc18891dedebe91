import {expect, it} from 'vitest';
import {peerChapter, plainChapter} from './peer.ts';

it('writes a chapter without our components, with what its fences are filled with', async () => {
  const text = [
    '<Goals>\n\n- Who?\n\n</Goals>',
    '```go file=code/steps/01-namespaces/1-hostname/main.go\n```',
    '```console of=01-1-hostname\n```',
    '```mermaid\nflowchart LR\n```',
    '<Replay src="01-pid-1" whenUsed />',
    '<Deeper title="why">\n\nSee the [glossary](./glossary.mdx#zombie).\n\n</Deeper>',
  ].join('\n\n');
  const plain = await plainChapter(text, 'docs/made-up.mdx');
  expect(plain).toContain('- Who?');
  expect(plain).toContain('```go title="code/steps/01-namespaces/1-hostname/main.go"\n// Command 1-hostname');
  expect(plain).toMatch(/```bash\n\S+ 1-hostname/);
  expect(plain).toContain('```mermaid\nflowchart LR\n');
  expect(plain).toContain('<Recording src="/recordings/01-pid-1.cast" />');
  expect(plain).toMatch(/<details>\n<summary>Deeper: why<\/summary>[^]*\[glossary\]\(\/docs\/intro\)[^]*<\/details>/);
  expect(plain).not.toMatch(/<\/?(Goals|Replay|Deeper)/);
});

it('leaves none of our components in the chapter', async () => {
  const names = [...(await peerChapter()).replace(/^`{3,}[^]*?^`{3,}/gm, '').matchAll(/^<([A-Z]\w*)/gm)].map(([, name]) => name);
  expect([...new Set(names)]).toEqual(['Recording']);
});
