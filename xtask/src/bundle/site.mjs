// Makes the site's files as they are shipped: the library in its scripts, and the page's own modules, which stay
// as they are, and what they take from packages, each in one script. In releases, comments and white space go.
//
// Usage: node site.mjs TASK, in JSON

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { bundleLibrary, COMMON } from './library.mjs';

/** @type {import('./library.mjs').Task} */
const task = JSON.parse(process.argv[2]);
const { from, to, release } = task;

/** What is bundled, and so not copied. @param {string} file */
const isLibrary = (file) => /^(?:(?:reslens|lab|teach|worker)\.js|lib)(?:$|[\\/])/.test(path.relative(from, file));

cpSync(from, to, { recursive: true, filter: (file) => !isLibrary(file) });
if (release) {
  // A visitor can read the service worker as it runs.
  const isShrunk = (/** @type {string} */ file) => /\.(js|css)$/.test(file) && !file.endsWith('sw.js');
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter(isShrunk);
  const entryPoints = files.map((file) => path.join(to, file));
  buildSync({ ...COMMON, entryPoints, outdir: to, outbase: to, allowOverwrite: true, minify: true });
}
// What the page takes from packages.
buildSync({
  ...COMMON, entryPoints: [path.join(from, 'vendor/d3.js')], outfile: path.join(to, 'vendor/d3.js'),
  bundle: true, format: 'esm', minify: release, allowOverwrite: true,
});
const { library, lab, teach, worker } = await bundleLibrary(task);
writeFileSync(path.join(to, 'reslens.js'), library);
writeFileSync(path.join(to, 'lab.js'), lab);
writeFileSync(path.join(to, 'teach.js'), teach);
writeFileSync(path.join(to, 'worker.js'), worker);

for (const [page, first] of [['index.html', 'main.js'], ['lab.html', 'lab-main.js'], ['teach.html', 'teach-main.js']]) {
  const file = path.join(to, page);
  const html = readFileSync(file, 'utf8');
  const script = `<script type="module" src="${first}">`;
  if (!html.includes(script)) throw new Error(`${page} has no ${script}`);
  const links = [...importedBy(first)].map((module) => `<link rel="modulepreload" href="${module}">\n`);
  writeFileSync(file, html.replace(script, `${links.join('')}${script}`));
}

/**
 * What a module imports, and what that imports, so that the browser asks for all of it at once and not for one level
 * after the other. What is imported later, by `import()`, is not among it.
 * @param {string} first
 */
function importedBy(first) {
  const found = new Set([first]);
  for (const file of found) {
    const source = readFileSync(path.join(to, file), 'utf8');
    for (const [, name] of source.matchAll(/\b(?:from|import)\s*["'](\.[^"']+)["']/g)) {
      found.add(path.posix.join(path.posix.dirname(file), name));
    }
  }
  found.delete(first);
  return found;
}
