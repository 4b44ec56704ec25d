// Prints path, bytes, bytes after gzip and bytes after brotli of each file named on the command
// line, separated by tabs. Node has both compressors; Rust crates for them take longer to compile.
import { existsSync, readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

for (const path of process.argv.slice(2)) {
  const bytes = readFileSync(path);
  // A release build has already compressed its files.
  const packed = (/** @type {string} */ extension, /** @type {() => Buffer} */ pack) =>
    existsSync(`${path}.${extension}`) ? readFileSync(`${path}.${extension}`) : pack();
  const sizes = [bytes, packed('gz', () => gzipSync(bytes, { level: 9 })), packed('br', () => brotliCompressSync(bytes))];
  console.log([path, ...sizes.map((data) => data.length)].join('\t'));
}
