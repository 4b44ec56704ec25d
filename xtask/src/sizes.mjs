// Prints path, bytes, bytes after gzip and bytes after brotli of each file named on the command
// line, separated by tabs. Node has both compressors; Rust crates for them take longer to compile.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

for (const path of process.argv.slice(2)) {
  const bytes = readFileSync(path);
  const sizes = [bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)];
  console.log([path, ...sizes.map((data) => data.length)].join('\t'));
}
