// Overlapping calls on the WebGPU engine: each gets its answer, in order, whatever happens to the others.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { byHand, devices, named, settled, startBoth, trap, wait } from './fake-gpu.mjs';

describe('calls that overlap', () => {
  test('the GPU receives the second call before it has answered the first', async () => {
    const { calls, answer } = byHand();
    const { embed, engines } = await startBoth(answer);
    const answers = [embed(), embed()];
    await settled();
    assert.equal(calls.length, 2);
    calls[0].resolve('one');
    assert.equal(await answers[0], 'one');
    answers.push(embed());
    await settled();
    assert.equal(calls.length, 3);
    calls[1].resolve('two');
    calls[2].resolve('three');
    assert.deepEqual(await Promise.all(answers), ['one', 'two', 'three']);
    assert.equal(engines.backend.kind, 'webgpu');
  });

  test('the check runs every 200 answers, when no call is in flight', async () => {
    /** @type {string[]} */
    const log = [];
    let underWay = 0;
    let most = 0;
    const compute = async () => {
      log.push('call');
      underWay += 1;
      most = Math.max(most, underWay);
      await settled();
      underWay -= 1;
      return 'gpu';
    };
    const check = async () => {
      assert.equal(underWay, 0);
      log.push('check');
      await settled();
    };
    const { embed } = await startBoth(compute, { check });
    let left = 401;
    const ask = async () => {
      while (left-- > 0) {
        assert.equal(await embed(), 'gpu');
      }
    };
    await Promise.all([ask(), ask()]);
    assert.equal(most, 2);
    const calls = (/** @type {number} */ count) => Array(count).fill('call');
    assert.deepEqual(log, ['check', ...calls(200), 'check', ...calls(200), 'check', ...calls(1)]);
  });

  test('the CPU answers all calls that wait for a check that fails', async () => {
    let checks = 0;
    const check = async () => {
      if (checks++ > 0) throw named('ParityFailed', 'the logits are off');
    };
    const { embed, seen } = await startBoth(async () => 'gpu', { check });
    const answers = Array.from({ length: 203 }, embed);
    const expected = [...Array(200).fill('gpu'), 'cpu 1', 'cpu 2', 'cpu 3'];
    assert.deepEqual(await Promise.all(answers), expected);
    assert.deepEqual([checks, seen.backends.length], [2, 1]);
  });

  for (const [which, first] of /** @type {[string, number][]} */ ([['first', 0], ['second', 1]])) {
    test(`when the ${which} one fails, the CPU answers both, and the GPU is given up once`, async (context) => {
      context.mock.timers.enable({ apis: ['setTimeout'] });
      const { calls, answer } = byHand();
      const { embed, seen } = await startBoth(answer);
      /** @type {string[]} */
      const order = [];
      const answers = [embed(), embed()].map((call) => call.then((/** @type {string} */ it) => order.push(it)));
      await settled();
      calls[first].reject(named('DeviceLost', 'gone'));
      await settled();
      calls[1 - first].reject(named('DeviceLost', 'also gone'));
      await Promise.all(answers);
      assert.deepEqual(order, ['cpu 1', 'cpu 2']);
      assert.deepEqual(seen.backends.map((/** @type {any} */ { reason }) => reason), ['WebGPU was given up: gone; two']);
      await wait(context, 2);
      assert.deepEqual(devices.map(({ destroyed }) => destroyed), [true, false]);
      assert.deepEqual(seen.backends.map((/** @type {any} */ { kind }) => kind), ['cpu', 'webgpu']);
      const again = embed();
      await settled();
      calls[2].resolve('gpu');
      assert.equal(await again, 'gpu');
    });
  }

  test('a trap ends both calls on the GPU', async () => {
    const { embed, seen } = await startBoth(() => new Promise(() => {}));
    const answers = [embed(), embed()];
    await settled();
    trap();
    assert.deepEqual(await Promise.all(answers), ['cpu 1', 'cpu 2']);
    assert.equal(seen.backends.length, 1);
  });

  test('a refusal rejects its own call only', async () => {
    const { calls, answer } = byHand();
    const { embed, engines } = await startBoth(answer);
    const [refused, next] = [embed(), embed()];
    await settled();
    calls[0].reject(named('InputInvalid', 'no'));
    await assert.rejects(refused, { name: 'InputInvalid' });
    calls[1].resolve('gpu');
    assert.equal(await next, 'gpu');
    assert.equal(engines.backend.kind, 'webgpu');
  });

  test('the ten seconds of a call begin with the answer to the previous call', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    const { calls, answer } = byHand();
    const { embed, seen } = await startBoth(answer);
    const [slow, silent] = [embed(), embed()];
    await settled();
    await wait(context, 9);
    calls[0].resolve('slow');
    assert.equal(await slow, 'slow');
    await settled();
    await wait(context, 9);
    assert.deepEqual(seen.backends, []);
    await wait(context, 1);
    assert.equal(await silent, 'cpu 1');
    assert.match(seen.backends[0].reason, /not answered within 10 seconds/);
  });

  test('a call without an answer also ends the calls after it', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    const { embed, seen } = await startBoth(() => new Promise(() => {}));
    const answers = [embed(), embed()];
    await settled();
    await wait(context, 10);
    assert.deepEqual(await Promise.all(answers), ['cpu 1', 'cpu 2']);
    assert.equal(seen.backends.length, 1);
  });
});
