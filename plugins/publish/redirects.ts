import {existsSync} from 'node:fs';
import path from 'node:path';
import {writeAtomically} from '../../host/files.ts';
import type {Redirect} from '../../src/data/redirects.ts';
import {escapeHtml} from '../../src/terminal/html.ts';
import {withPolicy} from './csp.ts';

const file = (outDir: string, address: string): string => path.join(outDir, `.${address}`, 'index.html');

/**
 * What is wrong with a table of redirects, each named with its remedy: an address of another form, one that is led to
 * two places, a chain or a loop.
 */
export function redirectProblems(redirects: readonly Redirect[]): string[] {
  const sources = redirects.map(({from}) => from);
  return redirects.flatMap(({from, to}, index) => {
    const name = `src/data/redirects.ts: ${from} → ${to}`;
    const odd = [from, to].filter((address) => !/^\/(?:[\w.-]+\/)+$/.test(address) || address.includes('..'));
    if (odd.length > 0) return odd.map((address) => `${name}: "${address}" is not a path such as /docs/start/`);
    if (from === to) return [`${name}: leads to itself`];
    if (sources.indexOf(from) !== index) return [`${name}: ${from} leads somewhere else already; keep one of the two`];
    if (sources.includes(to)) return [`${name}: ${to} has moved too; write the address where the page is now`];
    return [];
  });
}

/**
 * The page at an old address: leads on at once and without a script (the refresh state of a meta element, HTML Living
 * Standard, section 4.2.5.3), is a link where a browser does not, and says to search engines which address counts.
 *
 * @param site where the site is served: origin without a slash at its end, and base path
 */
export function redirectPage({to}: Redirect, site: {url: string; baseUrl: string}): string {
  const target = escapeHtml(`${site.baseUrl}${to.slice(1)}`);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>This page has moved</title><meta http-equiv="refresh" content="0; url=${target}">`,
    `<link rel="canonical" href="${escapeHtml(site.url)}${target}">`,
    `</head><body><p>This page has moved to <a href="${target}">${target}</a>.</p></body></html>\n`,
  ].join('');
}

/**
 * Writes a page at each old address of a built site.
 *
 * @throws Error with all that is wrong with the table, when a new address is not there, or an old one is a page again
 */
export function writeRedirects(outDir: string, redirects: readonly Redirect[], site: {url: string; baseUrl: string}): void {
  const problems = redirectProblems(redirects);
  if (problems.length === 0) {
    for (const {from, to} of redirects) {
      const name = `src/data/redirects.ts: ${from} → ${to}`;
      if (!existsSync(file(outDir, to))) problems.push(`${name}: the site has no page ${to}; write the address where the page is now`);
      if (existsSync(file(outDir, from)))
        problems.push(`${name}: the site has a page ${from}; remove the redirect, or give the page another address`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  for (const redirect of redirects) {
    writeAtomically(file(outDir, redirect.from), withPolicy(redirectPage(redirect, site), `redirect from ${redirect.from}`));
  }
}
