// The lens in depth on the page: the ledger, both paths as switches, the evidence, the sweep, files and links.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ALLOWED_CAMERA, launch, watch } from './support/browser.mjs';
import { answersCome, look, notice, openPage, predictions, reach, reachTop } from './support/page.mjs';
import { startSite } from './support/site.mjs';
import { breakable, changeWorkers, engineOf, openExports } from './support/workers.mjs';

describe('the lens on the page', () => {
  let browser, site, watched, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(ALLOWED_CAMERA), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  beforeEach(async () => {
    watched = await openPage(browser, site.url);
    page = watched.page;
  });
  afterEach(() => watched.close());

  const path = (/** @type {string} */ name) => page.locator(`#diagram [data-path="${name}"]`);
  const isIn = (/** @type {string} */ name) => path(name).getAttribute('aria-checked');

  it('shows the sizes of x and F(x) under each block, on one scale, and in words', async () => {
    await page.waitForSelector('.ledger-bars .ratio:text-matches("×$")');
    const bars = await page.$$eval('.ledger-bars', (all) => all.map((bar) => ({
      lengths: [...bar.querySelectorAll('.rms > span')].map((span) => new DOMMatrix(getComputedStyle(span).transform).a),
      ratio: parseFloat(bar.querySelector('.ratio')?.textContent ?? ''),
      words: bar.querySelector('.unseen')?.textContent ?? '',
    })));
    assert.equal(bars.length, 8);
    assert.equal(Math.max(...bars.flatMap(({ lengths }) => lengths)).toFixed(3), '1.000');
    for (const { lengths: [x, residual], ratio, words } of bars) {
      assert.ok(Math.abs(residual / x - ratio) < 0.02, `${residual} / ${x} is not ${ratio}`);
      assert.match(words, /^root mean square: .*F\(x\) has .* \(cosine .*\); ReLU sets .* of the sum to 0\.$/);
    }
  });

  it('shows ratio, cosine and clipped share of the block in the close-up, and of the next one', async () => {
    await page.locator('#ledger').scrollIntoViewIfNeeded();
    await page.waitForSelector('#ledger [data-key="ratio"] dd:text-matches("×$")');
    const before = await page.$$eval('#ledger dd', (all) => all.map(({ textContent }) => textContent));
    assert.match(before[1], /^−?\d\.\d\d$/);
    await page.click('#block-after');
    await page.waitForFunction((ratio) => document.querySelector('#ledger [data-key="ratio"] dd')?.textContent !== ratio, before[0]);
    const drawn = await page.$$eval('#ledger canvas', (all) => all.map((element) => {
      const canvas = /** @type {HTMLCanvasElement} */ (element);
      return canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0);
    }));
    assert.deepEqual(drawn, [true, true, true]);
  });

  it('cuts either path by its edge or a key, never both, and the prediction follows', async () => {
    const whole = await predictions(page);
    await path('shortcut').click();
    await page.waitForSelector('#effect:has-text("Without the shortcut of layer3.1")');
    assert.deepEqual([await isIn('shortcut'), await isIn('residual')], ['false', 'true']);
    assert.notDeepEqual(await predictions(page), whole);
    assert.ok(await page.isChecked('#leave-shortcut-out'));
    await path('residual').focus();
    await page.keyboard.press('Space');
    await page.waitForSelector('#effect:has-text("Without F(x) of layer3.1")');
    assert.deepEqual([await isIn('shortcut'), await isIn('residual')], ['true', 'false']);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#effect:has-text("Nothing is left out")');
    assert.deepEqual(await predictions(page), whole);
  });

  it('cuts all identity shortcuts, explains why the result is not a plain network, and restores them', async () => {
    const [whole] = await predictions(page);
    await page.click('#cut-skips');
    await page.waitForSelector('#effect:has-text("This is not a plain network")');
    const without = await predictions(page);
    assert.ok((without.find(({ label }) => label === whole.label)?.probability ?? 0) < whole.probability / 2);
    assert.equal(await page.locator('#blocks .no-skip').count(), 5);
    await look(page, 'skipless');
    await page.click('#restore');
    await page.waitForSelector('#effect:has-text("Nothing is left out")');
    assert.deepEqual((await predictions(page))[0], whole);
  });

  it('lays the evidence over the picture, split by path, with a sum that adds up', async () => {
    await page.click('#why');
    await page.waitForSelector('.evidence:not([hidden])');
    const sum = (await page.innerText('#evidence-sum')).replaceAll('−', '-').replaceAll('- ', '-');
    const [logit, bias, shortcut, residual] = sum.match(/-?\d+\.\d/g)?.map(Number) ?? [];
    assert.match(sum, /^coffee cup: .* bias .* over the shortcut .* from F\(x\)$/);
    assert.ok(Math.abs(bias + shortcut + residual - logit) < 0.05, sum);
    const colours = () => page.$eval('canvas.evidence', (canvas) => /** @type {HTMLCanvasElement} */ (canvas).toDataURL());
    const both = await colours();
    await page.check('#evidence [value="shortcut"]');
    await page.waitForFunction(() => document.querySelector('#evidence [value="shortcut"]:checked'));
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.notEqual(await colours(), both);
    await look(page, 'evidence');
  });

  it('shows the evidence for another class of the five, and hides it', async () => {
    const [, second] = await predictions(page);
    await page.click('#predictions li:nth-child(2) button');
    await page.waitForSelector(`#evidence-sum:has-text("${second.label}: ")`);
    assert.match(await page.innerText('#caption'), new RegExp(`^Where the evidence for ${second.label} is`));
    await page.click('#predictions li:nth-child(2) button');
    await page.waitForSelector('#evidence', { state: 'hidden' });
  });

  it('sweeps the picture, marks the winners, and opens a block from its row', async () => {
    await page.locator('#sweep').scrollIntoViewIfNeeded();
    await page.click('#sweep-run');
    await page.waitForSelector('#sweep-words:has-text("It needs")');
    const rows = await page.$$eval('#sweep tbody tr', (all) => all.map((row) => [...row.children].map(({ textContent }) => textContent ?? '')));
    assert.equal(rows.length, 8);
    const left = rows.map(([, , residual]) => parseFloat(residual));
    assert.deepEqual(left, left.toSorted((a, b) => a - b));
    assert.equal(rows.filter(([name]) => name.endsWith('projection')).length, 3);
    assert.equal(await page.locator('#sweep .plot .dot').count(), 16);
    assert.equal(await page.locator('#sweep td.changed').count(), await page.locator('#sweep .plot .dot.changed').count());
    await look(page, 'sweep');
    await page.click('#sweep tbody tr:first-child button');
    await page.waitForSelector(`#closeup h2:has-text("${rows[0][0].split(' ')[0]}")`);
  });

  it('cancels a sweep on a live camera, which goes on', async () => {
    await page.click('#camera');
    await reach(page, 'live');
    await reachTop(page, 'coffee cup');
    await page.locator('#sweep').scrollIntoViewIfNeeded();
    await page.click('#sweep-run');
    await page.click('#sweep-cancel');
    await page.waitForSelector('#sweep-result', { state: 'hidden' });
    assert.ok(await answersCome(page));
    await page.click('#sweep-run');
    await page.waitForSelector('#sweep-words:has-text("It needs")');
    assert.match(await page.innerText('#sweep-about'), /camera frame/);
    assert.equal(await page.getAttribute('html', 'data-state'), 'live');
  });

  it('reports a failed sweep, and the next one is answered', async () => {
    const broken = await watch(browser, site.url);
    await changeWorkers(broken.page, openExports, breakable);
    await broken.page.goto(`${site.url}?threads=1`);
    await reach(broken.page, 'ready');
    await broken.page.locator('#sweep').scrollIntoViewIfNeeded();
    await (await engineOf(broken.page)).evaluate(() => globalThis.sabotage('engine_sweep'));
    await broken.page.click('#sweep-run');
    assert.match(await notice(broken.page), /^The engine crashed \(.+\); the next call starts a new one\.$/);
    await broken.page.waitForSelector('#sweep-result', { state: 'hidden' });
    await broken.page.click('#sweep-run');
    await broken.page.waitForSelector('#sweep-words:has-text("It needs")');
    await broken.close();
  });

  it('saves ledger, sweep, maps and picture as files', async () => {
    await page.locator('#sweep').scrollIntoViewIfNeeded();
    await page.click('#sweep-run');
    await page.waitForSelector('#sweep-words:has-text("It needs")');
    await page.click('#why');
    await page.click('#take-away summary');
    await page.waitForSelector('#save-sweep-json:enabled');
    const saved = async (/** @type {string} */ button) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
      return readFile(await download.path());
    };
    const lines = (/** @type {Buffer} */ csv) => csv.toString().trimEnd().split('\r\n').length;
    assert.equal(lines(await saved('#save-ledger-csv')), 1 + 8);
    assert.equal(lines(await saved('#save-sweep-csv')), 1 + 16);
    assert.equal(JSON.parse((await saved('#save-ledger-json')).toString()).blocks.length, 8);
    assert.equal(JSON.parse((await saved('#save-sweep-json')).toString()).sweeps.length, 2);
    for (const button of ['#save-maps-png', '#save-stage-png']) {
      assert.equal((await saved(button)).subarray(1, 4).toString(), 'PNG');
    }
    await look(page, 'take-away');
  });

  it('gives a link that restores block, map and cuts', async () => {
    await page.selectOption('#reduce', 'mean');
    await path('shortcut').click();
    await page.waitForSelector('#effect:has-text("Without the shortcut of layer3.1")');
    const shown = await predictions(page);
    await page.click('#take-away summary');
    await page.waitForSelector('#view-link[href*="cut=layer3.1:shortcut"]');
    const link = await page.getAttribute('#view-link', 'href');
    const again = await openPage(browser, site.url, new URL(link).search);
    await again.page.waitForSelector('#effect:has-text("Without the shortcut of layer3.1")');
    assert.equal(await again.page.inputValue('#reduce'), 'mean');
    assert.deepEqual(await predictions(again.page), shown);
    await again.close();
  });

  it('reports the parts of a link that cannot be shown, and goes on', async () => {
    const odd = await openPage(browser, site.url, '?block=layer9.0&cut=layer1.0:input');
    assert.match(await notice(odd.page), /\?block=layer9\.0: there is no such block.*\?cut=layer1\.0:input/);
    await reachTop(odd.page, 'coffee cup');
    await odd.close();
  });
});
