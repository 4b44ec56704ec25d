// The teacher without a browser, on a classifier that answers with given features: its contract and limits, its saved
// files, and its exported model.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTensors, writeTensors } from '../../www/lib/teach/safetensors.js';
import { Taught, Teacher } from '../../www/teach.js';

const WIDTH = 8;

/** The file of a model with two layers, one of them the last. */
const FILE = writeTensors(new Map([
  ['conv1.weight', { dtype: 'F16', shape: [1, 4], data: Uint8Array.of(0, 0x3c, 1, 0, 0xff, 0x7b, 0, 0xc0) }],
  ['bn1.bias', { dtype: 'F32', shape: [1], data: Uint8Array.of(0, 0, 0x80, 0x3f) }],
  ['fc.weight', { dtype: 'F16', shape: [50, WIDTH], data: new Uint8Array(100 * WIDTH) }],
  ['fc.bias', { dtype: 'F16', shape: [50], data: new Uint8Array(100) }],
]), { 'reslens.input_size': '128', 'reslens.abstain_below': '0.9', 'reslens.licence': 'for tests' });

/** A classifier whose pictures are their features. */
const classifier = (changes = {}) => /** @type {any} */ ({
  model: { architecture: 'resnet18', features: WIDTH, sha256: 'a1'.repeat(32), ...changes },
  async classify(source, { features, signal }) {
    signal?.throwIfAborted();
    assert.equal(features, true);
    return { predictions: [], abstained: false, features: Float32Array.from(source), timings: {} };
  },
  modelFile: async () => FILE,
});

/** Features of a class, `[D]`: each picture's a little different. */
const picture = (index, i) =>
  Array.from({ length: WIDTH }, (_, j) => (j === index ? 3 : 0) + Math.abs(Math.sin(1 + 7 * i + 3 * j + 11 * index)) / 3);

/** Shows `takes` × `shots` examples of each label to a new teacher. */
async function taught(labels, takes, shots, of = classifier()) {
  const teacher = new Teacher(of, { name: 'kitchen' });
  for (const [index, label] of labels.entries()) {
    for (let take = 0; take < takes; take++) {
      for (let i = 0; i < shots; i++) {
        await teacher.show(label, /** @type {any} */ (picture(index, take * shots + i)), { take: String(take) });
      }
    }
  }
  return teacher;
}

/** The error of a refusal with this message. */
const refused = (message) => ({ name: 'InputInvalid', message });

describe('a teacher', () => {
  it('keeps examples, forgets and renames', async () => {
    const teacher = await taught(['mug', 'spoon'], 1, 2);
    assert.deepEqual(teacher.labels, ['mug', 'spoon']);
    assert.deepEqual(teacher.examples.map(({ id, label, take }) => [id, label, take]), [
      ['1', 'mug', '0'], ['2', 'mug', '0'], ['3', 'spoon', '0'], ['4', 'spoon', '0'],
    ]);
    teacher.rename('mug', 'cup');
    teacher.forget('2');
    assert.deepEqual(teacher.examples.map(({ id, label }) => [id, label]), [['1', 'cup'], ['3', 'spoon'], ['4', 'spoon']]);
    assert.throws(() => teacher.rename('cup', 'spoon'), refused('to: expected a new label, found "spoon"'));
    assert.throws(() => teacher.rename('mug', 'jug'), refused('from: expected a label, found "mug"'));
    assert.throws(() => teacher.forget('2'), refused('id: expected that of an example, found "2"'));
    assert.equal((await teacher.show('cup', /** @type {any} */ (picture(0, 9)))).id, '5', 'an id is never given twice');
  });

  it('learns two classes, and distinguishes them from each other and from anything else', async () => {
    const learnt = (await taught(['mug', 'spoon'], 2, 5)).learn();
    assert.ok(learnt instanceof Taught);
    for (const index of [0, 1]) {
      // In the middle of the examples.
      const middle = Array.from({ length: WIDTH }, (_, j) => (j === index ? 3 : 0) + 0.2);
      const { predictions, none } = learnt.predict(Float32Array.from(middle));
      assert.deepEqual([predictions[0].label, predictions[0].index, none], [['mug', 'spoon'][index], index, false]);
      assert.ok(Math.abs(predictions[0].probability + predictions[1].probability - 1) < 1e-9);
      assert.ok(predictions[0].logit > predictions[1].logit);
    }
    const stranger = Float32Array.from(picture(5, 50));
    assert.equal(learnt.predict(stranger).none, true);
    assert.equal((await taught(['mug', 'spoon'], 2, 5)).learn({ none: false }).predict(stranger).none, false);
  });

  it('answers like a classifier', async () => {
    const learnt = (await taught(['mug', 'spoon', 'fork'], 2, 4)).learn();
    const source = /** @type {any} */ (picture(2, 50));
    const { predictions, abstained, none } = await learnt.classify(source, { topK: 2 });
    assert.deepEqual([predictions.length, predictions[0].label, abstained, none], [2, 'fork', false, false]);
    assert.equal((await learnt.classify(source)).predictions.length, 3);
    await assert.rejects(learnt.classify(source, { topK: 4 }), refused('topK: expected a whole number from 1 to 3, found 4'));
    await assert.rejects(learnt.classify(source, { cam: true }), { name: 'InputInvalid', message: /^cam: expected false/ });
    assert.throws(() => learnt.predict(new Float32Array(3)), refused('features: expected a Float32Array of 8 values, found 3'));
  });

  it('gives classifiers that do not change when it is shown more', async () => {
    const teacher = await taught(['mug', 'spoon'], 1, 3);
    const learnt = teacher.learn();
    await teacher.show('fork', /** @type {any} */ (picture(2, 0)));
    assert.deepEqual(learnt.labels, ['mug', 'spoon']);
    assert.deepEqual(teacher.learn().labels, ['mug', 'spoon', 'fork']);
  });

  it('refuses arguments that are out of bounds', async () => {
    const teacher = new Teacher(classifier());
    assert.throws(() => teacher.learn(), { name: 'InputInvalid', message: /at least 2 labels, found 0: show/ });
    await teacher.show('mug', /** @type {any} */ (picture(0, 0)));
    assert.throws(() => teacher.learn(), { name: 'InputInvalid', message: /at least 2 labels, found 1 \("mug"\)/ });
    for (const label of ['', ' ', 'x'.repeat(201), 5, null]) {
      await assert.rejects(teacher.show(/** @type {any} */ (label), /** @type {any} */ (picture(0, 0))), { name: 'InputInvalid', message: /^label: expected a string of 1 to 200 characters/ });
    }
    for (let i = 1; i < 100; i++) await teacher.show(`class ${i}`, /** @type {any} */ (picture(0, i)));
    await assert.rejects(teacher.show('one more', /** @type {any} */ (picture(0, 0))), { name: 'InputInvalid', message: /at most 100 labels/ });
    for (let i = 100; i < 5000; i++) await teacher.show('mug', /** @type {any} */ (picture(0, i)));
    await assert.rejects(teacher.show('mug', /** @type {any} */ (picture(0, 0))), { name: 'InputInvalid', message: /at most 5000, found one more/ });
    assert.equal(teacher.examples.length, 5000);
  });

  it('keeps nothing of a call that fails', async () => {
    const teacher = new Teacher(classifier());
    await assert.rejects(teacher.show('mug', /** @type {any} */ (picture(0, 0)), { signal: AbortSignal.abort() }));
    assert.deepEqual(teacher.examples, []);
  });
});

describe('an examination', () => {
  it('gives no result for a class with a single take', async () => {
    const teacher = await taught(['mug', 'spoon'], 1, 5);
    for (const { accuracy, interval, takes } of [teacher.examine()]) assert.deepEqual({ accuracy, interval, takes }, { accuracy: null, interval: null, takes: 2 });
    await teacher.show('mug', /** @type {any} */ (picture(0, 7)), { take: 'second' });
    assert.equal(teacher.examine().accuracy, null, 'the other class has one take still');
    assert.equal(new Teacher(classifier()).examine().accuracy, null);
  });

  it('counts takes, not frames', async () => {
    const { accuracy, interval, takes, confusion, weakest, labels, refusedUnknown } = (await taught(['mug', 'spoon'], 3, 4)).examine();
    assert.deepEqual({ accuracy, takes, labels, weakest, refusedUnknown }, { accuracy: 1, takes: 6, labels: ['mug', 'spoon'], weakest: [], refusedUnknown: null });
    assert.deepEqual(confusion, [[12, 0], [0, 12]]);
    assert.deepEqual(interval?.map((value) => Number(value.toFixed(3))), [0.61, 1]);
  });

  it('reports the pair that is confused, and how many other pictures are refused', async () => {
    const teacher = await taught(['mug', 'spoon', 'fork'], 2, 3);
    // A different kind of fork looks like a spoon.
    for (const take of ['a', 'b']) await teacher.show('fork', /** @type {any} */ (picture(1, take === 'a' ? 30 : 40)), { take });
    const { accuracy, weakest, refusedUnknown } = teacher.examine();
    assert.ok(accuracy !== null && accuracy < 1 && accuracy > 0.5, String(accuracy));
    assert.deepEqual(weakest, ['fork', 'spoon']);
    assert.ok(refusedUnknown !== null && refusedUnknown >= 0 && refusedUnknown <= 1);
  });

  it('does not rise with duplicates, neither within a take nor in another one', async () => {
    const noisy = async (copies, otherTake) => {
      const teacher = await taught(['mug', 'spoon'], 2, 3);
      const odd = /** @type {any} */ (picture(1, 30));
      for (let i = 0; i < copies; i++) await teacher.show('mug', odd, { take: otherTake ? `copy ${i}` : 'odd' });
      return teacher.examine();
    };
    const once = await noisy(1, false);
    assert.ok(once.accuracy !== null && once.accuracy < 1);
    assert.deepEqual(await noisy(5, false), once);
    assert.deepEqual(await noisy(5, true), { ...once });
  });
});

describe('a saved teacher', () => {
  it('is the same when it is opened again, and learns the same bits', async () => {
    const teacher = await taught(['mug', 'spoon'], 2, 3);
    teacher.forget('1');
    const again = await Teacher.open(teacher.save(), classifier());
    assert.deepEqual(again.examples, teacher.examples);
    assert.equal(again.name, 'kitchen');
    const bytes = async (each) => new Uint8Array(await (await each.learn().toModel()).arrayBuffer());
    assert.deepEqual(await bytes(again), await bytes(teacher));
    assert.deepEqual(await again.save().text(), await teacher.save().text());
    assert.equal((await again.show('mug', /** @type {any} */ (picture(0, 0)))).id, '13');
    const empty = await Teacher.open(new Teacher(classifier()).save(), classifier());
    assert.deepEqual(empty.examples, []);
  });

  it('belongs to its model, and names both', async () => {
    const saved = (await taught(['mug', 'spoon'], 1, 1)).save();
    const other = classifier({ sha256: 'b2'.repeat(32) });
    await assert.rejects(Teacher.open(saved, other), ({ name, message }) => {
      assert.equal(name, 'ModelInvalid');
      for (const hash of ['a1'.repeat(32), 'b2'.repeat(32)]) assert.ok(message.includes(hash), message);
      return true;
    });
    // Where a page cannot compute hashes, the architecture decides.
    await Teacher.open(saved, classifier({ sha256: null }));
    await assert.rejects(Teacher.open(saved, classifier({ sha256: null, architecture: 'resnet34' })), { name: 'ModelInvalid', message: /"resnet34".*"resnet18"/ });
  });

  it('is refused if it is cut, damaged or another kind of file', async () => {
    const saved = (await taught(['mug', 'spoon'], 1, 2)).save();
    const bytes = new Uint8Array(await saved.arrayBuffer());
    for (const length of [0, 4, 8, 100, bytes.length - 1]) {
      await assert.rejects(Teacher.open(new Blob([bytes.slice(0, length)]), classifier()), { name: 'InputInvalid', message: /^file: expected .*found / }, String(length));
    }
    await assert.rejects(Teacher.open(FILE, classifier()), refused("file: expected what Teacher.save writes (metadata 'reslens.teacher'), found another safetensors file"));
    await assert.rejects(Teacher.open(/** @type {any} */ ('a file'), classifier()), refused('file: expected a Blob, found "a file"'));
    const { tensors, metadata } = await readTensors(saved);
    const changed = (change) => {
      const about = JSON.parse(metadata['reslens.teacher']);
      change(about);
      return writeTensors(tensors, { 'reslens.teacher': JSON.stringify(about) });
    };
    for (const change of [
      (about) => (about.version = 2),
      (about) => about.examples.pop(),
      (about) => (about.examples[1].id = about.examples[0].id),
      (about) => (about.examples[0].label = ''),
      (about) => (about.examples[0].thumbnail = 5),
      (about) => (about.examples = Array(5001).fill(about.examples[0])),
      (about) => delete about.model,
    ]) {
      await assert.rejects(Teacher.open(changed(change), classifier()), { name: 'InputInvalid', message: /^file: expected / }, String(change));
    }
    const infinite = new Map(tensors).set('features', { dtype: 'F16', shape: [4, WIDTH], data: new Blob([new Uint8Array(8 * WIDTH).fill(0x7c)]) });
    await assert.rejects(Teacher.open(writeTensors(infinite, metadata), classifier()), { name: 'InputInvalid', message: /finite/ });
  });
});

describe('an exported model', () => {
  it('is the network with a new last layer, labels and thresholds', async () => {
    const learnt = (await taught(['mug', 'spoon'], 2, 3)).learn();
    const { tensors, metadata } = await readTensors(await learnt.toModel());
    assert.deepEqual([...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape]), [
      ['conv1.weight', 'F16', [1, 4]], ['bn1.bias', 'F32', [1]], ['fc.weight', 'F32', [2, WIDTH]], ['fc.bias', 'F32', [2]],
    ]);
    assert.equal(metadata['reslens.labels'], '["mug","spoon"]');
    assert.equal(metadata['reslens.input_size'], '128');
    assert.match(metadata['reslens.card'], /kitchen: taught by 12 examples of 2 labels/);
    const threshold = Number(metadata['reslens.abstain_below']);
    assert.ok(Number(metadata['reslens.temperature']) > 0 && threshold > 0.4 && threshold <= 1);
    // The exported layer's answer equals the prediction.
    const floats = async (name) => new Float32Array(await /** @type {any} */ (tensors.get(name)).data.arrayBuffer());
    const [weight, bias] = [await floats('fc.weight'), await floats('fc.bias')];
    const features = Float32Array.from(picture(1, 33));
    for (const { index, logit } of learnt.predict(features).predictions) {
      const found = features.reduce((sum, value, j) => sum + value * weight[index * WIDTH + j], bias[index]);
      assert.ok(Math.abs(found - logit) < 1e-6 * Math.abs(logit) + 1e-9);
    }
  });

  it('has kernels in the requested precision', async () => {
    const learnt = (await taught(['mug', 'spoon'], 1, 2)).learn();
    const kernels = async (dtype) => (await readTensors(await learnt.toModel({ dtype }))).tensors.get('conv1.weight');
    const single = /** @type {any} */ (await kernels('F32'));
    assert.equal(single.dtype, 'F32');
    assert.deepEqual([...new Float32Array(await single.data.arrayBuffer())], [1, 2 ** -24, 65504, -2]);
    assert.equal((await kernels('F16'))?.dtype, 'F16');
    await assert.rejects(learnt.toModel({ dtype: /** @type {any} */ ('I8') }), refused("dtype: expected 'F16' or 'F32', found \"I8\""));
  });
});
