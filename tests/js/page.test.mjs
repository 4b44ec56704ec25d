// The page's pure parts: figures, geometry, the network's structure, parameters, timing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Announcer } from '../../www/app/device/announcer.js';
import { listed, peak } from '../../www/app/text/channels.js';
import { exact, figure, millions, paceWords, percent, points, progressLine, progressShare } from '../../www/app/text/format.js';
import { contain, crop, cropInBox } from '../../www/app/text/geometry.js';
import { Latest } from '../../www/app/control/latest.js';
import { FrameRate } from '../../www/app/text/frame-rate.js';
import { convolutionText, firstCloseup, isInterim, shortcutName, weightedLayers } from '../../www/app/text/network.js';
import { readParams } from '../../www/app/text/params.js';
import { SmoothedPredictions } from '../../www/app/text/smoothed-predictions.js';
import { framesAtOnce, initialState } from '../../www/app/text/state.js';
import { sentence, tookOver } from '../../www/app/text/messages.js';

/** @import { Backend, Convolution, Model, Progress } from '../../www/app/types.js' */

/**
 * A model with the given blocks in each of four stages, at 224 pixels.
 * @param {'basic'|'bottleneck'} kind
 * @param {number[]} depths
 * @returns {Model}
 */
function model(kind, depths) {
  const expansion = kind === 'basic' ? 1 : 4;
  const kernels = kind === 'basic' ? [3, 3] : [1, 3, 1];
  /** @type {Convolution['input']} */
  let input = [64, 56, 56];
  const blocks = depths.flatMap((depth, stage) => Array.from({ length: depth }, (_, index) => {
    const name = `layer${stage + 1}.${index}`;
    const projected = index === 0 && (stage > 0 || expansion > 1);
    const stride = index === 0 && stage > 0 ? 2 : 1;
    const side = 56 >> stage;
    /** @type {Convolution['input']} */
    const shape = [(64 << stage) * expansion, side, side];
    const convs = kernels.map((kernel, position) => {
      const strided = kernel === 3 && kernels.indexOf(3) === position ? stride : 1;
      const channels = position === kernels.length - 1 ? shape[0] : 64 << stage;
      return { name: `${name}.conv${position + 1}`, kernel, stride: strided, input, output: [channels, side, side] };
    });
    const projection = projected ? { name: `${name}.downsample.0`, kernel: 1, stride, input, output: shape } : null;
    input = shape;
    return { name, kind, shortcut: projected ? 'projection' : 'identity', shape, convs, projection };
  }));
  const model = { blocks, inputSize: 224, licence: null, card: null };
  return /** @type {Model} */ (/** @type {unknown} */ (model));
}

test('figures keep their significant digits', () => {
  assert.deepEqual([percent(0.9123), percent(1)], ['91.2\u00a0%', '100.0\u00a0%']);
  assert.deepEqual([points(0.1), points(-0.1), points(-1e-9)], ['+10.0', '−10.0', '±0.0']);
  assert.deepEqual([figure(0), figure(-1.234), figure(12345), figure(0.00001)], ['0', '−1.23', '12300', '1.0e-5']);
  assert.deepEqual([exact(-0.5), exact(-0.00001)], ['−0.5000', '0.0000']);
  assert.equal(millions(11_689_512), '11.7\u00a0M');
});

test('progress is given in bytes, phase by phase', () => {
  /** @type {Progress[]} */
  const phases = [
    { phase: 'runtime', loaded: 4e5, total: 6e5, fromCache: false },
    { phase: 'weights', loaded: 8.1e6, total: 22.4e6, fromCache: false },
  ];
  assert.equal(progressLine(phases), 'runtime 0.4 of 0.6\u00a0MB · weights 8.1 of 22.4\u00a0MB (cached next time)');
  const [runtime, weights] = phases.map((phase) => ({ ...phase, loaded: phase.total ?? 0 }));
  assert.equal(progressLine([runtime]), 'runtime 0.6 of 0.6\u00a0MB');
  const compile = { ...phases[0], phase: /** @type {const} */ ('compile'), loaded: 1, total: 3 };
  assert.equal(progressLine([runtime, weights, compile]), 'compiling 1 of 3');
  assert.ok(Math.abs((progressShare(phases) ?? 0) - 8.5 / 23) < 1e-9);
  assert.equal(progressShare([{ ...phases[0], total: null }]), null);
  assert.equal(progressShare([]), null);
});

test('the network’s view is the central square', () => {
  assert.deepEqual(crop(300, 200, { inputSize: 96, resize: 96 }), { left: 50, top: 0, width: 200, height: 200 });
  assert.deepEqual(crop(256, 512, { inputSize: 224, resize: 256 }), { left: 16, top: 144, width: 224, height: 224 });
  assert.deepEqual(contain(200, 100, { width: 100, height: 100 }), { left: 0, top: 25, width: 100, height: 50, scale: 0.5 });
  const seen = cropInBox({ width: 200, height: 100 }, { width: 100, height: 100 }, { inputSize: 1, resize: 1 });
  assert.deepEqual(seen, { left: 25, top: 25, width: 50, height: 50 });
});

test('layers are counted from the blocks', () => {
  assert.equal(weightedLayers(model('basic', [2, 2, 2, 2]).blocks), 18);
  assert.equal(weightedLayers(model('basic', [3, 4, 6, 3]).blocks), 34);
  assert.equal(weightedLayers(model('bottleneck', [3, 4, 6, 3]).blocks), 50);
});

test('convolutions and shortcuts are named as the model reports them', () => {
  const small = model('basic', [2, 2, 2, 2]).blocks;
  assert.equal(convolutionText(small[2].convs[0]), '3×3, 64 → 128, s2');
  assert.equal(convolutionText(small[3].convs[1]), '3×3, 128 → 128');
  assert.equal(shortcutName(small[0]), 'identity');
  assert.equal(shortcutName(small[2]), 'projected x · 1×1,\u00a0s2');
  assert.equal(shortcutName(model('bottleneck', [3, 4, 6, 3]).blocks[0]), 'projected x · 1×1,\u00a0s1');
  assert.equal(firstCloseup(small), 'layer3.1');
});

test('a model is interim if its own card says so', () => {
  const plain = model('basic', [1, 1, 1, 1]);
  assert.equal(isInterim(plain), false);
  assert.equal(isInterim({ ...plain, card: 'Interim checkpoint.' }), true);
});

test('parameters are read, and models come only from the page’s own origin', () => {
  const page = 'https://example.org/a/index.html';
  assert.deepEqual(readParams('?backend=cpu&threads=2', page), { backend: 'cpu', threads: 2 });
  assert.deepEqual(readParams('?model=m.safetensors&threads=auto', page), {
    model: 'https://example.org/a/m.safetensors',
    threads: 'auto',
  });
  assert.throws(() => readParams('?model=https://other.example/m', page), /nothing from other sites.*Download/);
  Object.assign(URL, { canParse: undefined }); // Chrome has it since 120, Safari since 17
  assert.throws(() => readParams('?model=http://[', page), /^Error: \?model=http:\/\/\[: this is not a URL\.$/);
  assert.throws(() => readParams('?threads=two', page), /whole number/);
});

test('the newest request wins, one at a time', async () => {
  /** @type {number[]} */
  const served = [];
  /** @type {(() => void)[]} */
  const finish = [];
  const latest = new Latest(async (/** @type {number} */ request) => {
    served.push(request);
    await new Promise((/** @type {(value?: undefined) => void} */ resolve) => finish.push(resolve));
  });
  const done = latest.submit(1);
  latest.submit(2);
  latest.submit(3);
  assert.deepEqual(served, [1]);
  finish[0]();
  await Promise.resolve().then(() => {}).then(() => {});
  assert.deepEqual(served, [1, 3]);
  finish[1]();
  await done;
});

test('a replaced request is told so, and where two may be in flight, two are', async () => {
  /** @type {number[]} */
  const served = [];
  /** @type {((answer: string) => void)[]} */
  const finish = [];
  let most = 2;
  const latest = new Latest(
    (/** @type {number} */ request) => {
      served.push(request);
      return new Promise((/** @type {(answer: string) => void} */ resolve) => finish.push(resolve));
    },
    () => most,
  );
  const [first, second, third, fourth] = [1, 2, 3, 4].map((request) => latest.submit(request));
  assert.deepEqual(served, [1, 2]);
  assert.equal(await third, undefined);
  most = 1;
  finish[0]('one');
  assert.equal(await first, 'one');
  assert.deepEqual(served, [1, 2], 'one is still under way, and one is enough now');
  let idle = false;
  const rest = latest.idle().then(() => (idle = true));
  finish[1]('two');
  assert.equal(await second, 'two');
  assert.deepEqual([served, idle], [[1, 2, 4], false]);
  finish[2]('four');
  assert.equal(await fourth, 'four');
  await rest;
});

test('answers per second and latency describe the same frames', () => {
  const rate = new FrameRate();
  assert.equal(rate.add(0, 90), null);
  assert.deepEqual(rate.add(50, 140), { fps: 20, latency: 90 });
  assert.deepEqual(rate.add(100, 290), { fps: 10, latency: (90 + 90 + 190) / 3 });
  // After a longer pause only the last of them counts, together with the new frame.
  assert.deepEqual(rate.add(2000, 2290), { fps: 0.5, latency: (190 + 290) / 2 });
  rate.reset();
  assert.equal(rate.add(2300, 2400), null);
  assert.equal(paceWords({ fps: 9.44, latency: 130.6 }), '9.4\u00a0fps · 131\u00a0ms');
  assert.equal(paceWords({ fps: 29.7, latency: 8.4 }), '30\u00a0fps · 8\u00a0ms');
});

test('smoothed labels are weighted by time, not by the number of frames', () => {
  const one = (/** @type {number} */ probability) => [{ index: 0, label: 'cup', probability, logit: 0 }];
  const smoothed = new SmoothedPredictions();
  smoothed.add(one(0), false, 0);
  const soon = smoothed.add(one(1), false, 1).predictions[0].probability;
  const late = smoothed.add(one(1), false, 10_000).predictions[0].probability;
  assert.ok(soon < 0.01 && late > 0.99, `${soon}, ${late}`);
  smoothed.reset();
  assert.equal(smoothed.add(one(0.5), true, 10_001).predictions[0].probability, 0.5);
});

test('a new top answer is announced at once, the next one at least two seconds later', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  /** @type {string[]} */
  const said = [];
  const announcer = new Announcer((text) => said.push(text), () => now);
  announcer.hear('cup', 'cup, 90 %');
  announcer.hear('cup', 'cup, 91 %');
  now = 500;
  announcer.hear('bowl', 'bowl, 50 %');
  assert.deepEqual(said, ['cup, 90 %']);
  now = 2000;
  context.mock.timers.tick(1500);
  assert.deepEqual(said, ['cup, 90 %', 'bowl, 50 %']);
});

test('channels are listed by number, or by strength if they were scanned', () => {
  const map = (/** @type {number} */ min, /** @type {number} */ max) =>
    ({ height: 1, width: 1, channels: 4, data: new Float32Array(1), min, max });
  assert.equal(peak(map(-3, 2)), 3);
  const seen = new Map([[0, map(0, 1)], [1, map(-3, 2)], [3, map(0, 1)]]);
  const channels = { model: null, subject: null, ablated: [], block: 'layer1.0', seen, count: 3, first: 0 };
  assert.deepEqual(listed({ ...channels, order: 'number' }, 4), [0, 1, 2, 3]);
  assert.deepEqual(listed({ ...channels, order: 'strength' }, 4), [1, 0, 3]);
});

test('the backend determines how many camera frames are in flight at a time', () => {
  const state = initialState(true);
  assert.equal(framesAtOnce(state), 1);
  const backend = /** @type {Backend} */ (/** @type {unknown} */ ({ kind: 'webgpu', concurrency: 2 }));
  assert.equal(framesAtOnce({ ...state, backend }), 2);
});

test('a reason becomes a sentence', () => {
  assert.equal(sentence('no adapter. '), 'No adapter.');
  assert.equal(sentence(''), '');
  const again = () => {};
  assert.equal(tookOver('the GPU was lost', again).text, 'The CPU took over from the GPU. The GPU was lost.');
  assert.equal(tookOver('', again).text, 'The CPU took over from the GPU.');
});
