import {accessSync, constants, statSync} from 'node:fs';
import path from 'node:path';
import type {Browser, LaunchOptions} from 'playwright-core';

/** What {@link findChromium} asks of the developer's machine; tests pass their own. */
export type Host = {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** Reports whether a path is a file that may be run. */
  isExecutable: (this: void, file: string) => boolean;
};

/** Command names, best first. Edge is Chromium too, and is on every Windows. */
const commands = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge-stable', 'microsoft-edge'];

/** Install places outside `PATH`, per platform, best first. */
function usualPlaces({platform, env}: Host): string[] {
  if (platform === 'darwin') {
    const folders = ['/Applications', ...(env.HOME ? [path.posix.join(env.HOME, 'Applications')] : [])];
    const applications = ['Chromium', 'Google Chrome', 'Microsoft Edge', 'Google Chrome for Testing'];
    return folders.flatMap((folder) => applications.map((name) => `${folder}/${name}.app/Contents/MacOS/${name}`));
  }
  if (platform === 'win32') {
    const folders = [env.LOCALAPPDATA, env.PROGRAMFILES, env['PROGRAMFILES(X86)']].filter((folder) => folder !== undefined);
    const programs = [
      'Chromium\\Application\\chrome.exe',
      'Google\\Chrome\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ];
    return programs.flatMap((program) => folders.map((folder) => path.win32.join(folder, program)));
  }
  return ['/usr/bin', '/usr/local/bin', '/snap/bin'].flatMap((folder) => commands.map((command) => `${folder}/${command}`));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Finds a Chromium (or Chrome, or Edge) on this machine: the path in `CHROME_PATH` or `CHROMIUM` when one is set, otherwise
 * the first found in `PATH`, otherwise in the usual places of Debian, macOS and Windows.
 *
 * @returns path of the program, or null when there is none
 * @throws Error when `CHROME_PATH` or `CHROMIUM` names something that cannot be run: an explicit choice is not overruled silently
 */
export function findChromium(host: Host = {platform: process.platform, env: process.env, isExecutable}): string | null {
  for (const name of ['CHROME_PATH', 'CHROMIUM']) {
    const wish = host.env[name];
    if (!wish) continue;
    if (host.isExecutable(wish)) return wish;
    throw new Error(`${name}=${wish}: not a program; set it to the path of Chromium or Chrome, or unset it to search for one`);
  }
  const {sep, delimiter} = host.platform === 'win32' ? path.win32 : path.posix;
  const onPath = (host.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => commands.map((command) => `${folder}${sep}${command}${host.platform === 'win32' ? '.exe' : ''}`));
  return [...onPath, ...usualPlaces(host)].find(host.isExecutable) ?? null;
}

/** Names of Chromium's headless shell, of Debian and of Google. */
const shellCommands = ['chromium-headless-shell', 'chrome-headless-shell'];

/**
 * Finds what tests open pages with: Chromium's headless shell, which is the engine without the browser around it, or the
 * browser where there is none. A browser without a window still draws its own tool bar for each page that is opened, as a
 * page of its own: to open a chapter took it twice the processor's time. A path in `CHROME_PATH` or `CHROMIUM` is taken as
 * it is.
 *
 * @returns path of the program, or null when there is neither
 * @throws Error as {@link findChromium} does
 */
export function findHeadless(host: Host = {platform: process.platform, env: process.env, isExecutable}): string | null {
  const chromium = findChromium(host);
  const isWish = chromium !== null && [host.env.CHROME_PATH, host.env.CHROMIUM].includes(chromium);
  if (isWish) return chromium;
  const {sep, delimiter} = host.platform === 'win32' ? path.win32 : path.posix;
  const folders = [...(host.env.PATH ?? '').split(delimiter).filter(Boolean), ...(host.platform === 'linux' ? ['/usr/bin'] : [])];
  const shells = folders.flatMap((folder) => shellCommands.map((command) => `${folder}${sep}${command}`));
  return shells.find(host.isExecutable) ?? chromium;
}

/** What to tell a person whose machine has no Chromium. */
export const installHint =
  process.platform === 'linux'
    ? 'install it (Debian, Ubuntu: apt-get install chromium), or set CHROME_PATH'
    : 'install Chromium or Chrome, or set CHROME_PATH to one';

/**
 * Flags of every run: no traffic of the browser's own, nothing that needs a graphics card. Chromium's sandbox cannot
 * start as root, nor in most CI containers, and only there is it switched off.
 */
function flags(): string[] {
  const sandboxed = process.getuid?.() !== 0 && !process.env.CI;
  return [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    ...(sandboxed ? [] : ['--no-sandbox']),
  ];
}

/**
 * Starts the machine's Chromium without a window. Close it when done.
 *
 * @param options Playwright's launch options; `args` are added to the standard ones
 * @throws Error when there is no Chromium, saying how to get one
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = options.executablePath ?? findChromium();
  if (!executablePath) throw new Error(`No Chromium on this machine: ${installHint}`);
  // Imported late, so that only a caller that starts a browser pays for loading Playwright.
  const {chromium} = await import('playwright-core');
  const sandboxed = !flags().includes('--no-sandbox');
  return chromium.launch({
    headless: true,
    chromiumSandbox: sandboxed,
    ...options,
    executablePath,
    args: [...flags(), ...(options.args ?? [])],
  });
}

/** Starts what {@link findHeadless} finds, as {@link launchBrowser} starts the browser. */
export async function launchHeadless(options: Omit<LaunchOptions, 'executablePath'> = {}): Promise<Browser> {
  const executablePath = findHeadless();
  return launchBrowser({...options, ...(executablePath === null ? {} : {executablePath})});
}
