// Copies the folder FROM to TO, its scripts and style sheets without comments and white space.
// Modules stay modules: nothing is bundled, and exported names are kept.
import { cpSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';

const [from, to] = process.argv.slice(2);
cpSync(from, to, { recursive: true });
const files = readdirSync(to, { recursive: true, encoding: 'utf8' });
buildSync({
  entryPoints: files.filter((file) => /\.(js|css)$/.test(file)).map((file) => path.join(to, file)),
  outdir: to,
  outbase: to,
  allowOverwrite: true,
  minify: true,
  target: 'es2022',
  legalComments: 'inline',
  logLevel: 'warning',
  // The type checker's settings are none of esbuild's, and what they extend lies outside of the copy.
  tsconfigRaw: {},
});
