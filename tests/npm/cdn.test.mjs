// The packages from another origin, without a build: the policies under which a page can use them.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from '../browser/support/browser.mjs';
import { drive, EXPECTED } from './support/drive.mjs';
import { PACKAGES } from './support/project.mjs';
import { CDN, ISOLATED, policy, serve } from './support/server.mjs';

const APP = fileURLToPath(new URL('projects/app/', import.meta.url));

describe('a CDN', () => {
  let browser, cdn, folder;
  before(async () => {
    [browser, cdn] = await Promise.all([launch(), serve(PACKAGES, CDN)]);
    folder = await mkdtemp(path.join(tmpdir(), 'reslens-cdn-'));
  });
  after(() => Promise.all([browser?.close(), cdn?.stop(), folder && rm(folder, { recursive: true })]));

  /**
   * Drives a page whose script loads the library from the CDN.
   * @param {Record<string, string>} headers
   * @param {string} [options] further options of `load`, as code
   */
  async function driveCdn(headers, options = '') {
    const origin = cdn.url.slice(0, -1);
    const page = await serve(folder, { ...ISOLATED, ...headers });
    const files = {
      'index.html': '<!doctype html><html lang="en"><link rel="icon" href="data:,"><script type="module" src="main.js"></script>',
      'tell.js': await readFile(path.join(APP, 'tell.js'), 'utf8'),
      'main.js': `
        import { Classifier } from '${origin}/reslens/dist/index.js';
        import { webcam50 } from '${origin}/reslens-webcam50/index.js';
        import { tell } from './tell.js';
        tell(() => Classifier.load({ model: webcam50(), backend: 'cpu', threads: 2, ${options} }));`,
      'reslens-worker.js': `
        const early = [];
        self.onmessage = (event) => early.push(event);
        import('${origin}/reslens/dist/worker.js').then(() => early.forEach((event) => self.onmessage(event)));`,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
    try {
      return await drive(browser, page.url, [origin]);
    } finally {
      await page.stop();
    }
  }

  /** The policy of a page that uses this CDN. */
  const allow = (worker) => {
    const origin = cdn.url.slice(0, -1);
    return policy({
      'script-src': `'self' ${origin} 'wasm-unsafe-eval'`,
      'worker-src': worker,
      'connect-src': `'self' ${origin}`,
    });
  };

  it('works without a policy', async () => {
    assert.deepEqual(await driveCdn({}), EXPECTED);
  });

  it('works with a policy that allows workers from blob:', async () => {
    assert.deepEqual(await driveCdn(allow('blob:')), EXPECTED);
  });

  it("works with a policy that does not, with the option `worker`", async () => {
    const worker = "worker: () => new Worker('./reslens-worker.js', { type: 'module' })";
    assert.deepEqual(await driveCdn(allow("'self'"), worker), EXPECTED);
  });

  it('names the directive that refuses it', async () => {
    await assert.rejects(driveCdn(allow("'self'")), ({ actual }) => {
      assert.match(actual.outcome.error, /BackendUnavailable: .*content security policy refuses it; allow it in worker-src/);
      return true;
    });
  });
});
