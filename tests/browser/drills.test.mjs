// Real faults rather than simulated ones: processes are killed, tabs frozen, connections cut, clocks moved. After each
// of them the next answer is right, and no call is lost.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ALLOWED_CAMERA, expectOnly, launch, waitForWorkers, watch, WEBGPU } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { answersCome, reach, reachTop } from './support/page.mjs';
import { startSite } from './support/site.mjs';
import { changeWorkers } from './support/workers.mjs';

/** @import { Page } from 'playwright-core' */

/** Loads the library and classifies a picture; `classifier` stays on the page. @param {Page} page @param {string} backend */
const load = (page, backend) => page.evaluate(async (backend) => {
  globalThis.classifier = await Classifier.load({ backend: /** @type {'cpu'} */ (backend), threads: 1 });
  return best(await classifier.classify(picture()));
}, backend);

/** Makes three calls at once; resolves with the answers, their order and the backend. @param {Page} page */
const askThrice = (page) => page.evaluate(async () => {
  /** @type {number[]} */
  const order = [];
  const answers = await Promise.all([0, 1, 2].map(async (call) => {
    const { index, logit } = best(await classifier.classify(picture()));
    order.push(call);
    return { index, logit };
  }));
  return { answers, order, kind: classifier.backend.kind, reason: classifier.backend.reason };
});

/** @param {{index: number, logit: number}[]} answers @param {{index: number, logit: number}} expected */
function assertRight(answers, expected) {
  for (const { index, logit } of answers) {
    assert.equal(index, expected.index);
    assert.ok(Math.abs(logit - expected.logit) < 1e-3 * Math.abs(expected.logit), `${logit}, ${expected.logit}`);
  }
}

describe('drills with the library', () => {
  let browser, site, library, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(WEBGPU), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  beforeEach(async () => {
    library = await openLibrary(browser, site.url);
    page = library.page;
  });
  afterEach(() => library?.close());

  it("the GPU's process is killed: the calls in flight are answered correctly", async () => {
    const expected = await load(page, 'webgpu');
    const session = await browser.newBrowserCDPSession();
    const asked = askThrice(page);
    await session.send('Browser.crashGpuProcess').catch(() => {}); // its answer may be lost with the process
    const during = await asked;
    assertRight(during.answers, expected);
    assert.deepEqual(during.order, [0, 1, 2]);
    const later = await askThrice(page);
    assertRight(later.answers, expected);
    if (later.kind === 'cpu') assert.match(later.reason ?? '', /WebGPU was given up/);
    expectOnly(library, /GPU|context|WebGPU|adapter/i);
  });

  for (const [what, file] of [['worker', 'worker.js'], ['engine', '*.wasm'], ['model', '*.safetensors']]) {
    it(`the connection is cut while the ${what} is fetched: the error says so, and the next load works`, async () => {
      await page.context().route(`**/${file}`, async (route) => {
        await page.context().setOffline(true);
        await route.abort('internetdisconnected');
      }, { times: 1 });
      const error = await page.evaluate(() => outcome(Classifier.load({ backend: 'cpu', threads: 1 })));
      assert.ok(error.isError, 'a load without its files cannot succeed');
      assert.match(`${error.name}: ${error.message}`, /^(?:ModelUnavailable|ModelInvalid|BackendUnavailable|NetworkError|InputInvalid)\b.*(?:\.js|\.wasm|\.safetensors)/);
      await waitForWorkers(page, 0);
      await page.context().setOffline(false);
      const { index } = await load(page, 'cpu');
      assert.equal(index, (await askThrice(page)).answers[0].index);
      expectOnly(library, /ERR_INTERNET_DISCONNECTED|Failed to load|Failed to fetch/);
    });
  }

  for (const [damage, change, found] of /** @type {[string, (model: Blob) => Promise<Blob>, RegExp][]} */ ([
    ['is cut short', async (model) => model.slice(0, 1e6), /incomplete/],
    [
      'has one bit flipped, deep in its weights',
      async (model) => {
        const bytes = new Uint8Array(await model.arrayBuffer());
        bytes[bytes.length >> 1] ^= 1;
        return new Blob([bytes]);
      },
      /damaged/,
    ],
  ])) {
    it(`the stored model ${damage}: it is refused and deleted, and the next load fetches it`, async () => {
      const expected = await load(page, 'cpu');
      await page.evaluate(async () => {
        await modelStored(); // soon after it is loaded, by the worker
        await classifier.dispose();
      });
      const stored = await page.evaluateHandle(async () => {
        const cache = await caches.open('reslens-models');
        const [key] = await cache.keys();
        return { cache, key, response: /** @type {Response} */ (await cache.match(key)) };
      });
      const model = await stored.evaluateHandle(({ response }) => response.blob());
      const damaged = await model.evaluateHandle(change);
      await stored.evaluate(
        ({ cache, key, response }, body) => cache.put(key, new Response(body, { headers: response.headers })),
        damaged,
      );
      const { name, message } = await page.evaluate(() => outcome(Classifier.load({ backend: 'cpu', threads: 1 })));
      assert.match(`${name}: ${message}`, /^ModelInvalid: /);
      assert.match(message, found);
      assertRight([await load(page, 'cpu')], expected);
    });
  }

  it('the clock jumps by a day, back and forth: answers and times stay correct', async () => {
    await changeWorkers(page, () => {
      const { now } = Date;
      let calls = 0;
      Date.now = () => now() + (calls++ % 2 ? 864e5 : -864e5);
    });
    await page.evaluate(() => {
      const { now } = Date;
      let calls = 0;
      Date.now = () => now() + (calls++ % 2 ? 864e5 : -864e5);
    });
    const expected = await load(page, 'webgpu');
    const { answers, kind } = await askThrice(page);
    assertRight(answers, expected);
    assert.equal(kind, 'webgpu', 'a jump is no silence of the GPU');
    const timings = await page.evaluate(async () => (await classifier.classify(picture())).timings);
    for (const [step, ms] of Object.entries(timings)) assert.ok(!(Number(ms) < 0) && !(Number(ms) > 6e5), `${step}: ${ms} ms`);
  });

  it('the tab is frozen while the GPU computes: its calls are answered when it wakes', async () => {
    const expected = await load(page, 'webgpu');
    const session = await page.context().newCDPSession(page);
    const asked = askThrice(page);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    const { answers, order, kind } = await asked;
    assertRight(answers, expected);
    assert.deepEqual([order, kind], [[0, 1, 2], 'webgpu']);
  });
});

describe('drills with the page', () => {
  let browser, site, watched, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(ALLOWED_CAMERA), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  beforeEach(async () => {
    watched = await watch(browser, site.url);
    page = watched.page;
  });
  afterEach(() => watched?.close());

  it('is frozen with a running camera, and goes on when it wakes', async () => {
    await page.goto(site.url);
    await reach(page, 'ready');
    await page.click('#camera');
    await reach(page, 'live');
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await page.waitForSelector('html[data-state="live"], html[data-state="paused"]');
    if (await page.isVisible('#hold') && await page.getAttribute('html', 'data-state') === 'paused') await page.click('#hold');
    await answersCome(page);
    await reachTop(page, 'coffee cup');
  });

  it('its process is killed: it works when it is opened again', async () => {
    await page.goto(site.url);
    await reachTop(page, 'coffee cup');
    const crashed = page.waitForEvent('crash');
    const session = await page.context().newCDPSession(page);
    session.send('Page.crash').catch(() => {}); // the process cannot answer
    await crashed;
    const again = await page.context().newPage();
    await again.goto(site.url);
    await reachTop(again, 'coffee cup');
  });
});
