// Bundles the library: `reslens.js`, `lab.js` and `teach.js` for the page, and `worker.js` for its workers. A file that
// imports nothing cannot be split by another bundler, and each file has one address.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, transform } from 'esbuild';

/** @import { Plugin } from 'esbuild' */

/**
 * @typedef {object} Task
 * @property {string} from the folder www/
 * @property {string} to where the results go
 * @property {Record<string, string>} glues the path of the JavaScript of each wasm file that was built
 * @property {string} version of the package
 * @property {boolean} release whether comments and white space are removed
 */

/** Settings of every script and style sheet. */
export const COMMON = /** @type {const} */ ({
  target: 'es2022',
  legalComments: 'inline',
  logLevel: 'warning',
  // The type checker's settings must not affect esbuild.
  tsconfigRaw: {},
});

/** A placeholder in the scripts until the build has a name. */
const UNNAMED = 'reslens-version';

/** The name of the wasm file to which a glue belongs. @param {string} glue */
const nameOf = (glue) => path.basename(glue, '.js');

/**
 * Returns, for each glue, the first one that is the same but for the name of its file: a kernel's instructions do not
 * show in it.
 * @param {Record<string, string>} glues
 */
function twinsOf(glues) {
  /** @type {Map<string, string>} */
  const first = new Map();
  return new Map(Object.values(glues).map((file) => {
    const text = readFileSync(file, 'utf8').replaceAll(nameOf(file), '');
    const twin = first.get(text) ?? file;
    first.set(text, twin);
    return [file, twin];
  }));
}

/**
 * Provides the modules that exist only in a build.
 * @param {Record<string, string>} glues
 * @returns {Plugin}
 */
const built = (glues) => ({
  name: 'built',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^reslens-glue\// }, ({ path: name }) => {
      const file = glues[path.posix.basename(name)];
      return { path: file ?? name, namespace: file ? 'glue' : 'not-built' };
    });
    onLoad({ filter: /()/, namespace: 'not-built' }, () => ({ contents: 'export default () => ({});' }));
    const twins = twinsOf(glues);
    onLoad({ filter: /()/, namespace: 'glue' }, ({ path: file }) => ({
      contents: `import create from ${JSON.stringify(twins.get(file))};\nexport default () => create('${nameOf(file)}');`,
    }));
    onResolve({ filter: /()/, namespace: 'glue' }, ({ path: file }) => ({ path: file, namespace: 'glue-of-twins' }));
    // A module's variables exist once; a function's variables are new for every call.
    onLoad({ filter: /()/, namespace: 'glue-of-twins' }, async ({ path: file }) => {
      const { code } = await transform(readFileSync(file, 'utf8'), { ...COMMON, format: 'iife', globalName: 'glue' });
      const [before, after, ...more] = code.split(`"./${nameOf(file)}_bg.js":`);
      if (after === undefined || more.length > 0) throw new Error(`${file}: expected the name of its wasm imports once`);
      return { contents: `export default (name) => {\n${before}[\`./\${name}_bg.js\`]:${after}\nreturn glue;\n};` };
    });
    onLoad({ filter: /[\\/]lib[\\/]shared[\\/]version\.js$/ }, () => ({
      contents: `export const VERSION = '${UNNAMED}';`,
    }));
  },
});

/**
 * Returns the npm packages that files belong to, sorted.
 * @param {string[]} files
 */
export function packagesOf(files) {
  const names = files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/**
 * Bundles one script.
 * @param {Task} task
 * @param {string} entry
 * @param {'esm' | 'iife'} format
 * @param {Plugin[]} [plugins]
 */
async function bundle({ from, glues, release }, entry, format, plugins = []) {
  const { outputFiles: [file], metafile } = await build({
    ...COMMON,
    entryPoints: [path.join(from, entry)],
    bundle: true,
    format,
    minify: release,
    sourcemap: release ? false : 'inline',
    plugins: [...plugins, built(glues)],
    metafile: true,
    write: false,
  });
  const packages = packagesOf(Object.keys(metafile.inputs));
  if (packages.length > 0) throw new Error(`${entry}: the library imports no package, found ${packages}`);
  return file.text;
}

/**
 * Bundles the library's worker, and the page's scripts with it.
 * @param {Task} task
 * @param {(worker: string) => Plugin[]} [plugins] of the page's script
 * @returns {Promise<{library: string, lab: string, teach: string, worker: string}>} all with the same
 *   version
 */
export async function bundleLibrary(task, plugins = () => []) {
  // No module syntax: the worker may be started as a module and as a classic script.
  const unnamed = await bundle(task, 'worker.js', 'iife');
  const hash = createHash('sha256').update(unnamed).digest('hex').slice(0, 8);
  const name = (/** @type {string} */ script) => script.replaceAll(UNNAMED, `${task.version}+${hash}`);
  const worker = name(unnamed);
  const library = name(await bundle(task, 'reslens.js', 'esm', plugins(worker)));
  const lab = name(await bundle(task, 'lab.js', 'esm'));
  return { library, lab, teach: await bundle(task, 'teach.js', 'esm'), worker };
}
