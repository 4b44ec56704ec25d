// What a file that is no picture is, by its first bytes and never by its name.

/**
 * @param {string} text as Latin-1
 * @param {number} [at] where it stands
 */
const begins = (text, at = 0) => (/** @type {string} */ start) => start.startsWith(text, at);

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
  [(start) => /^(PK\x03\x04|\x80[\x02-\x05])/.test(start), 'a checkpoint of PyTorch or an archive', MODEL],
  [begins('{', 8), 'a safetensors file', MODEL],
];

/**
 * Describes a file that could not be decoded.
 * @param {Uint8Array} bytes its first ones
 * @param {Blob} blob the file
 * @returns {{found: string, advice: string}} `advice` is empty or begins with a colon
 */
export function describe(bytes, { size, type }) {
  const start = String.fromCharCode(...bytes);
  const kind = KINDS.find(([test]) => test(start));
  if (kind) return { found: kind[1], advice: `: ${kind[2]}` };
  if (size === 0) return { found: 'an empty file', advice: '' };
  return { found: `${size} bytes of ${type || 'an unknown type'}`, advice: '' };
}
