// Faults of the WebGPU engine, simulated: every call is settled.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { GpuEngine } from '../../www/lib/worker/gpu.js';
import { byHand, devices, load, named, settled, startBoth, trap, wait } from './fake-gpu.mjs';

test('the GPU answers as long as it works', async () => {
  const { engines, embed, seen } = await startBoth(async () => 'gpu');
  assert.equal(await embed(), 'gpu');
  assert.deepEqual(engines.memory, { wasm: 56 + 34, gpu: 12 });
  const { kind, adapter, reason } = engines.backend;
  assert.deepEqual({ kind, adapter, reason }, { kind: 'webgpu', adapter: 'acme', reason: null });
  assert.deepEqual(seen.backends, []);
});

test('the GPU is checked again every 200 answers, and given up when its answers have become wrong', async () => {
  let checks = 0;
  const check = async () => {
    checks += 1;
    if (checks === 3) throw named('ParityFailed', 'the logits are off');
  };
  const { embed, seen } = await startBoth(async () => 'gpu', { check });
  for (let answer = 1; answer <= 400; answer++) {
    assert.equal(await embed(), 'gpu');
    assert.equal(checks, answer <= 200 ? 1 : 2);
  }
  assert.equal(await embed(), 'cpu 1');
  assert.match(seen.backends[0].reason, /given up: the logits are off/);
});

test('a refusal is an answer', async () => {
  const { engines, embed } = await startBoth(async () => {
    throw named('InputInvalid', 'no');
  });
  await assert.rejects(embed(), { name: 'InputInvalid', message: 'no' });
  assert.equal(engines.backend.kind, 'webgpu');
});

for (const [what, answer, reason] of /** @type {[string, () => any, RegExp][]} */ ([
  ['is lost', async () => { throw named('DeviceLost', 'gone'); }, /^WebGPU was given up: gone; two$/],
  ['runs out of memory', async () => { throw named('OutOfMemory', 'full'); }, /given up: full/],
  ['throws what it should not', () => { throw new TypeError('null pointer'); }, /engine crashed \(null pointer\)/],
  ['rejects with what it should not', async () => { throw 'a word'; }, /engine crashed \(a word\)/],
])) {
  test(`a GPU that ${what} costs no call`, async () => {
    const { engines, embed, seen } = await startBoth(answer);
    assert.deepEqual([await embed(), await embed()], ['cpu 1', 'cpu 2']);
    assert.equal(seen.backends.length, 1);
    const { kind, adapter, reason: told } = seen.backends[0];
    assert.deepEqual({ kind, adapter }, { kind: 'cpu', adapter: null });
    assert.match(told, reason);
    assert.deepEqual(engines.memory, { wasm: 56 + 34, gpu: 0 });
    assert.deepEqual(devices, [{ ...devices[0], destroyed: true }]);
  });
}

test("beside a GPU the CPU's engine takes no memory until it has to answer, and is then built once", async () => {
  const { engines, cpu, embed, seen } = await startBoth(async () => {
    throw named('DeviceLost', 'gone');
  });
  const model = engines.model;
  cpu.release();
  assert.deepEqual(engines.memory, { wasm: 34, gpu: 12 });
  assert.equal(engines.model, model);
  assert.deepEqual(await Promise.all([embed(), embed()]), ['cpu 1', 'cpu 2']);
  assert.deepEqual(seen.loads, ['cpu']);
  assert.deepEqual(engines.memory, { wasm: 56 + 34, gpu: 0 });
});

test('if the CPU’s engine cannot be built, the call is told why, and the next one tries again', async () => {
  const { cpu, embed, seen } = await startBoth(async () => {
    throw named('DeviceLost', 'gone');
  });
  cpu.release();
  seen.refuse = named('OutOfMemory', 'full');
  await assert.rejects(embed(), { name: 'OutOfMemory' });
  seen.refuse = null;
  assert.equal(await embed(), 'cpu 1');
});

test('an uncaught trap ends the call that is waiting', async () => {
  const { engines, embed, seen } = await startBoth(() => new Promise(() => {}), {
    memory: () => assert.fail('an engine that trapped is not called'),
  });
  const answer = embed();
  await settled();
  assert.equal(trap(), true);
  assert.equal(await answer, 'cpu 1');
  assert.match(seen.backends[0].reason, /given up: not enough memory for the WebGPU engine/);
  assert.equal(devices[0].destroyed, true);
  assert.equal(engines.memory.gpu, 0);
  assert.equal(trap('unhandledrejection', /** @type {any} */ ({ reason: 'what its remains say' })), true);
  assert.equal(seen.backends.length, 1);
});

test('after a trap between two calls the CPU answers the next one', async () => {
  const { embed } = await startBoth(async () => assert.fail('an engine that trapped is not called'));
  trap('unhandledrejection', /** @type {any} */ ({ reason: new Error('stopped') }));
  assert.equal(await embed(), 'cpu 1');
});

test('a GPU that is silent for ten seconds is lost', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const { embed, seen } = await startBoth(() => new Promise(() => {}));
  const answer = embed();
  await settled();
  for (let second = 1; second < 10; second++) context.mock.timers.tick(1000);
  await new Promise(setImmediate);
  assert.deepEqual([seen.backends.length, devices[0].destroyed], [0, false]);
  context.mock.timers.tick(1000);
  assert.equal(await answer, 'cpu 1');
  assert.match(seen.backends[0].reason, /not answered within 10 seconds/);
  assert.equal(devices[0].destroyed, true);
});

test('each kernel has ten seconds to compile, and is reported', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const { calls, answer: compile } = byHand();
  const gpu = new GpuEngine({ name: 'acme', software: false, subgroups: false });
  const reports = [];
  const loading = load(gpu, { compile }, (...report) => reports.push(report));
  await settled();
  await wait(context, 9);
  calls[0].resolve();
  await settled();
  await wait(context, 9);
  assert.deepEqual(reports, [[0, 2], [1, 2]]);
  calls[1].resolve();
  await loading;
  assert.deepEqual(reports.at(-1), [2, 2]);
  const silent = assert.rejects(load(gpu, { compile }), { name: 'DeviceLost', message: /not answered within 10 seconds/ });
  await settled();
  await wait(context, 10);
  await silent;
});

test('ending the engine while kernels compile ends loading', async () => {
  const { calls, answer: compile } = byHand();
  const gpu = new GpuEngine({ name: 'acme', software: false, subgroups: false });
  const loading = load(gpu, { compile });
  await settled();
  gpu.end();
  await assert.rejects(loading, { name: 'DeviceLost' });
  assert.deepEqual([calls.length, gpu.usable, devices[0].destroyed], [1, false, true]);
});

const lost = () => Promise.reject(named('DeviceLost', 'gone'));

test('after a loss the GPU is opened again on a new device, and answers', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let works = true;
  const { engines, embed, seen } = await startBoth(() => (works ? 'gpu' : lost()));
  works = false;
  assert.equal(await embed(), 'cpu 1');
  works = true;
  await wait(context, 1.9);
  assert.equal(await embed(), 'cpu 2');
  await wait(context, 0.1);
  assert.equal(await embed(), 'gpu');
  assert.deepEqual(seen.backends.map((/** @type {any} */ { kind, reason }) => [kind, reason]), [
    ['cpu', 'WebGPU was given up: gone; two'],
    ['webgpu', null],
  ]);
  assert.deepEqual(devices.map(({ destroyed }) => destroyed), [true, false]);
  assert.equal(engines.memory.gpu, 12);
});

test('a GPU that stays lost is tried three times, after longer and longer waits', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let checks = 0;
  const { embed, seen } = await startBoth(lost, { check: () => (checks++ ? lost() : Promise.resolve()) });
  assert.equal(await embed(), 'cpu 1');
  const opened = [];
  for (let second = 1; second <= 60; second++) {
    await wait(context, 1);
    if (devices.length > opened.length + 1) opened.push(second);
  }
  assert.deepEqual(opened, [2, 6, 14]);
  assert.ok(devices.every(({ destroyed }) => destroyed));
  assert.equal(await embed(), 'cpu 2');
  assert.equal(seen.backends.length, 1);
});

test('a lost GPU that is not back yet is tried again later', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let works = true;
  let opens = 0;
  const open = async () => {
    opens += 1;
    if (opens === 2) throw named('BackendUnavailable', 'no adapter');
  };
  const { engines, embed, seen } = await startBoth(() => (works ? 'gpu' : lost()), { open });
  works = false;
  assert.equal(await embed(), 'cpu 1');
  works = true;
  await wait(context, 2);
  assert.deepEqual([opens, engines.backend.kind], [2, 'cpu']);
  await wait(context, 4);
  assert.equal(await embed(), 'gpu');
  assert.deepEqual(seen.backends.map((/** @type {any} */ { kind }) => kind), ['cpu', 'webgpu']);
});

test('an engine that traps when it is opened again is not tried any more', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let opens = 0;
  const open = async () => {
    opens += 1;
    if (opens > 1) throw new WebAssembly.RuntimeError('out of bounds');
  };
  const { embed } = await startBoth(lost, { open });
  await embed();
  await wait(context, 2);
  await wait(context, 60);
  assert.equal(opens, 2);
});

test('three losses in a row end the attempts, but after 200 answers the count starts again', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let answers = 0;
  const { embed, engines } = await startBoth(() => (answers-- > 0 ? 'gpu' : lost()));
  for (answers = 201; answers >= 0; ) await embed();
  for (let loss = 0; loss < 3; loss++) {
    await wait(context, 8);
    assert.equal(engines.backend.kind, 'webgpu', `after loss ${loss}`);
    await embed();
  }
  await wait(context, 60);
  assert.equal(engines.backend.kind, 'cpu');
});

test('a GPU that computes wrong numbers is not opened again, nor any GPU after the end', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const wrong = await startBoth(() => Promise.reject(named('ParityFailed', 'off')));
  await wrong.embed();
  const ended = await startBoth(lost);
  await ended.embed();
  ended.engines.end();
  await wait(context, 60);
  assert.deepEqual(devices.map(({ destroyed }) => destroyed), [true, true]);
});

test('an engine that does not load closes its device', async () => {
  const gpu = new GpuEngine({ name: 'acme', software: false, subgroups: false });
  const load = async () => {
    await new GPUAdapter().requestDevice();
    throw named('OutOfMemory', 'full');
  };
  const glue = { default: async () => ({ memory: { buffer: new ArrayBuffer(34) } }), Engine: { load } };
  await assert.rejects(gpu.load(/** @type {any} */ ({ file: { createGlue: () => glue }, model: new Blob(), labels: null })), { name: 'OutOfMemory' });
  gpu.end();
  assert.equal(devices[0].destroyed, true);
  assert.deepEqual([gpu.usable, gpu.memory], [false, { wasm: 34, gpu: 0 }]);
});

test('a device that arrives too late is closed', async () => {
  let deliver = () => {};
  const { requestDevice } = GPUAdapter.prototype;
  const asked = new Promise((/** @type {(value?: any) => void} */ resolve) => {
    GPUAdapter.prototype.requestDevice = async function () {
      resolve();
      await new Promise((/** @type {(value?: any) => void} */ resolve) => (deliver = resolve));
      return requestDevice.call(this);
    };
  });
  const gpu = new GpuEngine({ name: 'acme', software: false, subgroups: false });
  const load = async () => {
    await new GPUAdapter().requestDevice();
    return {};
  };
  const glue = { default: async () => ({ memory: { buffer: new ArrayBuffer(34) } }), Engine: { load } };
  const loading = gpu.load(/** @type {any} */ ({ file: { createGlue: () => glue }, model: new Blob(), labels: null }));
  await asked;
  gpu.end();
  await assert.rejects(loading, { name: 'DeviceLost' });
  deliver();
  await new Promise(setImmediate);
  assert.equal(devices[0].destroyed, true);
});
