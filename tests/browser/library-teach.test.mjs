// Teaching on both engines: what is learnt on one is valid on the other, and the exported model is an ordinary one.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, WEBGPU } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { randomModel } from './support/random-model.mjs';
import { startSite } from './support/site.mjs';

const PYTHON = process.env.RESLENS_PYTHON ?? 'python3';
const SCRIPT = fileURLToPath(new URL('../fixtures/load_exported.py', import.meta.url));

/** Renames a model file's tensors as `DataParallel` does. @param {Buffer} file */
function prefixed(file) {
  const end = 8 + Number(file.readBigUInt64LE());
  const { __metadata__: metadata, ...tensors } = JSON.parse(file.subarray(8, end).toString());
  const renamed = Object.entries(tensors).map(([name, entry]) => [`module.${name}`, entry]);
  const header = Buffer.from(JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(renamed) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, file.subarray(end)]);
}

describe('teaching', () => {
  let browser, site, library, page, folder;
  before(async () => {
    [browser, site, folder] = await Promise.all([launch(WEBGPU), startSite(), mkdtemp(join(tmpdir(), 'reslens-'))]);
    library = await openLibrary(browser, site.url);
    page = library.page;
    const random = randomModel('resnet18', { inputSize: 64, classes: 5 });
    const given = { random, prefixed: prefixed(random) };
    await page.route('**/given/*', async (route) => {
      const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
      await route.fulfill({ body: given[name], contentType: 'application/octet-stream' });
    });
    await page.evaluate(load);
  });
  after(async () => {
    await library?.close();
    await Promise.all([browser?.close(), site?.stop(), folder && rm(folder, { recursive: true })]);
  });

  it('what is learnt on one engine is valid on the other', async () => {
    const found = await page.evaluate(async () => {
      const [gpu, cpu] = [taught.gpu, taught.cpu].map((teacher) => teacher.learn());
      const answers = [];
      for (let i = 0; i < 6; i++) {
        const label = LABELS[i % 3];
        const [{ features }, own] = [await classifiers.gpu.classify(look(label, 20 + i), { features: true }), await gpu.classify(look(label, 20 + i), { topK: 1 })];
        const [there, here] = [cpu.predict(features), gpu.predict(features)];
        const size = Math.max(...here.predictions.map(({ logit }) => Math.abs(logit)));
        const off = Math.max(...here.predictions.map(({ index, logit }) => Math.abs(logit - there.predictions.find((other) => other.index === index).logit)));
        answers.push({ label, said: there.predictions[0].label, own: own.predictions[0].label, off: off / size });
      }
      return answers;
    });
    for (const { label, said, own, off } of found) {
      assert.deepEqual([said, own], [label, label]);
      assert.ok(off < 2e-2, String(off));
    }
  });

  it('an answer has the other requested parts', async () => {
    const { taps, stats, predictions, none } = await page.evaluate(async () => {
      const answer = await taught.cpu.learn().classify(look('stripes', 30), { taps: ['layer1.0'], stats: 'all', ablate: ['layer2.1'] });
      return { ...answer, taps: answer.taps.length, stats: answer.stats.length };
    });
    assert.deepEqual([taps, stats, predictions.length, typeof none], [1, 8, 3, 'boolean']);
  });

  it('an example may have a thumbnail, which is saved with it', async () => {
    const found = await page.evaluate(async () => {
      const teacher = new Teacher(classifiers.cpu);
      const shown = await teacher.show('stripes', look('stripes', 1), { thumbnail: true });
      const blob = await new Promise((resolve) => look('stripes', 2).toBlob(resolve));
      await teacher.show('stripes', blob, { thumbnail: true });
      const again = await Teacher.open(teacher.save(), classifiers.cpu);
      const sizes = await Promise.all(again.examples.map(async ({ thumbnail }) => {
        const { width, height } = await createImageBitmap(thumbnail);
        return [width, height, thumbnail.type];
      }));
      const bytes = await Promise.all([shown.thumbnail, again.examples[0].thumbnail].map((each) => each.arrayBuffer()));
      return { sizes, same: new Uint8Array(bytes[0]).every((byte, i) => byte === new Uint8Array(bytes[1])[i]) };
    });
    assert.deepEqual(found, { sizes: Array(2).fill([96, 96, 'image/jpeg']), same: true });
  });

  it('the exported model answers the same, on both engines', async () => {
    const answers = await page.evaluate(async () => {
      const learnt = taught.cpu.learn();
      const model = await learnt.toModel();
      const found = [];
      for (const backend of /** @type {const} */ (['cpu', 'webgpu'])) {
        const own = await Classifier.load({ model, backend, threads: 1 });
        const { labels, inputSize, sha256 } = own.model;
        for (let i = 0; i < 5; i++) {
          const [expected, { predictions }] = [await learnt.classify(look(LABELS[i % 3], 40 + i)), await own.classify(look(LABELS[i % 3], 40 + i), { taps: 'all', stats: 'all', cam: true })];
          found.push({ expected: expected.predictions, predictions, labels, inputSize, other: sha256 !== classifiers.cpu.model.sha256 });
        }
        await own.dispose();
      }
      return found;
    });
    assert.equal(answers.length, 10);
    for (const { expected, predictions, labels, inputSize, other } of answers) {
      assert.deepEqual({ labels, inputSize, other }, { labels: ['stripes', 'dots', 'sky'], inputSize: 128, other: true });
      assert.equal(predictions[0].label, expected[0].label);
      const size = Math.max(...expected.map(({ logit }) => Math.abs(logit)));
      for (const { index, logit, probability } of predictions) {
        const own = expected.find((each) => each.index === index);
        assert.ok(Math.abs(own.logit - logit) < 1e-3 * size, `${own.logit} ${logit}`);
        assert.ok(Math.abs(own.probability - probability) < 1e-2, `${own.probability} ${probability}`);
      }
    }
  });

  it('PyTorch loads the exported model, and gives the same logits', async (test) => {
    const { status } = spawnSync(PYTHON, ['-c', 'import torch, safetensors']);
    if (status !== 0) return test.skip(`${PYTHON} has no torch: RESLENS_PYTHON names one that has`);
    const { base64, logits } = await page.evaluate(async () => {
      const model = await taught.cpu.learn().toModel();
      const own = await Classifier.load({ model, backend: 'cpu', threads: 1 });
      const wave = Float32Array.from({ length: 3 * 128 * 128 }, (_, i) => Math.sin(i / 50));
      const { logits } = await own.logits(wave);
      await own.dispose();
      const reader = new FileReader();
      reader.readAsDataURL(model);
      await new Promise((resolve) => (reader.onload = resolve));
      return { base64: String(reader.result).split(',')[1], logits: [...logits] };
    });
    const file = join(folder, 'taught.safetensors');
    await writeFile(file, Buffer.from(base64, 'base64'));
    const python = spawnSync(PYTHON, [SCRIPT, file], { encoding: 'utf8' });
    assert.equal(python.status, 0, python.stderr);
    const expected = JSON.parse(python.stdout);
    const size = Math.max(...expected.map(Math.abs));
    expected.forEach((logit, i) => assert.ok(Math.abs(logit - logits[i]) < 1e-3 * size, `${logit} ${logits[i]}`));
  });

  it('a model with other names than torchvision’s is exported with its own names', async () => {
    const names = await page.evaluate(async () => {
      const own = await Classifier.load({ model: 'given/prefixed', backend: 'cpu', threads: 1 });
      const teacher = new Teacher(own);
      for (const label of LABELS) for (let i = 0; i < 2; i++) await teacher.show(label, look(label, i));
      const model = await teacher.learn().toModel();
      await own.dispose();
      const length = Number(new DataView(await model.slice(0, 8).arrayBuffer()).getBigUint64(0, true));
      return Object.keys(JSON.parse(await model.slice(8, 8 + length).text()));
    });
    assert.ok(names.includes('layer1.0.conv1.weight') && names.includes('fc.weight'), names.join());
    assert.deepEqual(names.filter((name) => name.startsWith('module.')), []);
  });

  it('another model refuses the examples, and a disposed classifier refuses new ones', async () => {
    const found = await page.evaluate(async () => {
      const other = await Classifier.load({ model: 'given/random', backend: 'cpu', threads: 1 });
      const refused = await outcome(Teacher.open(taught.cpu.save(), other));
      const teacher = new Teacher(other);
      await teacher.show('stripes', look('stripes', 0));
      await teacher.show('dots', look('dots', 0));
      const open = outcome(teacher.show('dots', look('dots', 1)));
      await other.dispose();
      const ended = [await open, await outcome(teacher.show('dots', look('dots', 2))), await outcome(teacher.learn().toModel())];
      const hashes = [other.model.sha256, classifiers.cpu.model.sha256];
      return { refused, ended: ended.map(({ name }) => name), count: teacher.examples.length, hashes };
    });
    assert.equal(found.refused.name, 'ModelInvalid');
    for (const hash of found.hashes) assert.ok(found.refused.message.includes(hash), found.refused.message);
    assert.deepEqual([found.ended, found.count], [['Disposed', 'Disposed', 'Disposed'], 2]);
  });

  /** Loads both engines and teaches three kinds of pictures on each. */
  async function load() {
    const { Teacher } = await import(new URL('teach.js', document.baseURI).href);
    const LABELS = ['stripes', 'dots', 'sky'];
    /** Draws a picture of a kind, each a little different. */
    const look = (label, i) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: 128, height: 128 });
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.fillStyle = label === 'sky' ? `hsl(${200 + 3 * i} 80% 70%)` : '#eee';
      context.fillRect(0, 0, 128, 128);
      context.fillStyle = `hsl(${7 * i} 70% 40%)`;
      for (let at = 0; at < 8; at++) {
        if (label === 'stripes') context.fillRect(16 * at + (i % 8), 0, 8, 128);
        if (label !== 'dots') continue;
        for (let row = 0; row < 8; row++) {
          context.beginPath();
          context.arc(16 * at + 8, 16 * row + (i % 8), 5, 0, 7);
          context.fill();
        }
      }
      return canvas;
    };
    const classifiers = /** @type {any} */ ({});
    const taught = /** @type {any} */ ({});
    for (const [name, backend] of /** @type {const} */ ([['cpu', 'cpu'], ['gpu', 'webgpu']])) {
      classifiers[name] = await Classifier.load({ backend, threads: 1 });
      taught[name] = new Teacher(classifiers[name], { name });
      for (const label of LABELS) {
        for (let i = 0; i < 6; i++) await taught[name].show(label, look(label, i), { take: i < 3 ? 'a' : 'b' });
      }
    }
    Object.assign(globalThis, { Teacher, LABELS, look, classifiers, taught });
  }
});
