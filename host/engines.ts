import {spawn, type ChildProcess} from 'node:child_process';
import {existsSync, mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {createServer, type AddressInfo} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';

/** A page in a browser that is not Chromium, with the little that all of them can do alike. */
export type EnginePage = {
  /** Opens an address and waits until the page has loaded. */
  goto: (url: string) => Promise<void>;
  /** The value of a JavaScript expression in the page; it may be a promise, and has to be JSON. */
  evaluate: <T>(expression: string) => Promise<T>;
  /** Clicks in the middle of the first element that a CSS selector finds, as a pointer does. @throws Error when there is none */
  click: (selector: string) => Promise<void>;
  /** Errors and warnings on the console and exceptions nobody caught, where the browser tells them; see {@link Engine.tells}. */
  complaints: string[];
};

/** A running browser. */
export type RunningEngine = {
  /** Name and version. */
  version: string;
  page: EnginePage;
  close: () => Promise<void>;
};

/** A browser that is not Chromium, as Debian packages it. */
export type Engine = {
  name: string;
  /** Debian's packages that it takes. */
  packages: readonly string[];
  /** Whether it reports what is written on the console: the driver of WebKitGTK speaks WebDriver alone, which knows no console. */
  tells: boolean;
  /** Reports whether it is there. */
  found: () => boolean;
  /** Starts it without a window. @throws Error when it does not start */
  start: () => Promise<RunningEngine>;
};

const firefoxProgram = '/usr/bin/firefox-esr';

/** Firefox ESR, driven by WebDriver BiDi (https://w3c.github.io/webdriver-bidi/). */
const firefox: Engine = {
  name: 'Firefox ESR',
  packages: ['firefox-esr'],
  tells: true,
  found: () => existsSync(firefoxProgram),
  start: async () => {
    const {launch} = await import('puppeteer-core');
    const browser = await launch({
      browser: 'firefox',
      executablePath: firefoxProgram,
      headless: true,
      // No prompts, no traffic of the browser's own.
      extraPrefsFirefox: {'app.normandy.enabled': false, 'datareporting.policy.dataSubmissionEnabled': false},
    });
    const page = await browser.newPage();
    await page.setViewport({width: 1440, height: 900});
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error instanceof Error ? error.message : String(error)));
    return {
      version: await browser.version(),
      close: () => browser.close(),
      page: {
        complaints,
        goto: async (url) => {
          await page.goto(url, {waitUntil: 'load'});
        },
        evaluate: async <T>(expression: string) => (await page.evaluate(expression)) as T,
        click: (selector) => page.click(selector),
      },
    };
  },
};

/** A TCP port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const driverProgram = '/usr/bin/WebKitWebDriver';

/** The small browser that comes with WebKitGTK: its folder has the system's architecture and the library's version in its name. */
function miniBrowser(): string | undefined {
  return ['/usr/lib', '/usr/libexec']
    .filter(existsSync)
    .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => path.join(folder, name))])
    .flatMap((folder) => ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0'].map((library) => path.join(folder, library, 'MiniBrowser')))
    .find((file) => existsSync(file));
}

/** A session of WebDriver (https://www.w3.org/TR/webdriver2/): one command, and its value. @throws Error with the driver's message */
function session(address: string): (method: string, command: string, body?: unknown) => Promise<unknown> {
  return async (method, command, body) => {
    const response = await fetch(`${address}${command}`, {method, ...(method === 'POST' ? {body: JSON.stringify(body ?? {})} : {})});
    const {value} = (await response.json()) as {value: unknown};
    if (!response.ok) {
      const {error, message} = value as {error: string; message: string};
      throw new Error(`WebKit: ${command}: ${error}: ${message}`);
    }
    return value;
  };
}

/** A key of WebDriver's for an element (section 12.1). */
const elementKey = 'element-6066-11e4-a52e-4f735466cecf';

/** WebKitGTK in its MiniBrowser, driven by WebDriver, on a screen of its own (Xvfb): it has no mode without a window. */
const webkit: Engine = {
  name: 'WebKitGTK',
  packages: ['webkit2gtk-driver', 'xvfb'],
  tells: false,
  found: () => existsSync(driverProgram) && existsSync('/usr/bin/Xvfb') && miniBrowser() !== undefined,
  start: async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), 'webkit-'));
    const started: ChildProcess[] = [];
    const start = (
      program: string,
      args: readonly string[],
      env: NodeJS.ProcessEnv,
      output: 'ignore' | 'pipe' = 'ignore',
    ): ChildProcess => {
      const child = spawn(program, args, {env, stdio: ['ignore', 'ignore', 'ignore', output], detached: true});
      started.push(child);
      return child;
    };
    const stop = (): void => {
      // Each leads a group of its own, with the processes that it started.
      for (const {pid, exitCode} of started.reverse()) if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGTERM');
      rmSync(home, {recursive: true, force: true, maxRetries: 5});
    };
    try {
      // Xvfb chooses a free display, and writes its number to the descriptor.
      const screen = start('/usr/bin/Xvfb', ['-displayfd', '3', '-screen', '0', '1440x1000x24', '-nolisten', 'tcp'], process.env, 'pipe');
      const display = await new Promise<string>((resolve, reject) => {
        screen.stdio[3]?.once('data', (data: Buffer) => resolve(data.toString().trim()));
        screen.once('exit', () => reject(new Error('Xvfb did not start')));
        screen.once('error', reject);
      });
      const port = await freePort();
      const env = {...process.env, DISPLAY: `:${display}`, HOME: home, XDG_RUNTIME_DIR: home, GDK_BACKEND: 'x11', NO_AT_BRIDGE: '1'};
      start(driverProgram, [`--port=${port}`], {...env, ...(process.getuid?.() === 0 ? {WEBKIT_FORCE_SANDBOX: '0'} : {})});
      const driver = session(`http://127.0.0.1:${port}`);
      for (let tries = 0; ; tries++) {
        const ready = await driver('GET', '/status').then(
          () => true,
          () => false,
        );
        if (ready) break;
        if (tries > 100) throw new Error('WebKitWebDriver did not answer for ten seconds');
        await wait(100);
      }
      const options = {binary: miniBrowser(), args: ['--automation']};
      const opened = (await driver('POST', '/session', {
        capabilities: {alwaysMatch: {browserName: 'MiniBrowser', 'webkitgtk:browserOptions': options}},
      })) as {sessionId: string; capabilities: {browserName: string; browserVersion: string}};
      const base = `/session/${opened.sessionId}`;
      await driver('POST', `${base}/timeouts`, {script: 60_000, pageLoad: 60_000});
      await driver('POST', `${base}/window/rect`, {x: 0, y: 0, width: 1440, height: 900});
      return {
        version: `${opened.capabilities.browserName} ${opened.capabilities.browserVersion}`,
        close: async () => {
          await driver('DELETE', base).finally(stop);
        },
        page: {
          complaints: [],
          goto: async (url) => {
            await driver('POST', `${base}/url`, {url});
          },
          evaluate: async <T>(expression: string) => {
            const script = `const done = arguments[0]; (async () => (${expression}))().then((v) => done({v: v ?? null}), (e) => done({e: String(e)}));`;
            const result = (await driver('POST', `${base}/execute/async`, {script, args: []})) as {v: T} | {e: string};
            if ('e' in result) throw new Error(`WebKit: ${result.e}`);
            return result.v;
          },
          click: async (selector) => {
            const element = (await driver('POST', `${base}/element`, {using: 'css selector', value: selector})) as Record<string, string>;
            await driver('POST', `${base}/element/${element[elementKey] ?? ''}/click`);
          },
        },
      };
    } catch (error) {
      stop();
      throw error;
    }
  },
};

/** The engines beside Chromium that readers have. */
export const engines: readonly Engine[] = [firefox, webkit];
