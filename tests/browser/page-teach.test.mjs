// The page where classes are taught, from nothing to a model file. Chromium's fake camera plays a clip. The test
// replaces the clip while the camera is off, as if another thing were held up.

import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './support/browser.mjs';
import { look, maps, notice, openPage, predictions, reach, reachTop, violations } from './support/page.mjs';
import { startSite } from './support/site.mjs';

const CUP = fileURLToPath(new URL('../fixtures/camera.mjpeg', import.meta.url));
const SAMPLE = (/** @type {string} */ name) => fileURLToPath(new URL(`../../www/samples/${name}.jpg`, import.meta.url));

describe('the page that is taught', () => {
  let browser, site, folder, watched, page;
  /** The file that the camera plays. */
  let clip;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reslens-'));
    clip = join(folder, 'clip.mjpeg');
    await copyFile(CUP, clip);
    const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${clip}`];
    [browser, site] = await Promise.all([launch(camera), startSite()]);
    watched = await openPage(browser, `${site.url}teach.html`);
    page = watched.page;
    // The second take shows the object elsewhere: when a clip is played again, its frames are equal to the last byte.
    for (const [name, picture, background] of [['cat', 'cat', '#888'], ['cat-again', 'cat', '#46a'], ['cup-again', 'coffee', '#4a6']]) {
      const frames = await page.evaluate(film, { address: `samples/${picture}.jpg`, background });
      await writeFile(join(folder, `${name}.mjpeg`), Buffer.from(frames, 'base64'));
    }
  });
  after(async () => {
    await watched?.close();
    await Promise.all([browser?.close(), site?.stop(), folder && rm(folder, { recursive: true })]);
  });

  /** Plays another clip in place of the last one. */
  async function holdUp(file) {
    if ((await page.getAttribute('html', 'data-state')) === 'live') await page.click('#camera');
    await reach(page, 'ready');
    // Chromium maps the file that it plays: truncating it would end the camera’s process.
    await copyFile(file, `${clip}.next`);
    await rename(`${clip}.next`, clip);
    await page.click('#camera');
    await reach(page, 'live');
  }
  const card = (index) => page.locator('.class-card').nth(index);
  const count = async (index) => Number(/\d+/.exec(await card(index).locator('.note').innerText())?.[0]);
  const examples = (index) => card(index).locator('.examples li').count();
  const learnt = (classes) => page.waitForSelector(`html[data-learnt="${classes}"]`);

  /** Records by holding the button until there are this many examples. */
  async function record(index, least, down, up) {
    const before = await examples(index);
    await down(card(index).locator('.record'));
    await page.waitForFunction(
      ([index, wanted]) => document.querySelectorAll('.class-card')[index].querySelectorAll('.examples li').length >= wanted,
      [index, before + least],
    );
    await up();
    await page.waitForSelector('.class-card.recording', { state: 'detached' });
  }

  it('begins with two empty classes and no result', async () => {
    assert.equal(await page.locator('.class-card').count(), 2);
    assert.deepEqual(await Promise.all([0, 1].map((index) => card(index).locator('.note').innerText())), ['nothing yet', 'nothing yet']);
    for (const id of ['ask-sure', 'save-project', 'save-model', 'delete-all', 'whose-yours']) assert.ok(await page.isDisabled(`#${id}`), id);
    await look(page, 'teach-empty');
  });

  it('records by keyboard alone: a name, a held key, a button for three seconds', async () => {
    await page.focus('#camera');
    await page.keyboard.press('Enter');
    await reach(page, 'live');
    await card(0).locator('input').focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('cup');
    await page.keyboard.press('Tab'); // past the button that removes a class, which two classes do not have
    await record(0, 2, () => page.keyboard.down(' '), () => page.keyboard.up(' '));
    assert.equal(await card(0).locator('input').inputValue(), 'cup');
    await holdUp(join(folder, 'cat.mjpeg'));
    await card(1).locator('input').fill('cat');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await learnt(2);
    await page.waitForSelector('.class-card.recording', { state: 'detached' });
  });

  it('distinguishes them at once, with maps', async () => {
    await reachTop(page, 'cat');
    assert.ok(await page.isChecked('#whose-yours'));
    assert.deepEqual((await predictions(page)).map(({ label }) => label).sort(), ['cat', 'cup']);
    for (const map of await maps(page)) assert.ok(map.colours > 1, `${map.block} ${map.part} is blank`);
    await holdUp(CUP);
    await reachTop(page, 'cup');
    await look(page, 'teach-live');
  });

  it('answers with the model’s own classes on request', async () => {
    await page.check('#whose-models');
    await reachTop(page, 'coffee cup');
    await page.check('#whose-yours');
    await reachTop(page, 'cup');
  });

  it('gives no result for single takes, and one after a second take', async () => {
    await page.click('#ask-sure');
    await page.waitForSelector('#sure-result:has-text("Nothing is known yet")');
    const hold = async (button) => {
      await button.hover();
      await page.mouse.down();
    };
    await holdUp(join(folder, 'cup-again.mjpeg'));
    await record(0, 2, hold, () => page.mouse.up());
    assert.equal(await page.innerText('#sure-result'), '', 'the examples have changed');
    await holdUp(join(folder, 'cat-again.mjpeg'));
    await record(1, 2, hold, () => page.mouse.up());
    await page.click('#ask-sure');
    await page.waitForSelector('#sure-result:has-text("4 takes, each left out once")');
    assert.deepEqual(await violations(page), []);
  });

  it('takes files that are dropped on a class, as one take', async () => {
    await page.click('#add-class');
    await card(2).locator('input').fill('bird');
    await page.keyboard.press('Enter');
    const pictures = await Promise.all(['penguin', 'kingfisher'].map(async (name) => (await readFile(SAMPLE(name))).toString('base64')));
    await page.evaluate((pictures) => {
      const transfer = new DataTransfer();
      for (const [index, picture] of pictures.entries()) {
        const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
        transfer.items.add(new File([bytes], `${index}.jpg`, { type: 'image/jpeg' }));
      }
      const target = document.querySelectorAll('.class-card')[2];
      target.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, pictures);
    await learnt(3);
    assert.equal(await card(2).locator('.note').innerText(), '2 examples in 1 take');
  });

  it('removes an example, and focus moves to its neighbour', async () => {
    const before = await examples(0);
    await card(0).locator('.examples button').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction((wanted) => document.querySelectorAll('.class-card')[0].querySelectorAll('.examples li').length === wanted, before - 1);
    assert.equal(await count(0), before - 1);
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'remove example 1 of cup');
  });

  it('refuses a name twice', async () => {
    await card(2).locator('input').fill('cat');
    await page.keyboard.press('Enter');
    assert.match(await notice(page), /A class called cat already exists/);
    assert.equal(await card(2).locator('input').inputValue(), 'bird');
    await page.click('#notice-close');
  });

  /** Downloads a file that the page saves. */
  async function saved(button, name) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
    assert.equal(download.suggestedFilename(), name);
    const path = join(folder, name);
    await download.saveAs(path);
    return path;
  }

  it('saves, deletes everything, and opens again', async () => {
    const before = await Promise.all([0, 1, 2].map(examples));
    const file = await saved('#save-project', 'classes.reslens');
    await page.click('#delete-all');
    await page.click('#delete-yes');
    await learnt(0);
    assert.deepEqual(await Promise.all([0, 1].map(examples)), [0, 0]);
    await page.setInputFiles('#project-file', file);
    await learnt(3);
    assert.deepEqual(await Promise.all([0, 1, 2].map(examples)), before);
    assert.deepEqual(await Promise.all([0, 1, 2].map((index) => card(index).locator('input').inputValue())), ['cup', 'cat', 'bird']);
  });

  it('keeps the classes on this device only if that is ticked', async () => {
    await page.reload();
    await reach(page, 'ready');
    await learnt(0);
    await page.setInputFiles('#project-file', join(folder, 'classes.reslens'));
    await learnt(3);
    await page.check('#keep');
    await page.waitForFunction(kept, true);
    await page.reload();
    await reach(page, 'ready');
    await learnt(3);
    assert.ok(await page.isChecked('#keep'));
    await page.click('#delete-all');
    await page.click('#delete-yes');
    await learnt(0);
    await page.reload();
    await reach(page, 'ready');
    await learnt(0);
  });

  it('says that the storage is full, loses nothing, and keeps the classes when there is room', async () => {
    // In a separate page: the browser remembers for a while how much room another one has found.
    const full = await openPage(browser, `${site.url}teach.html`);
    const { page } = full;
    const file = join(folder, 'classes.reslens');
    const session = await page.context().newCDPSession(page);
    const allow = (/** @type {number} */ quotaSize) =>
      session.send('Storage.overrideQuotaForOrigin', { origin: new URL(site.url).origin, quotaSize });
    await page.setInputFiles('#project-file', file);
    await page.waitForSelector('html[data-learnt="3"]');
    await allow(1);
    await page.click('#keep');
    assert.match(await notice(page), /the storage that the browser gives to this site is full\. Save them as a file\.$/);
    assert.equal(await page.isChecked('#keep'), false);
    await page.click('#notice-close');
    const examples = await page.locator('.examples li').count();
    // Enough for one version, and not for another one besides: the browser remembers how much room was left, and looks
    // again only for more.
    const { size } = await stat(file);
    await allow((await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0)) + 1.5 * size);
    await page.check('#keep');
    await page.waitForFunction(kept, true);
    await page.reload();
    await page.waitForSelector('html[data-learnt="3"]');
    assert.equal(await page.locator('.examples li').count(), examples, 'nothing is lost');

    const removeOne = () => page.locator('.examples button').first().click();
    await allow(1);
    await removeOne();
    assert.match(await notice(page), /is full\. Save them as a file\. The earlier version is still kept\.$/);
    assert.ok(await page.isChecked('#keep'));
    await page.reload();
    await page.waitForSelector('html[data-learnt="3"]');
    assert.equal(await page.locator('.examples li').count(), examples, 'the earlier version is intact');
    await page.click('#delete-all');
    await page.click('#delete-yes');
    await page.waitForFunction(kept, false);
    await full.close();
  });

  it('makes a model file, which the first page opens', async () => {
    await page.setInputFiles('#project-file', join(folder, 'classes.reslens'));
    await learnt(3);
    const model = await saved('#save-model', 'taught.safetensors');
    const own = await openPage(browser, site.url);
    await own.page.setInputFiles('#file', model);
    await own.page.waitForSelector('#model:has-text("3 labels")');
    await own.page.setInputFiles('#file', SAMPLE('cat'));
    await reachTop(own.page, 'cat');
    await own.page.setInputFiles('#file', join(folder, 'classes.reslens'));
    assert.match(await notice(own.page), /open them on the page “Teach”/);
    await own.close();
  });
});

/** Waits until classes are stored on this device, or are not. @param {boolean} wanted */
async function kept(wanted) {
  const stored = await new Promise((resolve) => {
    const opening = indexedDB.open('reslens', 1);
    opening.onsuccess = () => {
      const asked = opening.result.transaction('teachers').objectStore('teachers').get('page');
      asked.onsuccess = () => (opening.result.close(), resolve(asked.result));
    };
  });
  return (stored !== undefined) === wanted;
}

/**
 * Returns a clip of a moving picture: JPEG files one after the other, in base64.
 * @param {{address: string, background: string}} options
 */
async function film({ address, background }) {
  const picture = await createImageBitmap(await (await fetch(address)).blob());
  const canvas = new OffscreenCanvas(640, 480);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  let bytes = '';
  for (let frame = 0; frame < 24; frame++) {
    const turn = (2 * Math.PI * frame) / 24;
    const size = 560 + 90 * Math.sin(turn);
    context.fillStyle = background;
    context.fillRect(0, 0, 640, 480);
    context.drawImage(picture, 320 - size / 2 + 60 * Math.cos(turn), 240 - size / 2, size, size);
    const file = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })).arrayBuffer());
    for (const byte of file) bytes += String.fromCharCode(byte);
  }
  return btoa(bytes);
}
