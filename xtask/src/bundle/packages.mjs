// Assembles the folders of the two npm packages: the files of packages/, the library of dist/, the model.
//
// Usage: node packages.mjs TASK, in JSON; besides what `library.mjs` needs, `root` is the clone, with dist/ in it

import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleInline } from './inline.mjs';

/** @type {import('./library.mjs').Task & {root: string}} */
const task = JSON.parse(process.argv[2]);
const { root, to, version } = task;

const MODEL = 'webcam50.safetensors';

/** Changes a text file; fails if there is nothing to change. */
function edit(file, text, replacement) {
  const before = readFileSync(file, 'utf8');
  if (!before.includes(text)) throw new Error(`${file}: expected ${text}`);
  writeFileSync(file, before.replace(text, () => replacement));
}

/** The library: the site's files under a package's names. */
async function makeLibrary() {
  const from = path.join(root, 'dist');
  const folder = path.join(to, 'reslens');
  const same = ['answers.d.ts', 'lab.d.ts', 'lab.js', 'teach.d.ts', 'teach.js', 'worker.js'];
  const files = readdirSync(from).filter((file) => same.includes(file) || file.endsWith('.wasm'));
  for (const file of files) cpSync(path.join(from, file), path.join(folder, 'dist', file));
  for (const extension of ['js', 'd.ts']) {
    cpSync(path.join(from, `reslens.${extension}`), path.join(folder, 'dist', `index.${extension}`));
  }
  for (const name of ['digits.bin', 'digits.md']) cpSync(path.join(from, 'lab', name), path.join(folder, 'dist/lab', name));
  for (const types of ['lab.d.ts', 'teach.d.ts']) edit(path.join(folder, 'dist', types), "'./reslens.js'", "'./index.js'");
  writeFileSync(path.join(folder, 'dist/inline.js'), await bundleInline(task, from));
  writeFileSync(path.join(folder, 'dist/inline.d.ts'), "export * from './index.js';\n");
  for (const file of ['LICENSE-APACHE', 'LICENSE-MIT']) cpSync(path.join(root, file), path.join(folder, file));
  edit(path.join(folder, 'package.json'), '"version": "0.0.0"', `"version": "${version}"`);
}

/** The model. Its card follows the package's README, without pictures and without links into the clone. */
function makeModel() {
  const folder = path.join(to, 'reslens-webcam50');
  const model = path.join(root, 'models', MODEL);
  cpSync(model, path.join(folder, MODEL));
  edit(path.join(folder, 'index.js'), '@SHA256@', createHash('sha256').update(readFileSync(model)).digest('hex'));
  const card = readFileSync(path.join(root, 'models/README.md'), 'utf8')
    .replaceAll(/^!\[.*\n/gm, '')
    .replaceAll(/\[([^\]]*)\]\((?!https?:)[^)]*\)/g, '$1')
    .replace(/^# .*\n/, '## The model\n')
    .replaceAll(/^## (?!The model)/gm, '### ');
  edit(path.join(folder, 'README.md'), '@CARD@\n', card);
}

rmSync(to, { recursive: true, force: true });
cpSync(path.join(root, 'packages'), to, { recursive: true });
makeModel();
await makeLibrary();
