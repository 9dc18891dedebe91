import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {beforeAll, describe, expect, it} from 'vitest';
import {findHeadless} from '../host/browser.ts';
import {chapterOne} from '../tools/site/pages.ts';
import {useBrowser} from './site.ts';

/** Poppler reads what is on the sheets (Debian: poppler-utils); without it, or a browser, nothing is printed. */
const canPrint = findHeadless() !== null && spawnSync('pdftotext', ['-v']).error === undefined;

/** What a page has on the screen that its handout must have, or must not. Texts are as the DOM has them. */
type OnScreen = {
  headings: string[];
  /** Lines of every listing, without the whole files that are folded under them. */
  code: string[];
  /** Commands of the transcripts of its recordings. */
  typed: string[];
  /** How each answer and each folded detail begins. */
  folded: string[];
  /** Addresses of other sites that its text links to. */
  links: string[];
  /** Texts of links and buttons around the page's own text. */
  navigation: string[];
  keep: {heading: string; blocks: string[]; links: string[]} | null;
};

/** Runs in the page. */
function read(): OnScreen {
  const text = (element: Element): string => element.textContent.trim();
  const texts = (selector: string): string[] => [...document.querySelectorAll(selector)].map(text).filter((found) => found !== '');
  const addresses = (root: ParentNode): string[] =>
    [...root.querySelectorAll<HTMLAnchorElement>(':is(p, li, dd, td) a[href^="http"]:not([data-unclear])')].map(
      (link) => link.getAttribute('href') ?? '',
    );
  const listings = [...document.querySelectorAll('.markdown .ss-code__text')].filter((pre) => !pre.closest('.ss-code__whole'));
  const keep = document.querySelector('[data-keep]');
  return {
    headings: texts('.markdown :is(h2, h3)').map((heading) => heading.replace(/\u200B/g, '').trim()),
    code: listings.flatMap((pre) => {
      const lines = [...pre.querySelectorAll('.l')].map((line) => line.textContent);
      return lines.length > 0 ? lines : pre.textContent.split('\n');
    }),
    typed: texts('.transcript-command kbd'),
    folded: texts('.markdown details:not(.ss-code__whole) > :not(summary)').map((found) => found.slice(0, 60)),
    links: addresses(document.querySelector('.markdown') ?? document),
    navigation: texts(':is(.navbar, .footer, .pagination-nav, .theme-doc-sidebar-container) :is(a, button), main button'),
    keep: keep && {
      heading: text(keep.previousElementSibling ?? keep),
      blocks: [...keep.querySelectorAll('p, li, td, th, pre')].filter((block) => !block.querySelector('p, li')).map(text),
      links: addresses(keep),
    },
  };
}

/** A text without what a line break on paper changes, and without the mark of a heading's link. */
const packed = (text: string): string => text.replace(/[\s\u200B]+/g, '');

describe.skipIf(!canPrint)('chapter 1 on paper', () => {
  const {open} = useBrowser();
  let screen: OnScreen;
  /** Lines of each sheet, without its number; and the same in the order of the page, columns one after the other. */
  let sheets: string[][] = [];
  let streams: string[] = [];
  /** All of it, packed. */
  let whole = '';

  beforeAll(async () => {
    const visit = await open();
    await visit.goto(chapterOne());
    screen = await visit.page.evaluate(read);
    const pdf = await visit.page.pdf({format: 'A4', printBackground: true});
    await visit.close();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'print-'));
    const file = path.join(folder, 'chapter.pdf');
    writeFileSync(file, pdf);
    const layout = (option: '-layout' | '-raw'): string[][] => {
      const {stdout, stderr, status} = spawnSync('pdftotext', [option, '-enc', 'UTF-8', file, '-'], {encoding: 'utf8'});
      if (status !== 0) throw new Error(`pdftotext: ${stderr}`);
      const texts = stdout.split('\f').slice(0, -1);
      return texts.map((sheet) =>
        sheet
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '' && !/^\d+ \/ \d+$/.test(line)),
      );
    };
    sheets = layout('-layout');
    streams = layout('-raw').map((lines) => packed(lines.join('')));
    whole = streams.join('');
    rmSync(folder, {recursive: true});
  });

  it('takes a handful of sheets, each with something on it', () => {
    expect(sheets.length).toBeGreaterThan(8);
    expect(sheets.length).toBeLessThan(40);
    expect(sheets.map((lines, index) => `${index + 1}: ${lines.length}`).filter((count) => /: [0-3]$/.test(count))).toEqual([]);
  });

  it('has no navigation, and each heading once', () => {
    expect(screen.navigation.length).toBeGreaterThan(10);
    const lines = new Set(sheets.flat());
    expect(screen.navigation.filter((text) => lines.has(text) && !screen.headings.includes(text))).toEqual([]);
    const times = (heading: string): number => sheets.flat().filter((line) => line === heading).length;
    expect(screen.headings.filter((heading) => times(heading) > 1)).toEqual([]);
    expect(whole).not.toMatch(/Skiptomaincontent|Editthispage|Onthispage/);
  });

  it('has the transcripts, the answers and the solutions', () => {
    expect(screen.typed.length).toBeGreaterThan(10);
    expect(screen.typed.filter((command) => !whole.includes(packed(command)))).toEqual([]);
    expect(screen.folded.length).toBeGreaterThan(8);
    expect(screen.folded.filter((begin) => !whole.includes(packed(begin).slice(0, 30)))).toEqual([]);
  });

  it('says where links lead that leave the site', () => {
    expect(screen.links.length).toBeGreaterThan(10);
    expect(screen.links.filter((url) => !whole.includes(`(${packed(url)})`))).toEqual([]);
  });

  it('cuts and wraps no line of a listing', () => {
    const lines = sheets.flat().map(packed);
    expect(screen.code.length).toBeGreaterThan(100);
    expect(screen.code.filter((line) => !lines.some((printed) => printed.includes(packed(line))))).toEqual([]);
  });

  it('leaves no heading alone at the foot of a sheet', () => {
    const headings = new Set(screen.headings.map(packed));
    const last = sheets.map((lines) => [1, 2].map((count) => packed(lines.slice(-count).join(''))));
    expect(last.flatMap((ends, index) => ends.filter((end) => headings.has(end)).map((end) => `${index + 1}: ${end}`))).toEqual([]);
  });

  it('has the page to keep on a sheet of its own', ({skip}) => {
    const {keep} = screen;
    if (!keep) {
      expect(screen.headings).not.toContain('One page to keep');
      skip('the chapter has no page to keep');
      return;
    }
    const holds = (stream: string): boolean => keep.blocks.every((block) => stream.includes(packed(block)));
    const alone = streams.filter(holds);
    expect(alone).toHaveLength(1);
    // Beside its text there is room for its heading, addresses of links and the marks of lists.
    const most = packed([keep.heading, ...keep.blocks, ...keep.links].join('')).length + 4 * keep.blocks.length;
    expect(alone[0]?.length).toBeLessThanOrEqual(most);
  });
});
