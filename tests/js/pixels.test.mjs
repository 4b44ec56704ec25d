// Decoding a picture, with a simulated browser: a refused picture is freed.

import assert from 'node:assert/strict';
import { test } from 'node:test';

Object.assign(globalThis, { OffscreenCanvas: class {} });
const { decode } = await import('../../www/lib/worker/pixels.js');

test('a picture that turns out too large once it is decoded is closed', async () => {
  const bitmap = { width: 9000, height: 8000, closed: false, close: () => (bitmap.closed = true) };
  Object.assign(globalThis, { createImageBitmap: async () => bitmap });
  const blob = new Blob(['a format whose header nobody knows']);
  await assert.rejects(decode({ kind: 'blob', blob }), { name: 'InputInvalid', message: /found 72/ });
  assert.equal(bitmap.closed, true);
});
