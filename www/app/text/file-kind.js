/** The intended use of a file, by its first bytes. Its name only decides which error is shown if they do not tell. */

/** The number of a file's first bytes to look at. */
export const TELLING = 512;

/** @typedef {'model'|'labels'|'classes'|'picture'} FileKind `classes`: classes that the visitor has taught */

/**
 * A file of an unknown kind counts as a picture: the library says what it could not decode.
 * @param {Uint8Array} bytes the first `TELLING` ones, or all
 * @param {string} [name]
 * @returns {FileKind}
 */
export function kindOfFile(bytes, name = '') {
  const start = String.fromCharCode(...bytes);
  if (/^.{8}\{"__metadata__":\{"reslens\.teacher"/s.test(start)) return 'classes';
  if (isModel(start) || /\.(safetensors|pth|pt|ckpt|bin)$/i.test(name)) return 'model';
  return isList(start) && !/\.(jpe?g|png|webp|gif|avif|bmp|heic)$/i.test(name) ? 'labels' : 'picture';
}

/**
 * Whether a file is safetensors (a length of 8 bytes, then `{`), a ZIP archive or a pickle, as PyTorch checkpoints are,
 * or a Git LFS pointer: the library reads it or says what it is.
 * @param {string} start as Latin-1
 */
function isModel(start) {
  return /^(.{3}[\0-\x05]\0{4}\{|PK\x03\x04|\x80[\x02-\x05]|version https:\/\/git-lfs)/s.test(start);
}

/**
 * A text, but none that begins with `<`: that is an SVG picture, or a page that was saved in place of one.
 * @param {string} start as Latin-1
 */
function isList(start) {
  const [mark = ''] = start.match(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/) ?? [];
  // UTF-16 has bytes that no other text has.
  const isText = mark.length === 2 || (start !== '' && !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(start));
  return isText && !/^[\s\0]*</.test(start.slice(mark.length));
}
