// A static server, as a host that users of the packages have.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The picture that the app classifies. */
const PICTURE = fileURLToPath(new URL('../../../www/samples/coffee.jpg', import.meta.url));

/** @type {Record<string, string>} */
const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Headers that a host sends with every file to allow threads. */
export const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** Headers that a CDN sends with every file. */
export const CDN = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin', ...ISOLATED };

/**
 * The header with a content security policy that allows only what is named.
 * @param {Record<string, string>} directives
 * @returns {Record<string, string>}
 */
export const policy = (directives) => {
  const all = { 'default-src': "'none'", 'img-src': 'data:', ...directives };
  return { 'content-security-policy': Object.entries(all).map((directive) => directive.join(' ')).join('; ') };
};

/** The policy that the package's README.md gives for one's own origin. */
export const STRICT = policy({
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'connect-src': "'self'",
});

/**
 * Serves a folder.
 * @param {string} folder
 * @param {Record<string, string>} [headers] of every response
 * @returns {Promise<{url: string, stop: () => Promise<void>}>} `url` ends with a slash
 */
export async function serve(folder, headers = {}) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const inside = decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    const file = inside === '/picture.jpg' ? PICTURE : path.join(folder, path.normalize(inside));
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) {
      response.writeHead(404, { ...headers, 'content-type': 'text/plain' }).end(`there is no ${inside}`);
      return;
    }
    const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
    response.writeHead(200, { ...headers, 'content-type': type, 'content-length': found.size });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${port}/`, stop };
}
