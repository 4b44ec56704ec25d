// Makes the site's files as they are shipped: the library in two scripts, and the page's own modules, which stay
// as they are. In releases, comments and white space go.
//
// Usage: node site.mjs TASK, in JSON

import { cpSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { bundleLibrary, COMMON } from './library.mjs';

/** @type {import('./library.mjs').Task} */
const task = JSON.parse(process.argv[2]);
const { from, to, release } = task;

/** What is bundled, and so not copied. @param {string} file */
const isLibrary = (file) => /^(?:reslens\.js|teach\.js|worker\.js|lib)(?:$|[\\/])/.test(path.relative(from, file));

cpSync(from, to, { recursive: true, filter: (file) => !isLibrary(file) });
if (release) {
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(js|css)$/.test(file));
  const entryPoints = files.map((file) => path.join(to, file));
  buildSync({ ...COMMON, entryPoints, outdir: to, outbase: to, allowOverwrite: true, minify: true });
}
const { library, teach, worker } = await bundleLibrary(task);
writeFileSync(path.join(to, 'reslens.js'), library);
writeFileSync(path.join(to, 'teach.js'), teach);
writeFileSync(path.join(to, 'worker.js'), worker);
