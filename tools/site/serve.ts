import {readFileSync, statSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {createServer, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import sirv from 'sirv';

/** A folder being served. */
export type Served = {
  /** Address of the site with its base path, ending in `/`. */
  url: string;
  close: () => Promise<void>;
};

export type ServeOptions = {
  /** Path under which the folder appears, as in Docusaurus's `baseUrl`: starts and ends with `/`. */
  baseUrl?: string;
  /** TCP port; 0, the default, takes a free one. */
  port?: number;
  /** Sends pages in this many pieces, 40 ms apart, as a slow network does, so that a browser paints half of a page. Default: 1. */
  pieces?: number;
};

/** Milliseconds between two pieces: longer than a browser needs to paint one. */
const pause = 40;

/** Answers with a page, a piece at a time. @throws Error when there is no such file in the folder */
async function sendInPieces(response: ServerResponse, folder: string, target: string, pieces: number): Promise<void> {
  const file = path.join(folder, decodeURI(target), 'index.html');
  if (!file.startsWith(path.join(folder, path.sep))) throw new Error(`${target} is outside ${folder}`);
  const page = await readFile(file);
  response.writeHead(200, {'content-type': 'text/html;charset=utf-8'});
  const size = Math.ceil(page.length / pieces);
  for (let start = 0; start < page.length && !response.destroyed; start += size) {
    if (start > 0) await setTimeout(pause);
    response.write(page.subarray(start, start + size));
  }
  response.end();
}

/**
 * Serves a built site as a plain static host does: folders by their `index.html`, `404.html` with status 404 for what
 * is not there, content types by file name, nothing rewritten and no header beyond those that a file needs.
 *
 * @param folder the build
 * @throws Error when the folder holds no site
 */
export async function serve(folder: string, {baseUrl = '/', port = 0, pieces = 1}: ServeOptions = {}): Promise<Served> {
  if (!baseUrl.startsWith('/') || !baseUrl.endsWith('/')) throw new Error(`base path ${JSON.stringify(baseUrl)} must start and end with /`);
  if (!statSync(path.join(folder, 'index.html'), {throwIfNoEntry: false}))
    throw new Error(`${folder} holds no built site (no index.html); run: npm run build`);
  const notFound = statSync(path.join(folder, '404.html'), {throwIfNoEntry: false}) ? readFileSync(path.join(folder, '404.html')) : null;
  // In development mode sirv looks at the disk on each request, so a rebuilt site is served without a restart.
  const files = sirv(folder, {dev: true, etag: true});
  const server = createServer((request, response) => {
    const miss = (): void => {
      response.writeHead(404, {'content-type': notFound ? 'text/html;charset=utf-8' : 'text/plain;charset=utf-8'});
      response.end(notFound ?? 'Not found');
    };
    const target = request.url ?? '/';
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, {allow: 'GET, HEAD'}).end();
    } else if (pieces > 1 && target.startsWith(baseUrl) && target.endsWith('/')) {
      sendInPieces(response, folder, target.slice(baseUrl.length), pieces).catch(miss);
    } else if (target.startsWith(baseUrl)) {
      request.url = target.slice(baseUrl.length - 1);
      files(request, response, miss);
    } else {
      miss();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}${baseUrl}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}
