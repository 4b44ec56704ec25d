// The packages themselves: their contents and sizes, and that importing them does no harm without a browser.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { PACKAGES, Project, tarballs } from './support/project.mjs';

const read = (...parts) => readFile(path.join(PACKAGES, ...parts), 'utf8');

describe('the packages', () => {
  let project;
  before(async () => {
    project = await Project.make('plain');
  });
  after(() => project?.remove());

  /** Runs a module in the project. */
  const node = (code) => project.run('node', '--input-type=module', '--eval', code);

  /** The engines' files, as on the site. */
  const wasm = async () => (await readdir(new URL('../../dist/', import.meta.url))).filter((file) => file.endsWith('.wasm'));

  it('contain the expected files, and nothing else', async () => {
    const dist = [
      'answers.d.ts', 'index.d.ts', 'index.js', 'inline.d.ts', 'inline.js', 'lab', 'lab.d.ts', 'lab.js', 'lab/digits.bin', 'lab/digits.md',
      'teach.d.ts', 'teach.js', 'worker.js', ...(await wasm()),
    ];
    const files = ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'bin', 'bin/reslens.js', 'dist', 'licenses.txt', 'package.json'];
    assert.deepEqual(
      (await readdir(project.at('node_modules/reslens'), { recursive: true })).sort(),
      [...files, ...dist.map((file) => `dist/${file}`)].sort(),
    );
    assert.deepEqual((await readdir(project.at('node_modules/reslens-webcam50'))).sort(), [
      'LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json', 'webcam50.safetensors',
    ]);
  });

  it('stay within their budgets', async () => {
    const [library] = await tarballs();
    // Half a megabyte of this computes gradients and trains; it is fetched only on request.
    assert.ok((await stat(library)).size < 2.6e6);
    assert.ok((await read('reslens/dist/index.js')).length < 25_000);
    assert.ok((await read('reslens/dist/worker.js')).length < 160_000);
    assert.ok((await read('reslens/dist/inline.js')).length < 600_000);
  });

  it('list the code of others that they contain, with its licences', async () => {
    const text = await read('reslens/licenses.txt');
    // Beside the package rather than in it, because of its size.
    const bill = JSON.parse(await read('reslens/sbom.cdx.json'));
    assert.equal(bill.bomFormat, 'CycloneDX');
    const crates = bill.components.filter(({ purl, hashes }) => purl && hashes);
    assert.ok(crates.length > 150, `${crates.length} crates`);
    for (const { name, version } of crates) assert.ok(text.includes(`\n${name} ${version}: `), name);
    // The package's scripts contain no code of others.
    assert.deepEqual(bill.components.filter(({ purl }) => purl?.startsWith('pkg:npm/')), []);
    for (const file of await wasm()) {
      const { hashes: [{ content }] } = bill.components.find(({ name }) => name === file);
      assert.equal(content, createHash('sha256').update(await readFile(path.join(PACKAGES, 'reslens/dist', file))).digest('hex'));
    }
  });

  it('write addresses as bundlers understand them', async () => {
    const worker = await read('reslens/dist/worker.js');
    assert.doesNotMatch(worker, /\bimport\s*[({.]|\bexport\b|import\.meta/);
    const index = await read('reslens/dist/index.js');
    assert.equal(index.split('new Worker(new URL(').length, 2);
    const addresses = [...index.matchAll(/new URL\(("[^"]*"|[^,()]*), ?import\.meta\.url\)/g)];
    assert.equal(addresses.length, index.split('import.meta').length - 1, 'import.meta stands by itself');
    for (const [, address] of addresses) assert.match(address, /^"\.\/[\w-]+\.(js|wasm)"$/);
    assert.doesNotMatch(await read('reslens/dist/inline.js'), /import\.meta/);
  });

  it('pass publint', async () => {
    for (const name of ['reslens', 'reslens-webcam50']) {
      await project.tool('publint', `node_modules/${name}`, '--strict');
    }
  });

  it('can be imported in Node, where `load` says what is missing', async () => {
    const told = await node(`
      import { Classifier } from 'reslens';
      import { Classifier as Inline } from 'reslens/inline';
      import { webcam50 } from 'reslens-webcam50';
      for (const each of [Classifier, Inline]) {
        await each.load({ model: webcam50() }).catch(({ name, message }) => console.log(name, message));
      }
    `);
    assert.deepEqual(
      told.trim().split('\n'),
      Array(2).fill('BackendUnavailable reslens needs a browser: there is no Worker here; load it where the page runs'),
    );
  });

  it('state the hash of the model', async () => {
    const [hash, address] = (await node(`
      import { sha256, webcam50 } from 'reslens-webcam50';
      console.log(sha256, webcam50().href);
    `)).trim().split(' ');
    assert.equal(hash, createHash('sha256').update(await readFile(new URL(address))).digest('hex'));
  });

  it('npx reslens copy reports what it does, and prints its usage', async () => {
    const told = await project.run('npx', 'reslens', 'copy', 'public/reslens');
    assert.match(told, /public\/reslens\/worker\.js +0\.\d+ MB/);
    assert.deepEqual(
      (await readdir(project.at('public/reslens'), { recursive: true })).sort(),
      ['lab', 'lab/digits.bin', 'models', 'models/webcam50.safetensors', 'worker.js', ...(await wasm())].sort(),
    );
    await assert.rejects(project.tool('reslens', 'copy'), /usage: npx reslens copy FOLDER/);
    assert.match(await project.tool('reslens', '--help'), /usage: npx reslens copy FOLDER/);
  });
});
