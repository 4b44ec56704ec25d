// Properties that a reader can verify in the service worker, and values that it shares with the rest.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { past } from '../../www/app/text/requests.js';

const read = (/** @type {string} */ path) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const worker = await read('www/service-worker/sw.js');

test('the service worker fetches in one place, which the seal closes', () => {
  assert.equal(worker.match(/fetch\(/g)?.length, 1);
  assert.match(worker, /if \(await isSealed\(\)\) throw new Error\('sealed'\);\n {2}return fetch\(request\);/);
  assert.doesNotMatch(worker, /importScripts|XMLHttpRequest|WebSocket|EventSource|sendBeacon|cache\.add/);
});

test('the service worker, the server and the documents have one policy', async () => {
  const [policy] = /default-src 'none'[^"]*/.exec(worker) ?? [];
  const server = (await read('xtask/src/serve/headers.rs')).replaceAll(/\\\n\s*/g, '');
  assert.ok(policy && server.includes(`"${policy}"`), policy);
  // A document cannot set `frame-ancestors`.
  for (const page of ['index.html', 'lab.html', 'teach.html']) {
    const html = await read(`www/${page}`);
    assert.ok(html.includes(`content="${policy.replace("; frame-ancestors 'none'", '')}"`), page);
  }
});

test('the service worker adds the headers that the server sends', async () => {
  const server = (await read('xtask/src/serve/headers.rs')).replaceAll(/\\\n\s*/g, '');
  const headers = [...worker.matchAll(/^ {2}'([A-Z][\w-]+)': ["'](.*)["'],$/gm)];
  assert.deepEqual(headers.map(([, name]) => name).sort(), [
    'Connection-Allowlist', 'Content-Security-Policy', 'Cross-Origin-Embedder-Policy', 'Cross-Origin-Opener-Policy',
    'Permissions-Policy', 'Referrer-Policy', 'X-Content-Type-Options',
  ]);
  for (const [, name, value] of headers) assert.ok(server.includes(`"${name}"`) && server.includes(`"${value}"`), name);
});

test('a request that bypassed the service worker, or used the network, is named', () => {
  const timing = (/** @type {string} */ name, workerStart = 1, transferSize = 0) => ({ name, workerStart, transferSize });
  assert.deepEqual(past([timing('a'), timing('b', 0), timing('c', 1, 300)]), ['b', 'c']);
});
