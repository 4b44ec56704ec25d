// Every state of the page other than an answer to a still: loading, the camera's states, missing requirements, errors.
// Each is caused as it happens to visitors, where a browser allows that, and checked: words, accessibility, width.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CAMERA, expectOnly, launch, watch } from './support/browser.mjs';
import { hide, look, notice, openOffline, openPage, predictions, reach, reachTop } from './support/page.mjs';
import { startSite } from './support/site.mjs';

/** @import { Browser, Route } from 'playwright-core' */

const MODEL = '**/*.safetensors';

describe('the states of the page', () => {
  let site;
  /** @type {Browser[]} */
  let browsers;
  let plain, withCamera;
  before(async () => {
    [site, ...browsers] = await Promise.all([
      startSite(),
      launch(),
      launch(CAMERA),
    ]);
    [plain, withCamera] = browsers;
  });
  after(() => Promise.all([site?.stop(), ...(browsers ?? []).map((browser) => browser.close())]));

  /** Opens a page with permission for the camera. */
  async function openLive() {
    const watched = await openPage(withCamera, site.url);
    await watched.page.context().grantPermissions(['camera']);
    await watched.page.click('#camera');
    await reach(watched.page, 'live');
    await reachTop(watched.page, 'coffee cup');
    return watched;
  }

  it('loading: the sample, the empty instrument, real bytes; then compiling', async () => {
    const { page, close } = await watch(plain, site.url);
    /** @type {(route: Route) => void} */
    let hold = () => {};
    const held = new Promise((/** @type {(route: Route) => void} */ resolve) => (hold = resolve));
    await page.route(MODEL, hold, { times: 1 });
    await page.goto(site.url);
    const route = await held;
    await page.waitForFunction(() => /^runtime \d+\.\d of \d+\.\d\sMB/.test(document.querySelector('#timing')?.textContent ?? ''));
    assert.equal(await page.getAttribute('html', 'data-state'), 'loading');
    assert.ok(await page.isDisabled('#camera'));
    assert.ok(await page.evaluate(() => (document.querySelector('.stage-box img') ?? /** @type {any} */ ({})).naturalWidth > 0));
    await look(page, 'loading');
    await page.evaluate(() => {
      globalThis.texts = [];
      const timing = /** @type {Element} */ (document.querySelector('#timing'));
      new MutationObserver(() => globalThis.texts.push(timing.textContent ?? '')).observe(timing, { childList: true });
    });
    await route.continue();
    await reach(page, 'ready');
    const texts = await page.evaluate(() => globalThis.texts);
    assert.ok(texts.some((text) => /weights \d+\.\d of \d+\.\d\sMB \(cached next time\)/.test(text)), texts.join('\n'));
    assert.ok(texts.some((text) => text.includes('compiling')), texts.join('\n'));
    await close();
  });

  it('offline while loading: goes on by itself when the connection returns', async () => {
    const watched = await openOffline(plain, site.url);
    const { page } = watched;
    assert.match(await notice(page), /You are offline.*resumes/);
    await look(page, 'offline-loading');
    await page.context().setOffline(false);
    await reach(page, 'ready');
    assert.equal((await predictions(page))[0].label, 'coffee cup');
    expectOnly(watched, /ERR_INTERNET_DISCONNECTED/);
    await watched.close();
  });

  it('offline when loaded: samples and files still work', async () => {
    const watched = await openPage(plain, site.url);
    const { page } = watched;
    const cat = new URL('samples/cat.jpg', site.url).href;
    await page.waitForFunction((url) => performance.getEntriesByName(url).length > 0, cat);
    await page.context().setOffline(true);
    await page.waitForSelector('#offline:not([hidden])');
    assert.match(await page.innerText('.promise'), /offline.*still works/);
    await page.click('#samples button:nth-child(2)');
    await reachTop(page, 'cat');
    await look(page, 'offline');
    await page.context().setOffline(false);
    await page.waitForSelector('#offline', { state: 'hidden' });
    expectOnly(watched, /ERR_INTERNET_DISCONNECTED/);
    await watched.close();
  });

  it('asking for the camera', async () => {
    const { page, close } = await openPage(withCamera, site.url);
    await page.context().grantPermissions(['camera']);
    await page.evaluate(() => {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        await new Promise((resolve) => (globalThis.allow = resolve));
        return ask(wanted);
      };
    });
    await page.click('#camera');
    await page.waitForSelector('[role="status"]:has-text("Waiting for the camera")');
    await look(page, 'camera-asking');
    await page.evaluate(() => globalThis.allow());
    await reach(page, 'live');
    await close();
  });

  it('live, then paused by the visitor, then because hidden', async () => {
    const { page, close } = await openLive();
    await page.waitForFunction(() => /\d\sfps/.test(document.querySelector('#rate')?.textContent ?? ''));
    assert.equal(await page.getAttribute('#reading', 'aria-live'), 'off');
    await look(page, 'live');
    await page.click('#hold');
    await page.waitForSelector('[role="status"]:has-text("Paused at this frame.")');
    await page.waitForSelector('#reading[aria-live="polite"]');
    await look(page, 'paused');
    await page.click('#hold');
    await reach(page, 'live');
    await hide(page, true);
    await reach(page, 'paused');
    await hide(page, false);
    await reach(page, 'live');
    await close();
  });

  it('mirrors a front camera, unless the visitor unticks it', async () => {
    const { page, close } = await openLive();
    await page.waitForSelector('.stage-box.mirrored');
    assert.ok(await page.isChecked('#mirror'));
    await page.hover('#blocks canvas[data-block="layer1.1"][data-part="sum"]');
    await page.waitForSelector('#blocks .map-cell.mirrored');
    await page.uncheck('#mirror');
    await page.waitForSelector('.stage-box:not(.mirrored)');
    await page.waitForSelector('#blocks .map-cell:not(.mirrored)');
    await close();
  });

  it('camera denied', async () => {
    const { page, close } = await openPage(withCamera, site.url);
    await page.click('#camera');
    assert.match(await notice(page), /not allowed.*address bar.*press Start again/);
    await look(page, 'camera-denied');
    await close();
  });

  it('no camera', async () => {
    const { page, close } = await openPage(plain, site.url);
    await page.context().grantPermissions(['camera']);
    await page.click('#camera');
    assert.match(await notice(page), /No camera was found/);
    await close();
  });

  it('camera unplugged', async () => {
    const { page, close } = await openLive();
    await page.evaluate(() => {
      const stream = /** @type {MediaStream} */ (document.querySelector('video')?.srcObject);
      stream.getVideoTracks()[0].dispatchEvent(new Event('ended'));
    });
    assert.match(await notice(page), /disconnected.*press Start again/);
    await look(page, 'camera-unplugged');
    await close();
  });

  it('picture too large, by its header', async () => {
    const { page, close } = await openPage(plain, site.url);
    await page.setInputFiles('#file', { name: 'huge.png', mimeType: 'image/png', buffer: pngHeader(10_000, 10_000) });
    await reach(page, 'error');
    assert.match(await notice(page), /at most 64 megapixels, found 100\.0 \(10000×10000\)/);
    await look(page, 'picture-too-large');
    await close();
  });

  it('unsupported browser: what is missing, and which browsers have it', async () => {
    const { page, close } = await watch(plain, site.url);
    await page.addInitScript(() => {
      WebAssembly.validate = () => false;
    });
    await page.goto(site.url);
    await reach(page, 'error');
    assert.match(await notice(page), /lacks WebAssembly SIMD\. Use Chrome or Edge 112, Firefox 114, Safari 16\.4/);
    await look(page, 'unsupported');
    await close();
  });

  it('opened as a file: one sentence on what to do instead', async () => {
    const { page } = await watch(plain, site.url);
    await page.goto(new URL('../../dist/index.html', import.meta.url).href);
    await page.waitForSelector('.as-file #unstarted', { state: 'visible' });
    assert.match(await page.innerText('#unstarted'), /Opened as a file\?.*cargo xtask serve/s);
    await look(page, 'as-file');
    await page.context().close();
  });
});

/** Returns a PNG that ends after its header. @param {number} width @param {number} height */
function pngHeader(width, height) {
  const header = Buffer.alloc(33);
  header.write('\x89PNG\r\n\x1a\n', 'latin1');
  header.writeUInt32BE(13, 8);
  header.write('IHDR', 12, 'latin1');
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 2, 0, 0, 0], 24);
  return header;
}
