// Sizes from headers, on hand-written bytes: one file of each format, and unusual variants.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeFromHeader } from '../../www/lib/worker/image-size.js';

const ascii = (text) => Array.from(text, (character) => character.charCodeAt(0));
const be32 = (n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const be16 = (n) => be32(n).slice(2);
const le32 = (n) => be32(n).reverse();
const le16 = (n) => be16(n).reverse();
const le24 = (n) => le32(n).slice(0, 3);
const box = (type, ...content) => {
  const bytes = content.flat();
  return [...be32(bytes.length + 8), ...ascii(type), ...bytes];
};
const ispe = (width, height) => box('ispe', be32(0), be32(width), be32(height));
const frame = (marker) => [0xff, marker, ...be16(17), 8, ...be16(300), ...be16(400), ...Array(12).fill(0)];
const segment = (marker, length) => [0xff, marker, ...be16(length + 2), ...Array(length).fill(0xff)];
const riff = (...chunk) => [...ascii('RIFF'), ...be32(0), ...ascii('WEBP'), ...chunk.flat()];

const FILES = {
  'JPEG, baseline': [0xff, 0xd8, ...segment(0xe0, 14), ...frame(0xc0)],
  'JPEG, progressive, after tables and fill bytes': [
    ...[0xff, 0xd8, ...segment(0xdb, 65), ...segment(0xc4, 30), 0xff, 0xff],
    ...frame(0xc2),
  ],
  'JPEG, after 200 KB of metadata': [
    ...[0xff, 0xd8, ...segment(0xe1, 65000), ...segment(0xe2, 65000), ...segment(0xe2, 65000)],
    ...frame(0xc0),
  ],
  PNG: [0x89, ...ascii('PNG\r\n\x1a\n'), ...be32(13), ...ascii('IHDR'), ...be32(400), ...be32(300), 8, 6, 0, 0, 0],
  GIF: [...ascii('GIF89a'), ...le16(400), ...le16(300), ...Array(20).fill(0)],
  'WebP, lossy': riff(ascii('VP8 '), le32(99), [0, 0, 0, 0x9d, 1, 0x2a], le16(400), le16(300)),
  'WebP, lossless': riff(ascii('VP8L'), le32(99), [0x2f], le32(399 | (299 << 14)), Array(8).fill(0)),
  'WebP, extended': riff(ascii('VP8X'), le32(10), le32(0), le24(399), le24(299)),
  BMP: [...ascii('BM'), ...Array(12).fill(0), ...le32(40), ...le32(400), ...le32(300), ...le32(0)],
  'BMP, from the top': [...ascii('BM'), ...Array(12).fill(0), ...le32(40), ...le32(400), ...le32(-300), 0, 0, 0, 0],
  'BMP, the first generation': [...ascii('BM'), ...Array(12).fill(0), ...le32(12), ...le16(400), ...le16(300), ...le32(0), ...le32(0)],
  'AVIF, of tiles': [
    ...box('ftyp', ascii('avif'), be32(0), ascii('mif1')),
    ...box('meta', be32(0), box('hdlr', Array(24).fill(0)), box('iprp', box('ipco', ispe(200, 150), ispe(400, 300)))),
  ],
};

for (const [name, bytes] of Object.entries(FILES)) {
  test(name, async () => {
    assert.deepEqual(await sizeFromHeader(new Blob([Uint8Array.from(bytes)])), { width: 400, height: 300 });
  });

  test(`${name}, cut off anywhere, is no error`, async () => {
    const step = Math.ceil(bytes.length / 50);
    for (let length = 0; length < bytes.length; length += step) {
      const size = await sizeFromHeader(new Blob([Uint8Array.from(bytes.slice(0, length))]));
      assert.ok(size === null || (size.width >= 0 && size.height >= 0), `${length} bytes`);
    }
  });
}

test('an unknown format has no size', async () => {
  assert.equal(await sizeFromHeader(new Blob(['a text that is longer than any header that is known'])), null);
});

test('a header with more parts than any picture has is not read to its end', async () => {
  const fill = new Uint8Array(1e6).fill(0xff);
  const jpeg = new Blob([Uint8Array.of(0xff, 0xd8), fill, Uint8Array.from(frame(0xc0))]);
  assert.equal(await sizeFromHeader(jpeg), null);
  const many = Uint8Array.from(Array(70_000).fill(box('free')).flat());
  const heif = new Blob([Uint8Array.from(box('ftyp', ascii('avif'), be32(0))), many, Uint8Array.from(ispe(400, 300))]);
  assert.equal(await sizeFromHeader(heif), null);
});

test('a size that is nested deeper than in any picture is ignored', async () => {
  const nested = (/** @type {number} */ depth) => (depth > 0 ? box('iprp', nested(depth - 1)) : ispe(400, 300));
  const file = (/** @type {number} */ depth) => new Blob([Uint8Array.from([...box('ftyp', ascii('avif'), be32(0), be32(0)), ...nested(depth)])]);
  assert.deepEqual(await sizeFromHeader(file(3)), { width: 400, height: 300 });
  assert.equal(await sizeFromHeader(file(4)), null);
});
