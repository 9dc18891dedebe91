import {mkdtempSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {serve, type Served} from './serve.ts';

let folder: string;
let site: Served;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'serve-'));
  mkdirSync(path.join(folder, 'docs/one'), {recursive: true});
  writeFileSync(path.join(folder, 'index.html'), 'home');
  writeFileSync(path.join(folder, '404.html'), 'lost');
  writeFileSync(path.join(folder, 'docs/one/index.html'), 'one');
  writeFileSync(path.join(folder, 'app.js'), '0');
  site = await serve(folder, {baseUrl: '/base/'});
});
afterAll(async () => {
  await site.close();
  rmSync(folder, {recursive: true});
});

const get = async (target: string): Promise<[number, string | null, string]> => {
  const response = await fetch(new URL(target, site.url));
  return [response.status, response.headers.get('content-type'), await response.text()];
};

describe('serve', () => {
  it('serves folders by their index.html, below the base path', async () => {
    expect(await get('/base/')).toEqual([200, 'text/html;charset=utf-8', 'home']);
    expect(await get('/base/docs/one/?q=1')).toEqual([200, 'text/html;charset=utf-8', 'one']);
  });

  it('gives scripts their content type', async () => {
    expect(await get('/base/app.js')).toEqual([200, 'text/javascript', '0']);
  });

  it('answers 404 with the page for it: for missing files, outside the base path, above the folder', async () => {
    for (const target of ['/base/none/', '/', '/docs/one/', '/base/%2e%2e/%2e%2e/etc/passwd']) {
      expect(await get(target)).toEqual([404, 'text/html;charset=utf-8', 'lost']);
    }
  });

  it('sends a page in pieces when told to, and 404 for those that are not there', async () => {
    const slow = await serve(folder, {pieces: 2});
    const response = await fetch(new URL('docs/one/', slow.url));
    const pieces: string[] = [];
    for await (const piece of response.body ?? []) pieces.push(Buffer.from(piece).toString());
    expect(pieces).toEqual(['on', 'e']);
    expect((await fetch(new URL('none/', slow.url))).status).toBe(404);
    await slow.close();
  });

  it('takes no other method than GET and HEAD', async () => {
    expect((await fetch(site.url, {method: 'POST'})).status).toBe(405);
  });

  it('refuses a folder without a site, naming it', async () => {
    await expect(serve(path.join(folder, 'docs'))).rejects.toThrow(/holds no built site/);
  });
});
