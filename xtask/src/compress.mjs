// Compresses files: of each pair of arguments, the first is a file, the second the target, without `.gz` and `.br`.
// Node has both compressors; Rust crates for them take longer to compile.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const [, , ...names] = process.argv;
for (let i = 0; i < names.length; i += 2) {
  const bytes = readFileSync(names[i]);
  write(`${names[i + 1]}.gz`, gzipSync(bytes, { level: 9 }));
  write(`${names[i + 1]}.br`, brotliCompressSync(bytes));
}

/** Writes a file atomically. @param {string} path @param {Buffer} bytes */
function write(path, bytes) {
  writeFileSync(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
}
