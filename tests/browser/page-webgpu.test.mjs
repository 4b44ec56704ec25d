// The page on WebGPU, on a software adapter: pictures, the camera, the visitor's choice, faults of the GPU. A frame
// takes a second on this adapter, so there are few.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ALLOWED_CAMERA, launch, watch, WEBGPU } from './support/browser.mjs';
import { claimHardware, countCalls, engineOf } from './support/gpu.mjs';
import { answersCome, look, maps, notice, predictions, reach, reachTop, runOn, screenshot } from './support/page.mjs';
import { startSite } from './support/site.mjs';
import { actInEngine, changeWorkers } from './support/workers.mjs';

const CAT = fileURLToPath(new URL('../../www/samples/cat.jpg', import.meta.url));

describe('the page on WebGPU', () => {
  let browser, site;
  before(async () => {
    [browser, site] = await Promise.all([launch([...WEBGPU, ...ALLOWED_CAMERA]), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  /** @param {string} query @param {...(() => void)} changes of the worker's WebGPU */
  async function open(query, ...changes) {
    const watched = await watch(browser, site.url);
    await changeWorkers(watched.page, ...changes);
    await watched.page.goto(site.url + query);
    await reach(watched.page, 'ready', 'error');
    return watched;
  }

  const backend = (page) => page.getAttribute('html', 'data-backend');
  const runs = (page, kind) => page.waitForSelector(`html[data-backend="${kind}"]`);

  /** Starts the camera after another picture was shown. */
  async function goLive(page) {
    await page.click('#camera');
    await reach(page, 'live');
    await page.waitForFunction(() => document.querySelector('#caption')?.textContent?.startsWith('camera'));
  }

  it('gives the CPU’s answers: samples, a file, maps, an ablation', async () => {
    const { page, close } = await open('?backend=webgpu');
    assert.equal(await backend(page), 'webgpu');
    assert.match(await page.innerText('#backend'), /^WebGPU · .*swiftshader/i);
    assert.equal(await page.textContent('#reason'), '');
    const onGpu = await predictions(page);
    for (const map of await maps(page)) assert.ok(map.colours > 1, `${map.block} ${map.part} is blank`);
    await page.check('#leave-out');
    await page.waitForSelector('#effect:has-text("Without F(x) of layer3.1")');
    const withoutOnGpu = await predictions(page);
    await page.uncheck('#leave-out');
    await page.waitForSelector('#effect:has-text("Nothing is left out")');
    await page.setInputFiles('#file', CAT);
    await reachTop(page, 'cat');
    await look(page, 'webgpu');

    await page.click('#samples button:nth-child(1)');
    await reachTop(page, 'coffee cup');
    await runOn(page, 'cpu');
    await runs(page, 'cpu');
    await reach(page, 'ready');
    assertClose(await predictions(page), onGpu);
    await page.check('#leave-out');
    await page.waitForSelector('#effect:has-text("Without F(x) of layer3.1")');
    assertClose(await predictions(page), withoutOnGpu);
    await close();
  });

  it('auto: refuses a software adapter, and says so', async () => {
    const { page, close } = await open('');
    assert.equal(await backend(page), 'cpu');
    assert.match(await page.textContent('#reason') ?? '', /swiftshader/i);
    await close();
  });

  it('auto: uses a hardware adapter', async () => {
    const { page, close } = await open('', claimHardware);
    assert.equal(await backend(page), 'webgpu');
    assert.match(await page.innerText('#backend'), /^WebGPU · acme rocket/);
    assert.equal(await page.inputValue('#run-on'), 'auto');
    await close();
  });

  it('the camera goes on while the visitor changes the backend, and afterwards', async () => {
    const { page, close } = await open('?backend=cpu');
    await goLive(page);
    const states = await page.evaluateHandle(() => {
      /** @type {(string|undefined)[]} */
      const seen = [];
      const { dataset } = document.documentElement;
      new MutationObserver(() => seen.push(dataset.state)).observe(document.documentElement, { attributeFilter: ['data-state'] });
      return seen;
    });
    await runOn(page, 'webgpu');
    await runs(page, 'webgpu');
    assert.ok(await answersCome(page));
    await runOn(page, 'cpu');
    await runs(page, 'cpu');
    assert.ok(await answersCome(page));
    assert.deepEqual([...new Set(await states.jsonValue())].filter((state) => state !== 'live'), []);
    assert.equal((await predictions(page))[0].label, 'coffee cup');
    await close();
  });

  it('two of the camera’s frames are in flight; their rate and latency are shown', async () => {
    const { page, close } = await open('?backend=webgpu', countCalls);
    await goLive(page);
    await (await engineOf(page)).evaluate(() => globalThis.calls.reset());
    await page.waitForFunction(() => /^[\d.]+\sfps · \d+\sms$/.test(document.querySelector('#rate')?.textContent ?? ''));
    for (let answer = 0; answer < 3; answer++) assert.ok(await answersCome(page));
    assert.equal(await (await engineOf(page)).evaluate(() => globalThis.calls.mostWithMaps), 2);
    await screenshot(page, 'webgpu-live', false);
    await page.click('#hold');
    await reach(page, 'paused');
    await page.waitForFunction(() => document.querySelector('#rate')?.textContent === '');
    await close();
  });

  it('a GPU that is lost while live: the camera uses the CPU, the page says so, and the GPU comes back', async () => {
    const { page, close } = await open('?backend=webgpu&simulate=device-lost');
    assert.equal(await backend(page), 'webgpu');
    await goLive(page);
    await runs(page, 'cpu');
    assert.match(await notice(page), /^The CPU took over from the GPU\. /);
    assert.match(await page.innerText('#backend'), /^CPU/);
    assert.equal(await page.getAttribute('html', 'data-state'), 'live');
    await runs(page, 'webgpu');
    await page.waitForSelector('#notice', { state: 'hidden' });
    assert.ok(await answersCome(page));
    assert.equal(await page.getAttribute('html', 'data-state'), 'live');
    await page.click('#camera');
    await close();
  });

  it('a GPU that fails for good while live: the camera uses the CPU until the visitor tries again', async () => {
    const { page, close } = await open('?backend=webgpu');
    await goLive(page);
    await actInEngine(page, () => {
      GPUDevice.prototype.popErrorScope = async () => new GPUOutOfMemoryError('full');
    });
    await runs(page, 'cpu');
    assert.match(await notice(page), /^The CPU took over from the GPU\. /);
    assert.ok(await answersCome(page));
    assert.equal(await page.getAttribute('html', 'data-state'), 'live');
    assert.match(await page.innerText('#backend'), /^CPU/);
    assert.equal((await predictions(page))[0].label, 'coffee cup');
    await look(page, 'gpu-lost');
    await page.click('#notice-action:has-text("Try the GPU again")');
    await runs(page, 'webgpu');
    assert.equal(await page.getAttribute('html', 'data-state'), 'live');
    await page.click('#camera');
    await close();
  });

  for (const [simulate, words] of /** @type {[string, RegExp][]} */ ([
    ['no-adapter', /no adapter/],
    ['device-lost-at-load', /destroyed|lost/i],
    ['oom', /memory/],
    ['wrong-gpu', /logits|layer/],
    ['stall', /not answered within 10 seconds/],
  ])) {
    const atLoad = simulate === 'device-lost-at-load';
    const query = atLoad ? '' : `&simulate=${simulate}`;
    const changes = atLoad ? [loseAtOnce] : [];

    it(`${simulate}: webgpu is refused and the CPU offered, auto uses it`, async () => {
      const strict = await open(`?backend=webgpu${query}`, ...changes);
      assert.match(await notice(strict.page), words);
      await look(strict.page, `gpu-${simulate}`);
      await strict.page.click('#notice-action:has-text("Use the CPU")');
      await reach(strict.page, 'ready');
      assert.equal(await backend(strict.page), 'cpu');
      await strict.close();

      const lenient = await open(`?backend=auto${query}`, claimHardware, ...changes);
      assert.equal(await lenient.page.getAttribute('html', 'data-state'), 'ready');
      assert.equal(await backend(lenient.page), 'cpu');
      assert.match(await lenient.page.getAttribute('#reason', 'title') ?? '', words);
      assert.equal((await predictions(lenient.page))[0].label, 'coffee cup');
      await screenshot(lenient.page, `gpu-${simulate}-auto`, false);
      await lenient.close();
    });
  }
});

/** A change: the device is lost with the first work that it receives. */
function loseAtOnce() {
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await requestDevice.apply(this, options);
    device.queue.submit = () => device.destroy();
    return device;
  };
}

/** Checks for the same labels in the same order, with nearly the same probabilities. */
function assertClose(found, expected) {
  assert.deepEqual(found.map(({ label }) => label), expected.map(({ label }) => label));
  for (const [index, { label, probability }] of found.entries()) {
    const off = Math.abs(probability - expected[index].probability);
    assert.ok(off < 1e-3, `${label}: ${probability} and ${expected[index].probability}`);
  }
}
