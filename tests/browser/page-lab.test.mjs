// The lab's page: each part runs when it is reached and ends in a sentence with its numbers; free play has its settings
// in the address. With `?story=1` every run of the story takes one epoch, to keep the test short.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { expectOnly, launch, watch } from './support/browser.mjs';
import { look, notice, openPage, overflow, reach, screenshot } from './support/page.mjs';
import { startSite } from './support/site.mjs';

/** Parts of the story that begin in order and wait only for their turn. */
const PARTS = ['vanish', 'skip', 'paper', 'matter'];

describe('the page with the lab', () => {
  let browser, site, watched, page;
  const fetched = [];
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
    watched = await openPage(browser, `${site.url}lab.html`, '?story=1');
    page = watched.page;
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  });
  after(async () => {
    await watched?.close();
    await Promise.all([browser?.close(), site?.stop()]);
  });

  const found = (/** @type {string} */ part) => page.locator(`#${part} .found`).innerText();
  const told = (/** @type {string} */ part) => page.waitForFunction((part) =>
    document.querySelector(`#${part} .found`)?.textContent?.trim() && document.getElementById(part)?.dataset.running !== 'true', part);
  const scrollTo = (/** @type {string} */ part) => page.locator(`#${part} h2`).scrollIntoViewIfNeeded();

  /** Downloads a file of a figure or a part. */
  async function take(selector) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
    return readFile(await download.path());
  }

  it('follows one weight, a step at a time, by keyboard', async () => {
    await told('weight');
    const first = /^Step 1: (−?[\d.]+) − 0\.100 × \((−?[\d.e−-]+)\) = (−?[\d.]+); all weights moved .* from ([\d.]+) to ([\d.]+)\.$/.exec(await found('weight'));
    assert.ok(first, await found('weight'));
    const [before, gradient, after] = first.slice(1, 4).map((text) => Number(text.replaceAll('−', '-')));
    assert.ok(Math.abs(before - 0.1 * gradient - after) < 2e-6);
    await page.focus('#next-step');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelectorAll('#weight tbody tr').length === 2);
    const cells = await page.$$eval('#weight tbody tr', (rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
    assert.deepEqual(cells.map(([step]) => step), ['1', '2']);
    assert.equal(cells[1][1], cells[0][4], 'the next step begins where this one ended');
    assert.equal(cells[1][5], cells[0][6]);
    await page.selectOption('#weight-layer', '0');
    await page.waitForFunction(() => document.querySelectorAll('#weight tbody tr').length === 1);
    assert.equal(JSON.parse(String(await take('#weight .take'))).convolution, 1);
    await look(page, 'lab-start');
    assert.ok(!fetched.some((path) => path.endsWith('.safetensors')), 'the real network comes last');
  });

  it('runs each part when it is reached, with numbers of that run', async () => {
    const early = await Promise.all(PARTS.slice(1).map(found));
    assert.deepEqual(early.map((text) => text.trim()), ['', '', '']);
    for (const part of PARTS) {
      await scrollTo(part);
      await told(part);
    }
    assert.match(await found('vanish'), /^After 44 steps .* the gradient of the first step was .* in the first one\. It recognises [\d.]+\s% of the test digits/);
    assert.match(await found('skip'), /^Same seed, same weights, same batches: /);
    assert.equal(await page.locator('#vanish .series.plain .square').count(), 19);
    assert.deepEqual(await Promise.all(['plain', 'residual'].map((twin) => page.locator(`#skip .series.${twin} circle`).count())).then((counts) => counts.map((count) => count > 19)), [true, true]);
    assert.match(await found('matter'), /^With any one of its 9 blocks left out, plain goes from .*; x \+ F\(x\) goes from /);
    assert.equal(await page.locator('#matter .ledger tbody tr').count(), 9);
    await page.waitForFunction(() => document.querySelectorAll('#paper .numbers tbody tr').length === 3);
    assert.match(await found('paper'), /^56 layers: plain recognises .* times that of the last one in the plain network, and .* times in its twin\.$/);
  });

  it('shows the paper’s networks and the rule of the skip, by keyboard', async () => {
    await scrollTo('architectures');
    await page.check('#networks [value="ResNet-50"]');
    assert.match(await page.innerText('#network-words'), /^ResNet-50: 50 weighted layers .* 16 shortcuts in bottleneck blocks, 12 of them identity and 4 a 1×1/);
    await page.check('#network-blocks [value="layer1.0"]');
    assert.match(await page.innerText('#block-reason'), /^layer1\.0: .*the channels differ/);
    await page.focus('#network-blocks [value="layer1.0"]');
    await page.keyboard.press('ArrowRight');
    assert.match(await page.innerText('#block-reason'), /^layer1\.1: .*identity/);
  });

  it('runs the real ResNet-18 last', async () => {
    await scrollTo('real');
    await page.waitForFunction(() => document.querySelector('#real .found')?.textContent?.startsWith('ResNet-18 says coffee cup with'));
    assert.ok(fetched.some((path) => path.endsWith('.safetensors')));
    assert.equal(await page.locator('#real .series rect').count(), 8);
    assert.equal(await page.locator('#real-ledger li').count(), 8);
    await look(page, 'lab-real');
  });

  it('gives its numbers by keyboard, as a table and as files', async () => {
    const points = page.locator('#skip .chart-figure').first().locator('.series.plain circle');
    assert.deepEqual(await points.evaluateAll((all) => all.map((point) => point.getAttribute('tabindex'))), ['0', ...Array(18).fill('-1')]);
    await points.first().focus();
    await page.keyboard.press('ArrowRight');
    assert.match(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? ''), /^2, plain: [\d.e−-]+$/);
    await page.locator('#skip .chart-figure summary').first().click();
    const figure = '#skip .chart-figure:nth-of-type(1)';
    const files = { svg: String(await take(`${figure} button:has-text("SVG")`)), csv: String(await take(`${figure} button:has-text("CSV")`)) };
    const png = await take(`${figure} button:has-text("PNG")`);
    assert.match(files.svg, /^<svg .*<title/s);
    assert.match(files.csv, /^place,plain,x \+ F\(x\)\r\n1,[\d.e-]+,[\d.e-]+\r\n/);
    assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
    const record = JSON.parse(String(await take('#skip .take')));
    assert.deepEqual(record.runs.map(({ twin, settings }) => [twin, settings.seed, settings.epochs]), [['plain', 1, 1], ['residual', 1, 1]]);
  });

  it('keeps a visitor’s choices in the address, and reports values out of range', async () => {
    await scrollTo('free');
    await page.fill('#free [name=depth]', '7');
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.querySelector('#free-trouble')?.textContent?.includes('an even number of layers from 8 to 200'));
    await page.click('#free-train');
    assert.match(await notice(page), /^depth is “7”/);
    await page.click('#notice-close');
    for (const [name, value] of [['depth', '8'], ['epochs', '1'], ['seed', '5']]) await page.fill(`#free [name=${name}]`, value);
    await page.selectOption('#free [name=activation]', 'relu');
    await page.selectOption('#free [name=norm]', 'batch');
    await page.click('#free-train');
    await told('free');
    assert.match(await found('free'), /^plain recognises [\d.]+\s% .* after 44 steps; .*\. x \+ F\(x\) recognises .* after 44 steps; the loss went from [\d.]+ to [\d.]+\.$/);
    const address = new URL(page.url());
    assert.deepEqual(['activation', 'depth', 'seed', 'story'].map((name) => address.searchParams.get(name)), ['relu', '8', '5', '1']);
    assert.equal(await overflow(page), 0);
    await look(page, 'lab-free');
  });

  it('stops a run at once, with the results so far', async () => {
    await page.fill('#free [name=epochs]', '100');
    await page.keyboard.press('Tab');
    await page.click('#free-train');
    await page.click('#free .stop:enabled');
    await told('free');
    assert.match(await found('free'), /unknown share of the test digits \(it was stopped\)/);
  });

  it('trains new settings in place of the present ones', async () => {
    await page.click('#free-train');
    await page.waitForSelector('#free .stop:enabled');
    await page.fill('#free [name=epochs]', '1');
    await page.click('#free-train');
    await page.waitForFunction(() => / after 44 steps;/.test(document.querySelector('#free .found')?.textContent ?? ''));
    await told('free');
    assert.ok(await page.isHidden('#notice'), 'a run that gives way is no trouble');
  });

  it('fits every width, in both schemes', async () => {
    for (const [width, height] of [[360, 740], [800, 1000], [1440, 900], [1920, 1080]]) {
      for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        assert.equal(await overflow(page), 0, `${width} px`);
        await screenshot(page, `lab-${width}-${colorScheme}`);
      }
    }
  });

  it('opens with the settings of its address', async () => {
    const other = await openPage(browser, `${site.url}lab.html`, '?story=1&depth=10&epochs=1&twins=plain&activation=sigmoid');
    const values = await other.page.$$eval('#free :is([name=depth], [name=twins], [name=activation])', (all) => all.map((one) => /** @type {HTMLInputElement} */ (one).value));
    assert.deepEqual(values, ['plain', 'sigmoid', '10']);
    await other.page.locator('#free h2').scrollIntoViewIfNeeded();
    await other.page.waitForFunction(() => document.querySelector('#free .found')?.textContent?.startsWith('plain recognises'));
    await other.close();
  });

  it('says so when the digits are missing, and goes on when they are available', async () => {
    const other = await watch(browser, site.url);
    await other.page.route('**/digits.bin', (route) => route.abort('internetdisconnected'), { times: 1 });
    await other.page.goto(`${site.url}lab.html?story=1`);
    await reach(other.page, 'error');
    assert.match(await notice(other.page), /digits\.bin cannot be loaded/);
    expectOnly(other, /ERR_INTERNET_DISCONNECTED/);
    await other.page.click('#notice-action');
    await reach(other.page, 'ready');
    await other.page.waitForFunction(() => document.querySelector('#weight .found')?.textContent?.startsWith('Step 1'));
    await other.close();
  });
});
