// Models as found in practice: PyTorch's checkpoints, bytes in any buffer, labels from elsewhere.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { launch, waitForWorkers } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';
import { breakable, changeWorkers, engineOf, openExports } from './support/workers.mjs';

describe('checkpoints', () => {
  let browser, site, library, page;
  const fetched = [];
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
    library = await openLibrary(browser, site.url);
    page = library.page;
    page.context().on('request', (request) => fetched.push(new URL(request.url()).pathname));
    await page.context().route('**/given/*', async (route) => {
      const name = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
      const body = await fixture(name);
      await route.fulfill({ body, contentType: 'application/octet-stream' });
    });
    await page.evaluate(install);
  });
  after(async () => {
    await library?.close();
    await Promise.all([browser?.close(), site?.stop()]);
  });

  /** Returns a fixture, unpacked if it is packed. */
  async function fixture(name) {
    const bytes = await readFile(new URL(`../fixtures/${name}`, import.meta.url));
    return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
  }

  it('of both PyTorch formats give the same network, from an address and as bytes', async () => {
    const answers = await page.evaluate(async () => {
      const bytes = await (await fetch('given/resnet18-legacy.pth.gz')).arrayBuffer();
      const models = ['given/resnet18-nested.pth.gz', bytes, new Blob([bytes]), new File([bytes], 'cat.jpg')];
      const found = [];
      for (const model of models) found.push(await describeModel({ model }));
      return found;
    });
    for (const answer of answers) {
      assert.equal(answer.architecture, 'resnet18');
      assert.deepEqual(answer.labels, Array.from({ length: 10 }, (_, index) => `class ${index}`));
      assert.deepEqual(answer, answers[0], 'the same file, the same logits');
    }
    assert.ok(fetched.includes('/reslens-import.wasm'));
    await waitForWorkers(page, 0);
  });

  it('fetch their reader only when it is needed', async () => {
    fetched.length = 0;
    await page.evaluate(() => describeModel({}));
    assert.ok(fetched.some((path) => /reslens-cpu.*wasm/.test(path)));
    assert.deepEqual(fetched.filter((path) => path.includes('reslens-import')), []);
  });

  it('and their labels outlive a crash of the engine', async () => {
    const answer = () => page.evaluate(async () => {
      const { predictions } = await classifier.classify(picture());
      return predictions.map(({ label, logit }) => [label, logit]);
    });
    await changeWorkers(page, openExports, breakable);
    await page.evaluate(async () => {
      const model = await (await fetch('given/resnet18-legacy.pth.gz')).arrayBuffer();
      const labels = Array.from({ length: 10 }, (_, index) => `thing ${index}`);
      globalThis.classifier = await Classifier.load({ model, labels, backend: 'cpu', threads: 1 });
    });
    const before = await answer();
    await (await engineOf(page)).evaluate(() => globalThis.sabotage());
    const crashed = await page.evaluate(() => outcome(classifier.classify(picture())));
    assert.equal(crashed.name, 'BackendUnavailable');
    assert.deepEqual(await answer(), before);
    assert.match(before[0][0], /^thing \d$/);
    await page.evaluate(() => classifier.dispose());
  });

  it('that are incomplete or other files are refused with their kind', async () => {
    const errors = await page.evaluate(async () => {
      const bytes = new Uint8Array(await (await fetch('given/resnet18-legacy.pth.gz')).arrayBuffer());
      const text = (text) => new TextEncoder().encode(text);
      const models = {
        half: bytes.slice(0, bytes.length / 2),
        'a pickle': Uint8Array.from([0x80, 4, 0x4b, 5, 0x2e]),
        'an archive': Uint8Array.from([...text('PK\x03\x04'), ...new Uint8Array(100)]),
        'a pointer': text('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n'),
        'a picture': Uint8Array.from([0x89, ...text('PNG\r\n\x1a\n'), ...new Uint8Array(100)]),
      };
      const found = {};
      for (const [what, model] of Object.entries(models)) found[what] = await outcome(Classifier.load({ model }));
      return found;
    });
    for (const [what, { name, message }] of Object.entries(errors)) {
      assert.equal(name, 'ModelInvalid', what);
      const words = {
        half: /incomplete/, 'a pickle': /pickle/, 'an archive': /incomplete|archive/i, 'a pointer': /Git LFS/, 'a picture': /PNG/,
      };
      assert.match(message, words[what], what);
    }
    await waitForWorkers(page, 0);
  });

  it('may be in any buffer', async () => {
    const names = await page.evaluate(async () => {
      const bytes = new Uint8Array(await (await fetch('models/webcam50.safetensors')).arrayBuffer());
      const growing = { maxByteLength: 2 * bytes.length };
      const resizable = new (/** @type {any} */ (ArrayBuffer))(bytes.length, growing);
      new Uint8Array(resizable).set(bytes);
      const within = new Uint8Array(bytes.length + 7);
      within.set(bytes, 5);
      const shared = new SharedArrayBuffer(bytes.length);
      new Uint8Array(shared).set(bytes);
      const models = [resizable, within.subarray(5, 5 + bytes.length), new DataView(bytes.buffer), shared];
      const found = [];
      for (const model of models) found.push((await describeModel({ model })).sha256);
      return found;
    });
    assert.equal(new Set(names).size, 1);
  });

  it('take labels from an array or a file of any shape', async () => {
    const answers = await page.evaluate(async () => {
      const model = await (await fetch('given/resnet18-legacy.pth.gz')).arrayBuffer();
      const names = Array.from({ length: 10 }, (_, index) => `thing ${index}`);
      const files = [
        `\ufeff${names.join('\r\n')}\r\n\r\n`,
        JSON.stringify(Object.fromEntries(names.entries())),
        JSON.stringify({ id2label: Object.fromEntries(names.entries()) }),
      ];
      const found = [];
      for (const labels of [names, ...files.map((text) => new Blob([text]))]) {
        found.push((await describeModel({ model, labels })).labels);
      }
      return found;
    });
    const expected = Array.from({ length: 10 }, (_, index) => `thing ${index}`);
    for (const labels of answers) assert.deepEqual(labels, expected);
  });
});

/** On the page: `describeModel(options)` loads a model and returns its description and answer. */
function install() {
  Object.assign(globalThis, {
    async describeModel(options) {
      const classifier = await Classifier.load({ ...options, backend: 'cpu', threads: 1 });
      const { architecture, labels, sha256 } = classifier.model;
      const { predictions } = await classifier.classify(picture());
      await classifier.dispose();
      return { architecture, labels, sha256, logits: predictions.map(({ index, logit }) => [index, logit]) };
    },
  });
}
