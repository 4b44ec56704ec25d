// The size of a picture from its header, so that a huge one is refused before it is decoded.

/** @typedef {{width: number, height: number}} Size */

/** Bytes to read at once, enough for the headers of most pictures. */
const WINDOW = 64 * 1024;

/** The most segments or boxes to read. A file of many tiny ones would take minutes. */
const MAX_PARTS = 65_536;

/** The depth of nested boxes in a file: the size is in the third level. */
const MAX_DEPTH = 4;

/** A reader of a file's bytes by position, in windows. */
class Bytes {
  #blob;
  #start = 0;
  #view = new DataView(new ArrayBuffer(0));

  /** @param {Blob} blob */
  constructor(blob) {
    this.#blob = blob;
  }

  /**
   * Returns `length` bytes from `offset` on; null past the end of the file.
   * @param {number} offset
   * @param {number} length
   * @returns {Promise<DataView | null>}
   */
  async at(offset, length) {
    if (offset + length > this.#blob.size) return null;
    if (offset < this.#start || offset + length > this.#start + this.#view.byteLength) {
      const slice = this.#blob.slice(offset, offset + Math.max(length, WINDOW));
      this.#view = new DataView(await slice.arrayBuffer());
      this.#start = offset;
    }
    return new DataView(this.#view.buffer, offset - this.#start, length);
  }
}

/**
 * Returns the size in a picture's header; null for an unknown format or a broken header.
 * Knows JPEG, PNG, GIF, WebP, BMP, AVIF and HEIF.
 * @param {Blob} blob
 * @returns {Promise<Size | null>}
 */
export async function sizeFromHeader(blob) {
  const bytes = new Bytes(blob);
  const head = await bytes.at(0, Math.min(30, blob.size));
  if (!head || head.byteLength < 26) return null;
  if (head.getUint16(0) === 0xffd8) return jpeg(bytes);
  if (text(head, 0) === '\x89PNG') return size(head.getUint32(16), head.getUint32(20));
  if (text(head, 0) === 'GIF8') return gif(head);
  if (head.byteLength < 30) return null;
  if (text(head, 0) === 'RIFF' && text(head, 8) === 'WEBP') return webp(head);
  if (text(head, 0).startsWith('BM')) return bmp(head);
  if (text(head, 4) === 'ftyp') return heif(bytes, blob.size, { parts: 0 });
  return null;
}

/**
 * @param {number} width
 * @param {number} height
 * @returns {Size}
 */
const size = (width, height) => ({ width, height });

/**
 * Returns four bytes as characters.
 * @param {DataView} view
 * @param {number} offset
 */
const text = (view, offset) =>
  String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + offset, 4));

/**
 * JPEG: segments of marker and length, until one that starts a frame.
 * @param {Bytes} bytes
 */
async function jpeg(bytes) {
  for (let offset = 2, parts = 0; parts < MAX_PARTS; parts++) {
    const segment = await bytes.at(offset, 9);
    if (!segment || segment.getUint8(0) !== 0xff) return null;
    const marker = segment.getUint8(1);
    if (marker === 0xff) {
      offset += 1; // a fill byte
      continue;
    }
    // SOF0 to SOF15; DHT, JPG and DAC are between them.
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return size(segment.getUint16(7), segment.getUint16(5));
    offset += 2 + segment.getUint16(2);
  }
  return null;
}

/**
 * GIF: a screen without pixels takes its size from the first frame.
 * @param {DataView} head
 */
function gif(head) {
  const [width, height] = [head.getUint16(6, true), head.getUint16(8, true)];
  return width && height ? size(width, height) : null;
}

/**
 * WebP: the size stands in the first chunk, in one of three forms.
 * @param {DataView} head
 */
function webp(head) {
  switch (text(head, 12)) {
    case 'VP8 ':
      return size(head.getUint16(26, true) & 0x3fff, head.getUint16(28, true) & 0x3fff);
    case 'VP8L': {
      const bits = head.getUint32(21, true); // 14 bits width - 1, 14 bits height - 1
      return size((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X': // 24 bits each
      return size((head.getUint32(23, true) >>> 8) + 1, (head.getUint32(26, true) >>> 8) + 1);
    default:
      return null;
  }
}

/**
 * BMP: two generations of headers; a negative height means rows from the top.
 * @param {DataView} head
 */
const bmp = (head) =>
  head.getUint32(14, true) === 12
    ? size(head.getUint16(18, true), head.getUint16(20, true))
    : size(Math.abs(head.getInt32(18, true)), Math.abs(head.getInt32(22, true)));

/** Boxes that lead to `ispe`, and how many bytes precede the boxes inside. */
const CONTAINERS = new Map([
  ['meta', 4],
  ['iprp', 0],
  ['ipco', 0],
]);

/**
 * AVIF and HEIF: the largest `ispe` (image spatial extents); the smaller ones are tiles and
 * thumbnails.
 * @param {Bytes} bytes
 * @param {number} end
 * @param {{parts: number}} seen boxes in the whole file
 * @param {number} [start]
 * @param {number} [depth]
 * @returns {Promise<Size | null>}
 */
async function heif(bytes, end, seen, start = 0, depth = 1) {
  /** @type {Size | null} */
  let largest = null;
  for (let offset = start; offset < end && seen.parts < MAX_PARTS; seen.parts++) {
    const box = await bytes.at(offset, 8);
    if (!box) break;
    const length = box.getUint32(0) || end - offset; // 0: up to the end
    if (length < 8) break; // broken, or 64-bit: only media data is that long
    const skip = CONTAINERS.get(text(box, 4));
    /** @type {Size | null} */
    let found = null;
    if (skip !== undefined && depth < MAX_DEPTH) {
      found = await heif(bytes, Math.min(offset + length, end), seen, offset + 8 + skip, depth + 1);
    } else if (text(box, 4) === 'ispe') {
      const extents = await bytes.at(offset + 12, 8); // after version and flags
      found = extents && size(extents.getUint32(0), extents.getUint32(4));
    }
    if (found && found.width * found.height > (largest ? largest.width * largest.height : 0)) {
      largest = found;
    }
    offset += length;
  }
  return largest;
}
