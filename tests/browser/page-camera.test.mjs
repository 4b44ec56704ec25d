// The live page: Chromium's fake camera plays a clip of the cup in the first sample.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ALLOWED_CAMERA, launch, watch } from './support/browser.mjs';
import { answersCome, hide, maps, notice, openPage, predictions, reach, reachTop, screenshot } from './support/page.mjs';
import { startSite } from './support/site.mjs';

describe('the camera', () => {
  let browser, site, watched, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(ALLOWED_CAMERA), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  beforeEach(async () => {
    watched = await openPage(browser, site.url);
    page = watched.page;
    await page.click('#samples button:nth-child(2)');
    await reachTop(page, 'cat');
  });
  afterEach(() => watched.close());

  /** Starts the camera, keeps its tracks for later, and waits for its first answer. */
  async function start() {
    await page.click('#camera');
    await reach(page, 'live');
    await page.evaluate(() => {
      const stream = /** @type {MediaStream} */ (document.querySelector('video')?.srcObject);
      Object.assign(globalThis, { tracks: stream.getTracks() });
    });
    await reachTop(page, 'coffee cup');
  }
  const trackStates = () => page.evaluate(() => globalThis.tracks.map(({ readyState }) => readyState));

  it('is not requested before a click, nor by a key while there is no model', async () => {
    const { page, close } = await watch(browser, site.url);
    await page.addInitScript(() => {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      globalThis.times = 0;
      navigator.mediaDevices.getUserMedia = (wanted) => {
        globalThis.times += 1;
        return ask(wanted);
      };
    });
    await page.route('**/*.safetensors', async (route) => {
      await page.waitForSelector('#samples button');
      await page.keyboard.press(' ');
      await route.continue();
    }, { times: 1 });
    await page.goto(site.url);
    await reach(page, 'ready');
    assert.equal(await page.evaluate(() => globalThis.times), 0);
    await page.click('#camera');
    await reach(page, 'live');
    assert.equal(await page.evaluate(() => globalThis.times), 1);
    await close();
  });

  it('gives the still’s answer, frame after frame, with maps', async () => {
    await start();
    assert.ok(await answersCome(page));
    for (const map of await maps(page)) assert.ok(map.colours > 1, `${map.block} ${map.part} is blank`);
    await page.waitForFunction(() => /\d\sfps/.test(document.querySelector('#rate')?.textContent ?? ''));
    await screenshot(page, 'live');
  });

  it('ends every track at Stop and keeps the last answer', async () => {
    await start();
    assert.deepEqual(await trackStates(), ['live']);
    await page.click('#camera');
    await reach(page, 'ready');
    assert.deepEqual(await trackStates(), ['ended']);
    assert.equal((await predictions(page))[0].label, 'coffee cup');
    await page.waitForSelector('.stage-still:not([hidden])');
  });

  it('ends every track when a picture takes its place', async () => {
    await start();
    await page.click('#samples button:nth-child(2)');
    await reachTop(page, 'cat');
    await reach(page, 'ready');
    assert.deepEqual(await trackStates(), ['ended']);
  });

  it('pauses and continues', async () => {
    await start();
    await page.click('#hold');
    await reach(page, 'paused');
    await page.check('#leave-out');
    await page.waitForSelector('#effect:has-text("Without F(x)")');
    await page.click('#hold');
    await reach(page, 'live');
    assert.ok(await answersCome(page));
  });

  it('pauses while the page is hidden', async () => {
    await start();
    await hide(page, true);
    await reach(page, 'paused');
    await hide(page, false);
    await reach(page, 'live');
    assert.ok(await answersCome(page));
  });

  it('starts and stops with the space bar', async () => {
    await page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).blur());
    await page.keyboard.press(' ');
    await reach(page, 'live');
    await page.keyboard.press(' ');
    await reach(page, 'ready');
  });

  it('says when the camera goes away, even while its last frame is being answered', async () => {
    await start();
    const answered = page.evaluate(() => new Promise((resolve) => {
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (/** @type {any[]} */ ...message) {
        Worker.prototype.postMessage = postMessage;
        postMessage.apply(this, /** @type {any} */ (message));
        globalThis.tracks[0].dispatchEvent(new Event('ended'));
        const times = /** @type {Element} */ (document.querySelector('#compute'));
        new MutationObserver(resolve).observe(times, { childList: true, subtree: true });
      };
    }));
    assert.match(await notice(page), /disconnected.*press Start again/);
    assert.deepEqual(await trackStates(), ['ended']);
    await answered;
    assert.match(await notice(page), /disconnected/);
    assert.equal(await page.getAttribute('html', 'data-state'), 'error');
  });

  it('says when the camera sends nothing, until it does so again', async () => {
    await start();
    const mute = (muted) => page.evaluate((muted) => {
      Object.defineProperty(globalThis.tracks[0], 'muted', { value: muted, configurable: true });
      globalThis.tracks[0].dispatchEvent(new Event(muted ? 'mute' : 'unmute'));
    }, muted);
    await mute(true);
    await page.waitForSelector('#hint:has-text("sends no picture")');
    await mute(false);
    await page.waitForSelector('#hint:empty', { state: 'attached' });
    assert.equal(await page.getAttribute('html', 'data-state'), 'live');
  });

  it('keeps the screen on while it runs, and no longer', async () => {
    await page.evaluate(() => {
      globalThis.changes = [];
      const request = async () => {
        globalThis.changes.push(1);
        return { release: async () => globalThis.changes.push(-1) };
      };
      Object.defineProperty(navigator, 'wakeLock', { value: { request }, configurable: true });
    });
    await start();
    await page.click('#hold');
    await reach(page, 'paused');
    await page.waitForFunction(() => globalThis.changes.join() === '1,-1');
    await page.click('#hold');
    await reach(page, 'live');
    await page.click('#camera');
    await reach(page, 'ready');
    await page.waitForFunction(() => globalThis.changes.join() === '1,-1,1,-1');
  });

  it('saves the frame with its answer', async () => {
    await start();
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save-frame')]);
    assert.equal(download.suggestedFilename(), 'reslens coffee cup.png');
    const file = await readFile(await download.path());
    const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
    const frame = await page.evaluate(() => {
      const { videoWidth, videoHeight } = /** @type {HTMLVideoElement} */ (document.querySelector('video'));
      return { width: videoWidth, height: videoHeight };
    });
    assert.equal(width, frame.width);
    assert.ok(height > frame.height, 'the answer stands below');
    await page.click('#camera');
    await page.waitForSelector('#save-frame', { state: 'hidden' });
  });

  it('uses the last chosen camera after a reload', async () => {
    await start();
    const label = await page.evaluate(() => globalThis.tracks[0].label);
    assert.equal(await page.evaluate(() => localStorage.length), 0, 'nothing was chosen yet');
    await page.evaluate((label) => localStorage.setItem('reslens camera', label), label);
    await page.reload();
    await reach(page, 'ready');
    await page.evaluate(() => {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      globalThis.texts = [];
      navigator.mediaDevices.getUserMedia = (wanted) => {
        globalThis.texts.push(JSON.stringify(wanted?.video));
        return ask(wanted);
      };
    });
    await start();
    assert.match((await page.evaluate(() => globalThis.texts)).at(-1) ?? '', /"deviceId":\{"exact":/);
  });

  it('follows a rotated camera', async () => {
    await page.evaluate(() => {
      const canvas = Object.assign(document.createElement('canvas'), { id: 'lens', width: 64, height: 48, hidden: true });
      document.body.append(canvas);
      const draw = () => {
        canvas.getContext('2d')?.fillRect(0, 0, 8, 8); // a stream needs something drawn
        requestAnimationFrame(draw);
      };
      draw();
      navigator.mediaDevices.getUserMedia = async () => canvas.captureStream();
    });
    await page.click('#camera');
    await reach(page, 'live');
    /** Waits for an answer to a frame of a size; returns the sides of the outline. */
    const seen = async (size) => {
      await page.waitForFunction((size) => document.querySelector('#caption')?.textContent?.endsWith(size), size);
      const { width, height } = await page.$eval('.crop', (outline) => outline.getBoundingClientRect());
      assert.ok(Math.abs(width - height) < 1, 'a square');
      return width;
    };
    const wide = await seen('64×48');
    await page.$eval('#lens', (canvas) => Object.assign(canvas, { width: 48, height: 64 }));
    const tall = await seen('48×64');
    assert.ok(tall < wide, `${tall} of a stage that is wider than high, ${wide} before`);
    assert.ok(await answersCome(page));
    await page.click('#camera');
    await reach(page, 'ready');
  });

  it('says so when a frame cannot be taken, and starts again', async () => {
    await start();
    await page.evaluate(() => {
      const { createImageBitmap } = globalThis;
      globalThis.createImageBitmap = () => {
        globalThis.createImageBitmap = createImageBitmap;
        return Promise.reject(new DOMException('no frame', 'InvalidStateError'));
      };
    });
    await reach(page, 'error');
    assert.match(await notice(page), /^The camera failed: no frame\. Press Start again/);
    assert.deepEqual(await trackStates(), ['ended']);
    await page.click('#camera');
    await reach(page, 'live');
    assert.ok(await answersCome(page));
  });

  for (const [name, words] of /** @type {[string, RegExp][]} */ ([
    ['NotAllowedError', /not allowed.*Allow it/],
    ['NotFoundError', /No camera was found/],
    ['NotReadableError', /Another program is using the camera/],
  ])) {
    it(`says what to do after ${name}, and goes on`, async () => {
      await page.evaluate((name) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('refused', name));
      }, name);
      await page.click('#camera');
      await reach(page, 'error');
      assert.match(await notice(page), words);
      await page.click('#samples button:nth-child(1)');
      await reachTop(page, 'coffee cup');
      await reach(page, 'ready');
    });
  }
});
