// The library's own files: if they are missing, stale or refused, the error says how to fix it.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { launch, waitForWorkers } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

describe('the files of the library', () => {
  let browser, site, library, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
  });
  after(() => Promise.all([browser?.close(), site?.stop()]));
  beforeEach(async () => {
    library = await openLibrary(browser, site.url);
    page = library.page;
  });
  afterEach(async () => {
    await waitForWorkers(page, 0);
    library.complaints.splice(0); // the browser's messages about the files that these tests break
    await library.close();
  });

  const load = (options = {}) =>
    page.evaluate((options) => outcome(Classifier.load({ threads: 1, ...options })), options);

  const refuse = async (options, message) => {
    const error = await load(options);
    assert.equal(error.name, 'BackendUnavailable');
    assert.match(error.message, message);
  };

  it('a missing worker: the error says how to copy it', () =>
    refuse(
      { assets: 'no/such/folder' },
      /no\/such\/folder\/worker\.js cannot be loaded \(status: 404\): .*'reslens\/inline'.*npx reslens copy/,
    ));

  it('an HTML page in place of the worker, as hosts of single-page applications send', async () => {
    await page.context().route('**/app/worker.js', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
    );
    await refuse({ assets: 'app/' }, /worker\.js cannot be loaded \(an HTML page is at its address\): .*npx reslens copy/);
  });

  it('a worker that is refused for its headers: the error says what they must be', async () => {
    await page.context().route('**/plain/worker.js', (route) =>
      route.fulfill({ contentType: 'text/plain', body: '', headers: { 'access-control-allow-origin': '*' } }),
    );
    await refuse({ assets: 'plain/' }, /cannot be loaded, although it is there: it must be sent as text\/javascript/);
  });

  it('a worker of another origin that the policy refuses: the error names the directive', async () => {
    // The browser also reports a request that the policy blocks.
    const told = page.waitForRequest('https://reslens.test/worker.js');
    await refuse({ assets: 'https://reslens.test/' }, /content security policy refuses it; allow it in script-src/);
    await told;
    assert.deepEqual(library.foreign.splice(0), ['https://reslens.test/worker.js']);
  });

  it('a worker of another build: the error names both versions', async () => {
    await page.context().route('**/worker.js', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replaceAll(/\d+\.\d+\.\d+\+[0-9a-f]{8}/g, '9.8.7+00000000');
      await route.fulfill({ response, body });
    });
    await refuse({}, /worker\.js has version 9\.8\.7\+00000000, the library on the page \d+\.\d+\.\d+\+[0-9a-f]{8}: /);
  });

  it('no model beside the library: the error says where to get one', async () => {
    await page.context().route('**/models/*', (route) => route.fulfill({ status: 404, body: '' }));
    const error = await load();
    assert.equal(error.name, 'ModelInvalid');
    assert.match(error.message, /no model beside the library \(at .*\): .*npm install reslens-webcam50/);
  });

  it("a function that returns no worker: the error says that it must", async () => {
    const errors = await page.evaluate(() =>
      Promise.all(
        [() => undefined, () => 'worker.js', () => { throw new TypeError('broken'); }].map((worker) =>
          outcome(Classifier.load({ worker: /** @type {any} */ (worker) })),
        ),
      ),
    );
    assert.deepEqual(errors.map(({ name }) => name), ['InputInvalid', 'InputInvalid', 'BackendUnavailable']);
    assert.match(errors[0].message, /worker: expected a function that returns a Worker, found undefined/);
    assert.match(errors[2].message, /cannot be started: broken/);
  });

  it('starts every worker with the page’s function', async () => {
    const { threads, started } = await page.evaluate(async () => {
      let started = 0;
      const worker = () => {
        started += 1;
        return new Worker('worker.js', { type: 'module' });
      };
      const classifier = await Classifier.load({ backend: 'cpu', threads: 2, worker });
      await classifier.classify(picture());
      await classifier.dispose();
      return { threads: classifier.backend.threads, started };
    });
    assert.deepEqual({ threads, started }, { threads: 2, started: 2 });
  });

  it('also runs as a classic script', async () => {
    const threads = await page.evaluate(async () => {
      const worker = () => new Worker('worker.js');
      const classifier = await Classifier.load({ backend: 'cpu', threads: 2, worker });
      await classifier.classify(picture());
      await classifier.dispose();
      return classifier.backend.threads;
    });
    assert.equal(threads, 2);
  });
});
