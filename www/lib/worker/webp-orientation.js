// EXIF orientation of WebP files, for browsers that ignore it: Chromium rotates only JPEG and PNG.

/** The flag of a `VP8X` header for an `EXIF` chunk. */
const HAS_EXIF = 0x08;

/** The most bytes of an `EXIF` chunk to read: its first directory is at the beginning. */
const LONGEST = 64 * 1024;

/** The most chunks to read before it: an animation has one for each frame. */
const MAX_CHUNKS = 4096;

/** The tag of the orientation in that directory. */
const ORIENTATION = 0x0112;

/** A minimal picture of 2×1 pixels with an orientation of 90°. */
const TURNED = Uint8Array.from([
  ...ascii('RIFF'), 78, 0, 0, 0, ...ascii('WEBP'),
  ...ascii('VP8X'), 10, 0, 0, 0, 0x10 | HAS_EXIF, 0, 0, 0, 1, 0, 0, 0, 0, 0,
  ...ascii('VP8L'), 13, 0, 0, 0, 0x2f, 1, 0, 0, 0x10, 7, 0x10, 0x11, 0x11, 0x88, 0x88, 0xfe, 7, 0,
  ...ascii('EXIF'), 26, 0, 0, 0, ...ascii('II*\0'), 8, 0, 0, 0, 1, 0,
  ...[0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0], 0, 0, 0, 0,
]);

/**
 * Returns a decoded picture upright; if that is a new one, closes `picture`.
 * @param {Blob} blob the file that it was decoded from
 * @param {ImageBitmap} bitmap
 * @returns {Promise<ImageBitmap>}
 */
export async function upright(blob, bitmap) {
  const orientation = await readOrientation(blob);
  if (orientation === 1 || (await browserTurns())) return bitmap;
  const { width, height } = bitmap;
  const [columns, rows] = orientation < 5 ? [width, height] : [height, width];
  const canvas = new OffscreenCanvas(columns, rows);
  const context = canvas.getContext('2d');
  context?.setTransform(...transform(orientation, width, height));
  context?.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.transferToImageBitmap();
}

/** @type {Promise<boolean> | undefined} */
let answer;

/** Whether this browser rotates WebP files by itself, tried once. */
function browserTurns() {
  answer ??= createImageBitmap(new Blob([TURNED], { type: 'image/webp' })).then(
    ({ width, height }) => width < height,
    () => false,
  );
  return answer;
}

/**
 * Returns the transform from stored to upright pixels, for a canvas.
 * @param {number} orientation 2 to 8
 * @param {number} width as stored
 * @param {number} height
 * @returns {[number, number, number, number, number, number]}
 */
function transform(orientation, width, height) {
  switch (orientation) {
    case 2: return [-1, 0, 0, 1, width, 0];
    case 3: return [-1, 0, 0, -1, width, height];
    case 4: return [1, 0, 0, -1, 0, height];
    case 5: return [0, 1, 1, 0, 0, 0];
    case 6: return [0, 1, -1, 0, height, 0];
    case 7: return [0, -1, -1, 0, height, width];
    default: return [0, -1, 1, 0, 0, width];
  }
}

/**
 * Returns the EXIF orientation of a WebP file; 1 if there is none, and for other files.
 * @param {Blob} blob
 * @returns {Promise<number>}
 */
export async function readOrientation(blob) {
  const read = async (/** @type {number} */ offset, /** @type {number} */ length) =>
    new DataView(await blob.slice(offset, offset + length).arrayBuffer());
  const head = await read(0, 21);
  const extended = head.byteLength === 21 && name(head, 0) === 'RIFF' && name(head, 8) === 'WEBP' &&
    name(head, 12) === 'VP8X' && (head.getUint8(20) & HAS_EXIF) !== 0;
  if (!extended) return 1;
  for (let offset = 12, chunks = 0; offset + 8 <= blob.size && chunks < MAX_CHUNKS; chunks++) {
    const chunk = await read(offset, 8);
    const length = chunk.getUint32(4, true);
    if (name(chunk, 0) === 'EXIF') return ofExif(await read(offset + 8, Math.min(length, LONGEST)));
    offset += 8 + length + (length & 1);
  }
  return 1;
}

/**
 * Returns the orientation in EXIF data, which are a TIFF file.
 * @param {DataView} data
 */
function ofExif(data) {
  // Some encoders repeat the prefix that JPEG has.
  const start = data.byteLength >= 6 && name(data, 0) === 'Exif' ? 6 : 0;
  try {
    const little = data.getUint16(start) === 0x4949; // "II"
    const directory = start + data.getUint32(start + 4, little);
    for (let entry = 0; entry < data.getUint16(directory, little); entry++) {
      const at = directory + 2 + 12 * entry;
      if (data.getUint16(at, little) !== ORIENTATION) continue;
      const value = data.getUint16(at + 8, little);
      return value >= 1 && value <= 8 ? value : 1;
    }
  } catch {
    // A broken directory has no orientation.
  }
  return 1;
}

/** @param {string} text */
function ascii(text) {
  return [...text].map((character) => character.charCodeAt(0));
}

/**
 * Returns four bytes as characters.
 * @param {DataView} view
 * @param {number} at
 */
function name(view, at) {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4));
}
