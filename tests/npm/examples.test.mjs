// The examples: their types, their builds, and each one in Chromium.

import assert from 'node:assert/strict';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ALLOWED_CAMERA, launch, watch } from '../browser/support/browser.mjs';
import { Project } from './support/project.mjs';
import { ISOLATED, policy, serve } from './support/server.mjs';

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const COFFEE = at('www/samples/coffee.jpg');

/** Vite's output needs its own styles and pictures besides the library's needs. */
const HEADERS = {
  ...ISOLATED,
  ...policy({
    'script-src': "'self' 'wasm-unsafe-eval'",
    'worker-src': "'self'",
    'connect-src': "'self'",
    'style-src': "'self'",
    'img-src': 'blob: data:',
    'media-src': 'blob:',
  }),
};

describe('the examples', () => {
  let browser, project, site, page, watched;
  before(async () => {
    [browser, project] = await Promise.all([launch(ALLOWED_CAMERA), Project.make(at('examples'))]);
    await project.tool('tsc');
    await project.tool('vite', 'build', '--logLevel', 'warn');
    site = await serve(project.at('dist'), HEADERS);
  });
  after(() => Promise.all([browser?.close(), site?.stop(), project?.remove()]));

  async function open(url) {
    watched = await watch(browser, url);
    page = watched.page;
    await page.goto(url);
  }

  /** Waits until an element shows a text. */
  const says = (selector, text) => page.locator(selector).filter({ hasText: text }).waitFor();

  it('plain', async () => {
    await mkdir(project.at('static'));
    await cp(at('examples/plain'), project.at('static'), { recursive: true });
    await symlink(at('dist'), project.at('static/reslens'));
    const plain = await serve(project.at('static'));
    try {
      await open(plain.url);
      await says('#answer', 'Choose a picture.');
      await page.setInputFiles('#picture', COFFEE);
      await says('#answer', 'coffee cup');
      await watched.close();
    } finally {
      await plain.stop();
    }
  });

  it('camera', async () => {
    await open(`${site.url}camera/`);
    await page.getByRole('button', { name: 'Start' }).click();
    await says('#answer', / ms on cpu\)$/);
    await page.getByRole('button', { name: 'Stop' }).click();
    await says('#toggle', 'Start');
    assert.equal(await page.evaluate(() => document.querySelector('video')?.srcObject), null);
    await watched.close();
  });

  it('react', async () => {
    await open(`${site.url}react/`);
    await page.setInputFiles('input', COFFEE);
    await says('[role=status]', 'coffee cup');
    await watched.close();
  });

  it('folder-to-csv', async () => {
    await open(`${site.url}folder-to-csv/`);
    await says('#progress', 'Choose a folder.');
    await page.setInputFiles('#folder', at('www/samples'));
    await says('#progress', '16 pictures'); // the samples and their thumbnails
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#csv')]);
    const csv = await readFile(await download.path(), 'utf8');
    assert.match(csv, /^"samples\/coffee\.jpg","coffee cup","0\.\d+"\r$/m);
    await watched.close();
  });

  it('residual-maps', async () => {
    await open(`${site.url}residual-maps/`);
    await says('#answer', 'Choose a picture.');
    await page.setInputFiles('#picture', COFFEE);
    await says('#answer', 'coffee cup');
    assert.equal(await page.locator('canvas').count(), 24);
    const colours = await page.locator('canvas').first().evaluate((canvas) => {
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.ok(colours > 20, `a map of ${colours} colours`);
    await watched.close();
  });

  it('own-weights', async () => {
    await open(`${site.url}own-weights/`);
    await page.setInputFiles('#weights', COFFEE);
    await says('#status', 'ModelInvalid');
    await page.setInputFiles('#weights', at('models/webcam50.safetensors'));
    await says('#status', 'resnet18: 50 classes, 128×128 pixels');
    await page.setInputFiles('#picture', COFFEE);
    await says('#status', 'coffee cup');
    await watched.close();
  });

  it('teach', async () => {
    await open(`${site.url}teach/`);
    await says('#answer', 'Name two labels');
    const show = async (/** @type {string} */ label, /** @type {string[]} */ samples) => {
      await page.fill('#label', label);
      await page.setInputFiles('#examples', samples.map((name) => at(`www/samples/${name}.jpg`)));
      await says('#taught', `${label} ${samples.length}`);
    };
    await show('drink', ['coffee']);
    assert.ok(await page.isDisabled('#picture'), 'one label is not enough');
    await show('animal', ['cat', 'penguin', 'kingfisher']);
    await page.setInputFiles('#picture', COFFEE);
    await says('#answer', /^drink \d/);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    assert.equal(download.suggestedFilename(), 'classes.safetensors');
    await says('#answer', 'Saved');
    await watched.close();
  });
});
