import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {DomUtils, parseDocument} from 'htmlparser2';
import {buildFolder} from '../site/pages.ts';
import {htmlPages} from '../site/weigh.ts';
import {checkAll} from './check.ts';

const help = `Usage: npm run links

Asks for every page of other sites that the built site links to, and names the links that lead nowhere, with the pages that
have them. Run npm run build first. Links into the site itself are checked by npm test. A site that keeps programs out is
named and counts for nothing. The exit status is 1 when a page is gone.
`;

/** Addresses of other sites that the build links to, without fragments, and the pages that do. */
function outgoing(): Map<string, string[]> {
  const own = /<link[^>]*rel="?canonical"?[^>]*href="?([^"\s>]+)/.exec(readFileSync(path.join(buildFolder, 'index.html'), 'utf8'))?.[1];
  const links = new Map<string, string[]>();
  for (const file of htmlPages(buildFolder)) {
    for (const {attribs} of DomUtils.getElementsByTagName(
      'a',
      parseDocument(readFileSync(path.join(buildFolder, file), 'utf8')).children,
    )) {
      const href = attribs.href ?? '';
      if (!/^https?:/.test(href) || (own !== undefined && href.startsWith(own))) continue;
      const url = new URL(href);
      // A form that opens for those who are signed in; there is one for each part of each chapter.
      if (url.pathname.endsWith('/issues/new')) continue;
      url.hash = '';
      const pages = links.get(url.href) ?? [];
      if (!pages.includes(file)) links.set(url.href, [...pages, file]);
    }
  }
  return links;
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(help);
    return;
  }
  if (!existsSync(path.join(buildFolder, 'index.html'))) throw new Error('there is no built site; run: npm run build');
  const links = outgoing();
  const answers = await checkAll([...links.keys()], async (url) => {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(30_000),
      headers: {'user-agent': 'Mozilla/5.0 (compatible; link check)', accept: 'text/html,*/*'},
    });
    // The status is all that is asked for.
    await response.body?.cancel();
    return response;
  });
  const gone = answers.filter(({state}) => state === 'gone');
  for (const {url, why} of answers.filter(({state}) => state === 'unsure')) console.log(`unsure: ${url} (${why})`);
  for (const {url, why} of gone) console.error(`gone: ${url} (${why}), linked from ${links.get(url)?.join(', ') ?? ''}`);
  console.log(`${answers.length} links to other sites, ${gone.length} of them lead nowhere`);
  process.exitCode = gone.length > 0 ? 1 : 0;
}

main().catch((error: unknown) => {
  console.error(`npm run links: ${(error as Error).message}`);
  process.exitCode = 1;
});
