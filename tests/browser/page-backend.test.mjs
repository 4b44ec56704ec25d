// The backend on the page without a GPU: what runs, why, and what visitors can choose.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ALLOWED_CAMERA, launch } from './support/browser.mjs';
import { answersCome, look, notice, openPage, predictions, reach, reachTop, runOn } from './support/page.mjs';
import { startSite } from './support/site.mjs';

describe('the backend on the page, without a GPU', () => {
  let browser, site;
  before(async () => {
    [browser, site] = await Promise.all([launch(ALLOWED_CAMERA), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));

  const backend = (page) => page.getAttribute('html', 'data-backend');

  it('auto: the CPU runs, and the page says why', async () => {
    const { page, close } = await openPage(browser, site.url);
    assert.equal(await backend(page), 'cpu');
    assert.match(await page.innerText('#backend'), /^CPU · \d+ threads? · /);
    assert.match(await page.textContent('#reason') ?? '', /WebGPU/);
    assert.equal(await page.inputValue('#run-on'), 'auto');
    await look(page, 'webgpu-missing');
    await close();
  });

  it('cpu: as requested, without a reason', async () => {
    const { page, close } = await openPage(browser, site.url, '?backend=cpu&threads=1');
    assert.equal(await page.inputValue('#run-on'), 'cpu');
    assert.match(await page.innerText('#backend'), /^CPU · 1 thread · /);
    assert.equal(await page.textContent('#reason'), '');
    await close();
  });

  it('webgpu: says that there is no GPU, and offers the CPU', async () => {
    const { page, close } = await openPage(browser, site.url, '?backend=webgpu');
    await reach(page, 'error');
    assert.match(await notice(page), /WebGPU/);
    await look(page, 'webgpu-refused');
    await page.click('#notice-action:has-text("Use the CPU")');
    await reach(page, 'ready');
    assert.equal(await backend(page), 'cpu');
    assert.equal((await predictions(page))[0].label, 'coffee cup');
    await close();
  });

  it('the visitor’s choice fails: the previous backend and the camera go on', async () => {
    const { page, close } = await openPage(browser, site.url);
    await page.click('#samples button:nth-child(2)');
    await reachTop(page, 'cat');
    await page.click('#camera');
    await reach(page, 'live');
    await runOn(page, 'webgpu');
    assert.match(await notice(page), /WebGPU/);
    await page.waitForFunction(() => /** @type {HTMLSelectElement} */ (document.querySelector('#run-on')).value === 'auto');
    await reachTop(page, 'coffee cup');
    assert.equal(await page.getAttribute('html', 'data-state'), 'live');
    assert.ok(await answersCome(page));
    await close();
  });

  it('the visitor’s choice keeps cuts and the place on the page', async () => {
    const { page, close } = await openPage(browser, site.url);
    await page.click('#blocks canvas[data-block="layer2.1"][data-part="sum"]');
    await page.check('#leave-out');
    await page.waitForSelector('#effect:has-text("Without F(x) of layer2.1")');
    const before = await predictions(page);
    await runOn(page, 'cpu');
    await page.waitForSelector('#reason:empty', { state: 'attached' });
    await reach(page, 'ready');
    assert.ok(await page.isChecked('#leave-out'));
    assert.equal(await page.innerText('#closeup h2'), 'layer2.1, close up');
    assert.deepEqual(await predictions(page), before);
    await close();
  });
});
