// A static host without headers of its own, like GitHub Pages, on a copy of dist/ that tests may change; and another
// site, which counts the requests that reach it.

import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));

/** @type {Record<string, string>} */
const TYPES = {
  css: 'text/css', html: 'text/html', jpg: 'image/jpeg', js: 'text/javascript', json: 'application/json', png: 'image/png',
  svg: 'image/svg+xml', wasm: 'application/wasm', webmanifest: 'application/manifest+json',
};

/** Serves a copy of dist/ until it is closed; it can be killed and restarted at the same address. */
export class PlainHost {
  /** The folder that is served. */
  folder = mkdtempSync(path.join(tmpdir(), 'reslens-host-'));
  /** The requested paths, in order. @type {string[]} */
  requests = [];
  /** Paths that are answered with an error. @type {Set<string>} */
  broken = new Set();
  #port = 0;
  /** @type {http.Server|null} */
  #server = null;

  constructor() {
    cpSync(DIST, this.folder, { recursive: true });
  }

  get url() {
    return `http://127.0.0.1:${this.#port}/`;
  }

  async start() {
    this.#server = http.createServer((request, response) => this.#answer(request, response));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
    return this;
  }

  /** Ends it at once, including all connections. */
  async kill() {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }

  async close() {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }

  /** Simulates a new build: a file with other bytes, and a service worker that knows it. @param {string} file @param {(text: string) => string} change */
  publish(file, change) {
    const text = change(readFileSync(path.join(this.folder, file), 'utf8'));
    writeFileSync(path.join(this.folder, file), text);
    const worker = path.join(this.folder, 'sw.js');
    const hash = createHash('sha256').update(text).digest('hex');
    const known = readFileSync(worker, 'utf8').replace(new RegExp(`"${file}": "[0-9a-f]+"`), `"${file}": "${hash}"`);
    writeFileSync(worker, known.replace(/const BUILD = '[0-9a-f]+'/, `const BUILD = '${hash.slice(0, 16)}'`));
    return hash.slice(0, 16);
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} response */
  #answer({ url = '/', headers }, response) {
    const file = decodeURIComponent(url.split('?')[0]).slice(1) || 'index.html';
    this.requests.push(file);
    try {
      if (this.broken.has(file)) throw new Error('broken');
      const body = readFileSync(path.join(this.folder, file));
      const etag = `"${createHash('sha1').update(body).digest('hex')}"`;
      response.setHeader('etag', etag);
      response.setHeader('cache-control', 'max-age=600');
      if (headers['if-none-match'] === etag) return response.writeHead(304).end();
      response.setHeader('content-type', TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream');
      response.setHeader('content-length', body.length);
      return response.end(body);
    } catch {
      return response.writeHead(this.broken.has(file) ? 500 : 404).end();
    }
  }
}

/**
 * Starts another site, and a UDP socket on the port of the same number.
 * @returns {Promise<{url: string, hits: string[], packets: () => number, close: () => Promise<void>}>}
 */
export async function startElsewhere() {
  /** @type {string[]} */
  const hits = [];
  let packets = 0;
  const server = http.createServer(({ method, url }, response) => {
    hits.push(`${method} ${url}`);
    response.setHeader('access-control-allow-origin', '*');
    response.end('reached');
  });
  server.on('connection', () => hits.push('connection'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const socket = dgram.createSocket('udp4').on('message', () => {
    packets += 1;
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return {
    url: `http://127.0.0.1:${port}/`,
    hits,
    packets: () => packets,
    async close() {
      socket.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
