// Makes the site's files as they are shipped: the library in its scripts, and those of each page bundled with what they
// import, so that a visit asks for a few files and not for one level of imports after the other. What is imported later,
// by `import()`, stays apart. In releases, comments and white space go.
//
// Usage: node site.mjs TASK, in JSON

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, buildSync } from 'esbuild';
import { bundleLibrary, COMMON, packagesOf } from './library.mjs';

/** @import { Plugin } from 'esbuild' */

/** A script that a document begins with. */
const SCRIPT = /<script type="module"(?: async)? src="([^"]+)">/g;

/** Scripts of the page that it does not import: a document or a worker asks for them. */
const ALONE = /^app[\\/]device[\\/](?:as-file|attempt-worker)\.js$/;

/** @type {import('./library.mjs').Task} */
const task = JSON.parse(process.argv[2]);
const { from, to, release } = task;

/** What is copied: not what is bundled. @param {string} file */
function isCopied(file) {
  const name = path.relative(from, file);
  const isFolder = !path.extname(name);
  if (/^lib(?:$|[\\/])/.test(name)) return false;
  return isFolder || !name.endsWith('.js') || name.endsWith('sw.js') || ALONE.test(name);
}

/** The library's scripts beside the page's. @type {Plugin} */
const library = {
  name: 'library',
  setup({ onResolve }) {
    onResolve({ filter: /[\\/](?:reslens|lab|teach)\.js$/ }, ({ path: name }) => ({ path: `./${path.posix.basename(name)}`, external: true }));
  },
};

/** The scripts that each page begins with, in their order. @type {Map<string, string[]>} */
const pages = new Map(readdirSync(from).filter((file) => file.endsWith('.html')).map((file) => {
  const html = readFileSync(path.join(from, file), 'utf8');
  return [file, Array.from(html.matchAll(SCRIPT), ([, script]) => script)];
}));

cpSync(from, to, { recursive: true, filter: isCopied });
if (release) {
  // A visitor can read the service worker as it runs.
  const isShrunk = (/** @type {string} */ file) => /\.(js|css)$/.test(file) && !file.endsWith('sw.js');
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter(isShrunk);
  const entryPoints = files.map((file) => path.join(to, file));
  buildSync({ ...COMMON, entryPoints, outdir: to, outbase: to, allowOverwrite: true, minify: true });
}
const { inputs, outputs } = (await build({
  ...COMMON,
  absWorkingDir: to,
  entryPoints: [...new Set([...pages.values()].flat())].map((name) => path.join(from, name)),
  bundle: true,
  splitting: true,
  format: 'esm',
  outdir: to,
  // All in one folder, from which the library's address is the same.
  chunkNames: '[name]-[hash]',
  minify: release,
  sourcemap: release ? false : 'inline',
  metafile: true,
  plugins: [library],
})).metafile;

// The packages of which something is in the scripts, for the list of licences.
writeFileSync(`${to}.packages.json`, JSON.stringify(packagesOf(inputs)));

const { library: main, lab, teach, worker } = await bundleLibrary(task);
writeFileSync(path.join(to, 'reslens.js'), main);
writeFileSync(path.join(to, 'lab.js'), lab);
writeFileSync(path.join(to, 'teach.js'), teach);
writeFileSync(path.join(to, 'worker.js'), worker);

for (const [page, scripts] of pages) {
  if (scripts.length === 0) throw new Error(`${page} begins with no script that looks like ${SCRIPT}`);
  const file = path.join(to, page);
  const html = readFileSync(file, 'utf8');
  // All that it begins with is asked for at once.
  const wanted = new Set(scripts.flatMap((script) => [script, ...importedBy(script)]));
  const links = Array.from(wanted, (module) => `<link rel="modulepreload" href="${module}">\n`);
  const place = html.search(SCRIPT);
  writeFileSync(file, html.slice(0, place) + links.join('') + html.slice(place));
}

/**
 * What a script imports, and what that imports, but not what it imports later.
 * @param {string} first
 */
function importedBy(first) {
  const found = new Set([first]);
  for (const file of found) {
    for (const { path: name, kind } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement') found.add(path.posix.normalize(name));
    }
  }
  found.delete(first);
  return found;
}
