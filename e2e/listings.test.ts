import path from 'node:path';
import {build} from 'esbuild';
import type {Root} from 'mdast';
import type {MdxJsxFlowElement} from 'mdast-util-mdx';
import remarkMdx from 'remark-mdx';
import remarkParse from 'remark-parse';
import {unified} from 'unified';
import {visit} from 'unist-util-visit';
import {VFile} from 'vfile';
import {beforeAll, expect, inject, it} from 'vitest';
import {remarkHighlight} from '../plugins/highlight/index.ts';
import {remarkListings} from '../plugins/listings/index.ts';
import {misfits} from './misfits.ts';
import {describeInBrowser, useBrowser, type Visit} from './site.ts';

const root = path.resolve(import.meta.dirname, '..');

/** Fences of each kind, of which the chapters do not have all. */
const fences = `
\`\`\`go file=plugins/fixtures/steps/01-counting/2-often/main.go diff-against=1-once removed {13}
\`\`\`

\`\`\`console
$ sudo unshare --uts \\\\
>   sh -c 'hostname wolf; hostname'
wolf
$ hostname
sheep
\`\`\`
`.replaceAll('\\\\', '\\');

describeInBrowser('a page with a comparison and a terminal', () => {
  const {open} = useBrowser();
  let script = '';
  let markup = '';
  beforeAll(async () => {
    const file = new VFile({path: path.join(root, 'docs/fixture.mdx')});
    const tree: Root = unified().use(remarkParse).use(remarkMdx).parse(fences);
    await remarkListings({siteDir: root})(tree, file);
    remarkHighlight({siteDir: root, repository: 'https://forge.example/sheep', branch: 'main'})(tree, file);
    const blocks: unknown[] = [];
    visit(tree, 'mdxJsxFlowElement', ({attributes}: MdxJsxFlowElement) => {
      blocks.push(Object.fromEntries(attributes.flatMap((attribute) => ('name' in attribute ? [[attribute.name, attribute.value]] : []))));
    });
    /** A program, for the server or for a browser. */
    const bundle = async (platform: 'node' | 'browser', code: string): Promise<string> => {
      const {outputFiles} = await build({
        stdin: {
          contents: code,
          resolveDir: root,
          loader: 'tsx',
        },
        bundle: true,
        write: false,
        platform,
        format: platform === 'node' ? 'esm' : 'iife',
        jsx: 'automatic',
        define: {'process.env.NODE_ENV': '"production"', blocks: JSON.stringify(blocks)},
        ...(platform === 'node'
          ? {banner: {js: "import {createRequire} from 'node:module'; const require = createRequire(process.cwd() + '/');"}}
          : {}),
      });
      return outputFiles[0]?.text ?? '';
    };
    const elements = 'blocks.map((block, index) => createElement(CodeBlock, {...block, key: index}))';
    const server = await bundle(
      'node',
      `import CodeBlock from './src/theme/CodeBlock'; import {createElement} from 'react'; import {renderToString} from 'react-dom/server'; ` +
        `export default renderToString(<>{${elements}}</>);`,
    );
    markup = ((await import(`data:text/javascript;base64,${Buffer.from(server).toString('base64')}`)) as {default: string}).default;
    script = await bundle('browser', `import './src/theme/CodeBlock/copy.ts';`);
  });

  /** Opens the fixtures with the style sheets of the built site. */
  async function openFixtures(options: Parameters<typeof open>[0] & {theme?: string}): Promise<Visit> {
    const visit = await open({permissions: ['clipboard-read', 'clipboard-write'], ...options});
    const site = inject('site');
    const home = await (await fetch(site)).text();
    const styles = [...home.matchAll(/<link[^>]*rel="?stylesheet"?[^>]*>/g)].map(([link]) => link).join('');
    const live = options.javaScriptEnabled === false ? '' : `<script>${script.replaceAll('</script', '<\\/script')}</script>`;
    const html = `<!doctype html><html lang="en" data-theme="${options.theme ?? 'light'}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Fixtures</title>${styles}<main id="main" style="padding: 1rem; max-width: 48rem">${markup}</main>${live}</html>`;
    await visit.page.route(`${site}fixtures/`, (route) => route.fulfill({contentType: 'text/html', body: html}));
    await visit.page.goto(`${site}fixtures/`, {waitUntil: 'load'});
    return visit;
  }

  it('copies the commands alone, and what is new without what is gone', async () => {
    const visit = await openFixtures({});
    const copied = async (name: string): Promise<string> => {
      await visit.page.getByRole('button', {name}).first().click();
      await visit.page.getByText('Copied').first().waitFor();
      return visit.page.evaluate(() => navigator.clipboard.readText());
    };
    expect(await copied('Copy commands')).toBe("sudo unshare --uts \\\n  sh -c 'hostname wolf; hostname'\nhostname");
    const code = await copied('Copy code');
    expect(code).toContain('fmt.Println(start+i, argument)');
    expect(code).not.toContain('fmt.Println(i, argument)');
    expect(code).not.toMatch(/^\s*\d+\s/m);
    await visit.close();
  });

  it('has the whole file on it, and the roles of changes, without JavaScript', async () => {
    const visit = await openFixtures({javaScriptEnabled: false});
    const whole = visit.page.locator('details');
    expect(await whole.locator('pre').isVisible()).toBe(false);
    await visit.page.getByText('The whole file, 25 lines').click();
    expect(await whole.locator('pre').innerText()).toContain('package main');
    const changes = visit.page.locator('figure > pre');
    expect(await changes.getByRole('deletion').allTextContents()).toEqual(['\t\tfmt.Println(i, argument)\n']);
    expect(await changes.getByRole('insertion').count()).toBeGreaterThan(1);
    // Numbers are drawn: they are not in the text that a screen reader reads.
    expect(await changes.first().ariaSnapshot()).not.toMatch(/\b13\b/);
    await visit.close();
  });

  it.each([1100, 390, 320])('fits %i pixels', async (width) => {
    for (const theme of ['light', 'dark']) {
      const visit = await openFixtures({viewport: {width, height: 900}, theme});
      await visit.page.locator('details').evaluate((details: HTMLDetailsElement) => (details.open = true));
      expect(await visit.page.evaluate(misfits, {wraps: width < 1440})).toEqual([]);
      expect(await visit.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
      if (process.env.SHOTS) await visit.page.screenshot({path: `${process.env.SHOTS}/fixture-${width}-${theme}.png`, fullPage: true});
      await visit.close();
    }
  });
});
