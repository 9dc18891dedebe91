import {describe, expect, it} from 'vitest';
import {findChromium, findHeadless, launchBrowser, launchHeadless, type Host} from './browser.ts';

/** A machine on which just these files are programs. */
const host = (platform: NodeJS.Platform, env: Host['env'], ...programs: string[]): Host => ({
  platform,
  env,
  isExecutable: (file) => programs.includes(file),
});

describe('findChromium', () => {
  it('returns null when there is none', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) expect(findChromium(host(platform, {}))).toBeNull();
  });

  it('takes the path that the environment names before any other', () => {
    expect(findChromium(host('linux', {CHROME_PATH: '/opt/c'}, '/opt/c', '/usr/bin/chromium'))).toBe('/opt/c');
    expect(findChromium(host('linux', {CHROMIUM: '/opt/d'}, '/opt/d', '/usr/bin/chromium'))).toBe('/opt/d');
  });

  it('refuses a named path that is not a program, and says which variable named it', () => {
    expect(() => findChromium(host('linux', {CHROME_PATH: '/nowhere'}, '/usr/bin/chromium'))).toThrow(
      /CHROME_PATH=\/nowhere: not a program/,
    );
  });

  it('searches PATH, then the usual places of Linux', () => {
    expect(findChromium(host('linux', {PATH: '/a:/b'}, '/b/google-chrome', '/usr/bin/chromium'))).toBe('/b/google-chrome');
    expect(findChromium(host('linux', {PATH: '/a'}, '/snap/bin/chromium'))).toBe('/snap/bin/chromium');
  });

  it('knows the places of macOS', () => {
    const chrome = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
    expect(findChromium(host('darwin', {PATH: '/usr/bin'}, chrome))).toBe(chrome);
    const own = '/Users/a/Applications/Chromium.app/Contents/MacOS/Chromium';
    expect(findChromium(host('darwin', {HOME: '/Users/a'}, own))).toBe(own);
  });

  it('knows the places of Windows', () => {
    const edge = 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe';
    expect(findChromium(host('win32', {'PROGRAMFILES(X86)': 'C:\\Program Files (x86)'}, edge))).toBe(edge);
    const chrome = 'C:\\Users\\a\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe';
    expect(findChromium(host('win32', {LOCALAPPDATA: 'C:\\Users\\a\\AppData\\Local'}, chrome, edge))).toBe(chrome);
  });
});

describe('findHeadless', () => {
  const shell = '/usr/bin/chromium-headless-shell';

  it('takes the shell where there is one, otherwise the browser', () => {
    expect(findHeadless(host('linux', {}, shell, '/usr/bin/chromium'))).toBe(shell);
    expect(findHeadless(host('linux', {PATH: '/a:/b'}, '/b/chrome-headless-shell', '/a/chromium'))).toBe('/b/chrome-headless-shell');
    expect(findHeadless(host('linux', {}, '/usr/bin/chromium'))).toBe('/usr/bin/chromium');
    expect(findHeadless(host('linux', {}))).toBeNull();
  });

  it('takes the path that the environment names before any other', () => {
    expect(findHeadless(host('linux', {CHROME_PATH: '/opt/c'}, '/opt/c', shell))).toBe('/opt/c');
    expect(() => findHeadless(host('linux', {CHROMIUM: '/nowhere'}, shell))).toThrow(/CHROMIUM=\/nowhere: not a program/);
  });
});

describe.skipIf(findChromium() === null).each([
  ['launchBrowser', launchBrowser],
  ['launchHeadless', launchHeadless],
])('%s', (_, launch) => {
  it('opens a page', async () => {
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.setContent('<h1>Sheep</h1>');
      expect(await page.getByRole('heading').textContent()).toBe('Sheep');
    } finally {
      await browser.close();
    }
  }, 60_000);
});
