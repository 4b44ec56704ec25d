// Makes the site's files as they are shipped: the library's scripts, and the scripts of each page bundled with their
// imports, so that a visit requests a few files instead of one level of imports after another. Dynamic imports stay
// separate. Releases have no comments and no white space.
//
// Usage: node site.mjs TASK, in JSON

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { rolldown } from 'rolldown';
import { bundleLibrary, COMMON, packagesOf } from './library.mjs';

/** @import { ChunkingContext, OutputChunk, Plugin } from 'rolldown' */

/** A script that a document loads first. */
const SCRIPT = /<script type="module"(?: async)? src="([^"]+)">/g;

/** The script whose dynamic imports a page needs at once: it is evaluated before they have arrived. */
const AT_ONCE = /(?:^|[\\/])start\.js$/;

/** Scripts of the page that it does not import: a document or a worker requests them. */
const ALONE = /^app[\\/]device[\\/](?:as-file|attempt-worker)\.js$/;

/** @type {import('./library.mjs').Task} */
const task = JSON.parse(process.argv[2]);
const { from, to, release } = task;

/** Whether a file is copied rather than bundled. @param {string} file */
function isCopied(file) {
  const name = path.relative(from, file);
  const isFolder = !path.extname(name);
  if (/^lib(?:$|[\\/])/.test(name)) return false;
  return isFolder || !name.endsWith('.js') || name.endsWith('sw.js') || ALONE.test(name);
}

/** The library's scripts, which stay separate files beside the page's. */
const LIBRARY = /[\\/](?:reslens|lab|teach)\.js$/;

/** @type {Plugin} */
const library = {
  name: 'library',
  resolveId: {
    filter: { id: LIBRARY },
    handler: (id, importer) => (importer ? { id: `./${path.posix.basename(id)}`, external: true } : null),
  },
};

/** The scripts that each page loads first, in order. @type {Map<string, string[]>} */
const pages = new Map(readdirSync(from).filter((file) => file.endsWith('.html')).map((file) => {
  const html = readFileSync(path.join(from, file), 'utf8');
  return [file, Array.from(html.matchAll(SCRIPT), ([, script]) => script)];
}));

cpSync(from, to, { recursive: true, filter: isCopied });
if (release) {
  // Visitors can read the service worker as it runs.
  const isShrunk = (/** @type {string} */ file) => /\.(js|css)$/.test(file) && !file.endsWith('sw.js');
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter(isShrunk);
  const entryPoints = files.map((file) => path.join(to, file));
  buildSync({ ...COMMON, entryPoints, outdir: to, outbase: to, allowOverwrite: true, minify: true });
}
const { outputs, modules } = await bundlePages();

// The packages with code in the scripts, for the list of licences.
writeFileSync(`${to}.packages.json`, JSON.stringify(packagesOf(modules)));

const { library: main, lab, teach, worker } = await bundleLibrary(task);
writeFileSync(path.join(to, 'reslens.js'), main);
writeFileSync(path.join(to, 'lab.js'), lab);
writeFileSync(path.join(to, 'teach.js'), teach);
writeFileSync(path.join(to, 'worker.js'), worker);

/** @param {string} script */
function importsOf(script) {
  const { imports, dynamicImports } = outputs.get(script) ?? {};
  return neededAtOnce(script, imports, dynamicImports).map((name) => path.posix.normalize(name));
}

/**
 * Returns those of a script's imports that a page needs at once.
 * @param {string} script
 * @param {readonly string[]} [imports]
 * @param {readonly string[]} [dynamicImports]
 */
function neededAtOnce(script, imports = [], dynamicImports = []) {
  return AT_ONCE.test(script) ? [...imports, ...dynamicImports] : imports;
}

for (const [page, scripts] of pages) {
  if (scripts.length === 0) throw new Error(`${page} begins with no script that looks like ${SCRIPT}`);
  const file = path.join(to, page);
  const html = readFileSync(file, 'utf8');
  // The page requests all of its first scripts at once.
  const wanted = new Set(scripts.flatMap((script) => [...reachable(script, importsOf)]));
  const links = Array.from(wanted, (module) => `<link rel="modulepreload" href="${module}">\n`);
  const place = html.search(SCRIPT);
  writeFileSync(file, html.slice(0, place) + links.join('') + html.slice(place));
}

/**
 * Bundles the scripts of all pages.
 * @returns {Promise<{outputs: Map<string, OutputChunk>, modules: string[]}>} the files, and the modules in them
 */
async function bundlePages() {
  const scripts = [...new Set([...pages.values()].flat())];
  const bundle = await rolldown({
    input: Object.fromEntries(scripts.map((name) => [path.parse(name).name, path.join(from, name)])),
    plugins: [library],
    preserveEntrySignatures: 'allow-extension',
    transform: { target: COMMON.target },
  });
  const { output } = await bundle.write({
    dir: to,
    entryFileNames: '[name].js',
    // All are in one folder, from which the library's address is the same.
    chunkFileNames: '[name]-[hash].js',
    minify: release,
    sourcemap: release ? false : 'inline',
    codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: sharedByPages(), debugName: 'shared' }] },
  });
  const chunks = output.filter((file) => file.type === 'chunk');
  return { outputs: new Map(chunks.map((chunk) => [chunk.fileName, chunk])), modules: chunks.flatMap(({ moduleIds }) => moduleIds) };
}

/**
 * Returns the name of the file for a module that pages load first: one file for all modules of the same set of pages,
 * so that each page loads a few files. A module of a single page, or of a later import, goes to where it is used.
 * @returns {(module: string, context: ChunkingContext) => string | null}
 */
function sharedByPages() {
  /** @type {Map<string, Set<string>> | undefined} */
  let users;
  return (module, context) => {
    users ??= firstUsers((id) => {
      const { importedIds, dynamicallyImportedIds } = context.getModuleInfo(id) ?? {};
      return neededAtOnce(id, importedIds, dynamicallyImportedIds);
    });
    const found = users.get(module);
    return found && found.size > 1 ? [...found].join('-') : null;
  };
}

/**
 * @param {(module: string) => readonly string[]} importsOf
 * @returns {Map<string, Set<string>>} for each module, the names of the first scripts of the pages that need it
 */
function firstUsers(importsOf) {
  /** @type {Map<string, Set<string>>} */
  const users = new Map();
  for (const scripts of pages.values()) {
    const taken = new Set();
    for (const script of scripts) {
      for (const module of reachable(path.join(from, script), importsOf)) {
        if (taken.has(module)) continue;
        taken.add(module);
        users.set(module, (users.get(module) ?? new Set()).add(path.parse(script).name));
      }
    }
  }
  return users;
}

/**
 * Returns a file, its imports, and theirs in turn, but not dynamic imports.
 * @param {string} first
 * @param {(file: string) => readonly string[]} importsOf
 */
function reachable(first, importsOf) {
  const found = new Set([first]);
  for (const file of found) {
    for (const imported of importsOf(file)) found.add(imported);
  }
  return found;
}
