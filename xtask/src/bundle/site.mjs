// Makes the site's files as they are shipped: the library's scripts, and the scripts of each page bundled with their
// imports, so that a visit requests a few files instead of one level of imports after another. Dynamic imports stay
// separate. Releases have no comments and no white space.
//
// Usage: node site.mjs TASK, in JSON

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, buildSync } from 'esbuild';
import { rolldown } from 'rolldown';
import { bundleLibrary, COMMON, packagesOf } from './library.mjs';

/** @import { ChunkingContext, OutputChunk, Plugin } from 'rolldown' */

/** A script that a document loads first, in one of two ways. */
const SCRIPT = /<script type="module"(?: async)? src="([^"]+)">/g;
const PRELOAD = /<link rel="modulepreload" href="([^"]+)">\n/g;

/** The style sheets of a document. */
const STYLES = /(?:<link rel="stylesheet" href="[^"]+">\n)+/;
const STYLE = /<link rel="stylesheet" href="([^"]+)">/g;

/** Scripts of the page that it does not import: a document or a worker requests them. */
const ALONE = /^app[\\/]device[\\/](?:as-file|attempt-worker)\.js$/;

/** @type {import('./library.mjs').Task} */
const task = JSON.parse(process.argv[2]);
const { from, to, release } = task;

/** Whether a file is copied rather than bundled. @param {string} file */
function isCopied(file) {
  const name = path.relative(from, file);
  if (joined.has(name)) return false;
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
  const found = [...html.matchAll(SCRIPT), ...html.matchAll(PRELOAD)].sort((one, other) => one.index - other.index);
  return [file, found.map(([, script]) => script)];
}));

/** The style sheets of a page, in order. @param {string} page */
const stylesOf = (page) => Array.from(readFileSync(path.join(from, page), 'utf8').matchAll(STYLE), ([, style]) => style);

/** Style sheets that are parts of those that pages load first. */
const joined = new Set([...pages.keys()].flatMap(stylesOf));

cpSync(from, to, { recursive: true, filter: isCopied });
if (release) {
  // Visitors can read the service worker as it runs.
  const isShrunk = (/** @type {string} */ file) => /\.(js|css)$/.test(file) && !file.endsWith('sw.js');
  const files = readdirSync(to, { recursive: true, encoding: 'utf8' }).filter(isShrunk);
  const entryPoints = files.map((file) => path.join(to, file));
  buildSync({ ...COMMON, entryPoints, outdir: to, outbase: to, allowOverwrite: true, minify: true });
}
const modules = (await Promise.all([...pages].map(async ([page, scripts]) => {
  if (scripts.length === 0) throw new Error(`${page} begins with no script that looks like ${SCRIPT}`);
  const { outputs, modules } = await bundleScripts(page, scripts);
  writeFileSync(path.join(to, page), await linked(page, scripts, outputs));
  return modules;
}))).flat();

// The packages with code in the scripts, for the list of licences.
writeFileSync(`${to}.packages.json`, JSON.stringify(packagesOf(modules)));

const { library: main, lab, teach, worker } = await bundleLibrary(task);
writeFileSync(path.join(to, 'reslens.js'), main);
writeFileSync(path.join(to, 'lab.js'), lab);
writeFileSync(path.join(to, 'teach.js'), teach);
writeFileSync(path.join(to, 'worker.js'), worker);

/** The name of a page's file for a script: one that several pages load has a file for each. @param {string} page @param {string} script */
function fileOf(page, script) {
  const users = [...pages.values()].filter((scripts) => scripts.includes(script));
  const file = path.basename(script);
  return users.length > 1 ? `${path.parse(page).name}-${file}` : file;
}

/**
 * Returns a page's document, in which all that it needs first is linked: one style sheet, and its scripts.
 * @param {string} page
 * @param {string[]} scripts
 * @param {Map<string, OutputChunk>} outputs
 */
async function linked(page, scripts, outputs) {
  const importsOf = (/** @type {string} */ name) => (outputs.get(name)?.imports ?? []).map(path.posix.normalize);
  const files = scripts.map((script) => fileOf(page, script));
  const wanted = new Set(files.flatMap((file) => [...reachable(file, importsOf)]));
  const links = Array.from(wanted, (module) => `<link rel="modulepreload" href="${module}">\n`);
  const styles = `${path.parse(page).name}.css`;
  await joinStyles(page, styles);
  const html = readFileSync(path.join(from, page), 'utf8')
    .replace(STYLES, `<link rel="stylesheet" href="${styles}">\n`)
    .replace(PRELOAD, '')
    .replaceAll(SCRIPT, (element, script) => element.replace(script, fileOf(page, script)));
  const place = html.search(SCRIPT);
  return html.slice(0, place) + links.join('') + html.slice(place);
}

/**
 * Writes a page's style sheets as one.
 * @param {string} page
 * @param {string} styles the name of the file
 */
async function joinStyles(page, styles) {
  const imports = stylesOf(page).map((file) => `@import ${JSON.stringify(`./${file}`)};\n`);
  await build({
    ...COMMON, stdin: { contents: imports.join(''), loader: 'css', resolveDir: from }, outfile: path.join(to, styles), bundle: true, minify: release,
  });
}

/**
 * Bundles the scripts of a page.
 * @param {string} page
 * @param {string[]} scripts
 * @returns {Promise<{outputs: Map<string, OutputChunk>, modules: string[]}>} the files, and the modules in them
 */
async function bundleScripts(page, scripts) {
  const bundle = await rolldown({
    input: Object.fromEntries(scripts.map((script) => [path.parse(fileOf(page, script)).name, path.join(from, script)])),
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
    codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: firstUser(page, scripts), debugName: 'first' }] },
  });
  const chunks = output.filter((file) => file.type === 'chunk');
  return { outputs: new Map(chunks.map((chunk) => [chunk.fileName, chunk])), modules: chunks.flatMap(({ moduleIds }) => moduleIds) };
}

/**
 * Returns the name of the file for a module that a page loads first: that of the first script that needs it, so that
 * the page loads no other files. A module of a later import goes to where it is used.
 * @param {string} page
 * @param {string[]} scripts
 * @returns {(module: string, context: ChunkingContext) => string | null}
 */
function firstUser(page, scripts) {
  /** @type {Map<string, string> | undefined} */
  let users;
  return (module, context) => {
    const importsOf = (/** @type {string} */ id) => context.getModuleInfo(id)?.importedIds ?? [];
    // Of two entries for a module, the last one counts.
    users ??= new Map(scripts.toReversed().flatMap((script) => {
      const { name } = path.parse(fileOf(page, script));
      return Array.from(reachable(path.join(from, script), importsOf), (id) => [id, name]);
    }));
    return users.get(module) ?? null;
  };
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
