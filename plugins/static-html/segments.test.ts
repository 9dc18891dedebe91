import path from 'node:path';
import {createProcessor} from '@mdx-js/mdx';
import {VFile} from 'vfile';
import {describe, expect, it} from 'vitest';
import {recmaSegments, rehypeSegments} from './segments.ts';

const siteDir = path.resolve(import.meta.dirname, '../..');

/** The program that a document becomes. */
async function compile(text: string, file = 'docs/made-up.mdx'): Promise<string> {
  const processor = createProcessor({rehypePlugins: [[rehypeSegments, {siteDir}]], recmaPlugins: [recmaSegments]});
  return String(await processor.process(new VFile({path: path.join(siteDir, file), value: text})));
}

/** What of a program stays in the script of the page, without space. */
const script = async (text: string): Promise<string> =>
  (await compile(text)).replace(/__STATIC_SEGMENTS_RENDER__ \? [^]*? : null/g, 'null').replace(/\s+/g, ' ');
const key = async (text: string, file?: string): Promise<string | undefined> =>
  /await arrive\("([\w-]+)"\)/.exec(await compile(text, file))?.[1];

describe('a document', () => {
  it.each([
    ['text with marks, links and lists', '# A\n\nOne *two* [three](/docs/).\n\n- four\n\n{/* five */}\n'],
    ['listings', '<CodeBlock html="<b>one</b>" language="go" />\n'],
    [
      'components without script, and what is in them',
      '<Exercise needs="Linux" minutes={2}>\n\none\n\n<Solution>\n\ntwo\n\n</Solution>\n\n</Exercise>\n',
    ],
  ])('has none of its %s in the script of the page', async (_what, text) => {
    const left = await script(text);
    expect(left).not.toMatch(/\b(one|One|two|three|four)\b/);
    expect(left.match(/_jsxs?\(StaticSegment, \{ id: "[\w-]+\.0", children: null \}\)/g)).toHaveLength(1);
    expect(await compile(text)).toMatch(/one|One/);
  });

  it('is cut where something lives, which stays', async () => {
    const left = await script(
      'one\n\n<Replay src="two" />\n\nthree\n\n{four}\n\n<Deeper title="five">\n\n<Quiz id="six" />\n\n</Deeper>\n\nseven\n',
    );
    expect([...left.matchAll(/StaticSegment, \{ id: "[\w-]+\.(\d)"/g)].map(([, place]) => place)).toEqual(['0', '1', '2']);
    for (const kept of ['two', 'four', 'five', 'six']) expect(left).toContain(kept);
    for (const gone of ['one', 'three', 'seven']) expect(left).not.toMatch(new RegExp(`\\b${gone}\\b`));
  });

  it('keeps what the bundler must see: expressions that vary, and its own components', async () => {
    expect(await script('<img src={require("./one.png").default} />\n')).toContain('one.png');
    expect(await script('import Deeper from "./deeper";\n\n<Deeper title="one">\n\ntwo\n\n</Deeper>\n')).toContain('two');
    expect(await script('<b onClick={() => one()}>two</b>\n')).toContain('one()');
  });

  it('without anything that could be left out is as it was', async () => {
    expect(await compile('<Replay src="one" />\n')).not.toContain('segment');
  });

  it('has a key of its own, which changes with what is left out', async () => {
    const text = 'one\n\n<Replay src="two" />\n';
    expect(await key(text)).toMatch(/^[\w-]{10}$/);
    expect(await key(text)).toBe(await key(`\n\n${text}`));
    expect(await key(text)).toBe(await key(text.replace('two', 'three')));
    expect(await key(text)).not.toBe(await key(text.replace('one', 'three')));
    expect(await key(text)).not.toBe(await key(text, 'docs/another.mdx'));
  });
});
