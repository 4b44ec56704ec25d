// Identifies files that are not pictures by their first bytes, never by their names.

/**
 * @param {string} text as Latin-1
 * @param {number} [at] its position
 */
const begins = (text, at = 0) => (/** @type {string} */ start) => start.startsWith(text, at);

/** Matches a ZIP archive or a pickle. PyTorch checkpoints are; no other model format is. */
const CHECKPOINT = /^(PK\x03\x04|\x80[\x02-\x05])/;

const CONVERT = 'convert it to JPEG or PNG';
const MODEL = 'pass it as the model';

/** @type {[test: (start: string) => boolean, what: string, advice: string][]} */
const KINDS = [
  [(start) => /^.{4}ftyp(he[iv][csmx]|mif1|msf1)/s.test(start), 'HEIC', CONVERT],
  [(start) => /^.{4}ftypavi[fs]/s.test(start), 'AVIF', CONVERT],
  [begins('ftyp', 4), 'a video', 'show it in a video element and pass that'],
  [begins('%PDF'), 'a PDF document', CONVERT],
  [(start) => /^(II\*\0|MM\0\*)/.test(start), 'TIFF or a raw photograph', CONVERT],
  [begins('version https://git-lfs'), 'a Git LFS pointer', 'run `git lfs pull` in its repository'],
  [(start) => CHECKPOINT.test(start), 'a PyTorch checkpoint or an archive', MODEL],
  [begins('{', 8), 'a safetensors file', MODEL],
];

/** @param {Uint8Array} bytes */
const latin1 = (bytes) => String.fromCharCode(...bytes);

/** Returns whether a file is a PyTorch checkpoint. @param {Uint8Array} bytes all, or its first ones */
export const isCheckpoint = (bytes) => CHECKPOINT.test(latin1(bytes.subarray(0, 4)));

/**
 * Describes a file that could not be decoded.
 * @param {Uint8Array} bytes its first ones
 * @param {Blob} blob the file
 * @returns {{found: string, advice: string}} `advice` is empty or begins with a colon
 */
export function describe(bytes, { size, type }) {
  const start = latin1(bytes);
  const kind = KINDS.find(([test]) => test(start));
  if (kind) return { found: kind[1], advice: `: ${kind[2]}` };
  if (size === 0) return { found: 'an empty file', advice: '' };
  return { found: `${size} bytes of ${type || 'an unknown type'}`, advice: '' };
}
