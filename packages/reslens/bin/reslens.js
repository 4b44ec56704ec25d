#!/usr/bin/env node
// Copies the files that the library loads at run time into a folder that a server serves.

import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const USAGE = `usage: npx reslens copy FOLDER

Copies worker.js, the wasm files and the lab's digits into FOLDER, and the model, if reslens-webcam50 is installed, to FOLDER/models.
FOLDER is one that your server serves, such as public/reslens. Then tell the library its address:

    Classifier.load({ assets: '/reslens/' })
`;

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

/** Copies a file, and prints its path. */
function copy(from, folder) {
  const to = path.join(folder, path.basename(from));
  mkdirSync(folder, { recursive: true });
  cpSync(from, to);
  console.log(`${to}  ${(statSync(to).size / 1e6).toFixed(2)} MB`);
}

/** The model of reslens-webcam50 if that is installed, as seen from the working folder. */
function findModel() {
  try {
    const require = createRequire(path.join(process.cwd(), 'package.json'));
    return require.resolve('reslens-webcam50/webcam50.safetensors');
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

const [command, folder, ...rest] = process.argv.slice(2);
if (command === '--help' || command === '-h') {
  console.log(USAGE);
} else if (command === 'copy' && folder && rest.length === 0) {
  const files = readdirSync(DIST).filter((file) => file === 'worker.js' || file.endsWith('.wasm'));
  for (const file of files) copy(path.join(DIST, file), folder);
  copy(path.join(DIST, 'lab/digits.bin'), path.join(folder, 'lab'));
  const model = findModel();
  if (model) copy(model, path.join(folder, 'models'));
} else {
  console.error(USAGE);
  process.exitCode = 1;
}
