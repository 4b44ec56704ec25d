// Pictures as found in practice, which browsers treat in their own ways: each is answered, or refused with the reason.

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, WEBGPU } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

const fixture = (/** @type {string} */ name) => fileURLToPath(new URL(`../fixtures/field/${name}`, import.meta.url));

for (const backend of /** @type {const} */ (['cpu', 'webgpu'])) {
  describe(`pictures from the field, ${backend}`, () => {
    let browser, site, library, page, folder;
    before(async () => {
      const flags = backend === 'webgpu' ? WEBGPU : [];
      [browser, site, folder] = await Promise.all([launch(flags), startSite(), mkdtemp(join(tmpdir(), 'reslens-'))]);
      library = await openLibrary(browser, site.url);
      page = library.page;
      await page.context().route('**/given/**', async (route) => {
        const name = new URL(route.request().url()).pathname.split('/given/')[1];
        const type = { svg: 'image/svg+xml', png: 'image/png', webp: 'image/webp', gif: 'image/gif' }[name.split('.').at(-1) ?? ''];
        await route.fulfill({ body: await readFile(fixture(name)), contentType: type });
      });
      await page.evaluate(install, backend);
    });
    after(async () => {
      await library?.close();
      await Promise.all([browser?.close(), site?.stop(), folder && rm(folder, { recursive: true })]);
    });

    const kind = () => page.evaluate(() => classifier.backend.kind);
    const assertSame = (difference) => assert.ok(difference < 1e-3, `off by ${difference}`);

    it('a bitmap that the browser does not copy to a GPU is read another way, and the engine stays', async () => {
      const differences = await page.evaluate(async () => {
        const image = await imageOf('given/rgb16.png');
        const file = await (await fetch('given/rgb16.png')).blob();
        const sources = [image, await createImageBitmap(image), file, picture()];
        const cpu = await Classifier.load({ backend: 'cpu', threads: 1 });
        const found = [];
        for (const source of sources) found.push(distance(await logitsOf(cpu, source), await logitsOf(classifier, source)));
        await cpu.dispose();
        return found;
      });
      differences.forEach(assertSame);
      assert.equal(await kind(), backend);
    });

    it('a file that changed since it was chosen is reported, and the worker keeps running', async () => {
      const path = join(folder, 'cat.jpg');
      const photograph = await readFile(new URL('../../www/samples/cat.jpg', import.meta.url));
      await writeFile(path, photograph);
      await page.evaluate(() => document.body.append(Object.assign(document.createElement('input'), { type: 'file' })));
      await page.setInputFiles('input', path);
      await writeFile(path, photograph.subarray(1000));
      const workers = page.workers();
      for (const method of ['classify', 'embed']) {
        const error = await page.evaluate((method) => {
          const [file] = /** @type {any} */ (document.querySelector('input')).files;
          return outcome(classifier[method](file));
        }, method);
        assert.equal(error.name, 'InputInvalid', error.message);
        assert.match(error.message, /cannot be read.*choose it again/);
      }
      const error = await page.evaluate(() => {
        const [model] = /** @type {any} */ (document.querySelector('input')).files;
        return outcome(Classifier.load({ model }));
      });
      assert.equal(error.name, 'ModelInvalid');
      assert.match(error.message, /choose it again/);
      for (const worker of workers) assert.ok(page.workers().includes(worker));
      assert.equal(await kind(), backend);
    });

    it('a rotated or flipped frame is seen as a canvas draws it', async () => {
      const found = await page.evaluate(async () => {
        const differences = [];
        for (const change of [{ rotation: 90 }, { rotation: 180 }, { flip: true }, { displayWidth: 64, displayHeight: 128 }]) {
          const frame = new VideoFrame(picture(), { timestamp: 0, .../** @type {any} */ (change) });
          const canvas = draw(frame, frame.displayWidth, frame.displayHeight);
          differences.push(await difference(canvas, frame));
          frame.close();
        }
        return differences;
      });
      // With pixels that are not square, bitmaps and canvases resample differently.
      const stretched = found.pop() ?? NaN;
      assert.ok(stretched < 0.05, `off by ${stretched}`);
      found.forEach(assertSame);
    });

    it('a WebP file is rotated by its EXIF orientation, like every other file', async () => {
      const found = await page.evaluate(async () => {
        const file = await (await fetch('given/exif6.webp')).blob();
        return difference(await imageOf('given/right/exif6.webp.png'), file);
      });
      assertSame(found);
    });

    it('a GIF whose screen has no pixels takes the size of its first frame', async () => {
      const found = await page.evaluate(async () => {
        const file = await (await fetch('given/screen0.gif')).blob();
        const image = await imageOf('given/screen0.gif');
        return [image.naturalWidth, image.naturalHeight, await difference(image, file)];
      });
      assert.deepEqual(found.slice(0, 2), [240, 168]);
      assertSame(found[2]);
    });

    it('an SVG file with foreign content is answered, and an img of one where the browser allows it', async () => {
      const { file, image, data } = await page.evaluate(async () => {
        const file = await (await fetch('given/foreignobject.svg')).blob();
        const data = await imageOf(`data:image/svg+xml,${encodeURIComponent(await file.text())}`);
        return {
          file: await outcome(classifier.classify(file).then(best)),
          image: await outcome(classifier.classify(await imageOf(URL.createObjectURL(file))).then(best)),
          data: await outcome(classifier.classify(data).then(best)),
        };
      });
      assert.ok(file.value, file.message);
      assert.deepEqual(data.value, file.value);
      assert.equal(image.name, 'InputInvalid');
      assert.match(image.message, /SVG with foreign content/);
    });

    it('a video that has only its metadata is answered, or refused with what is missing', async () => {
      const found = await page.evaluate(async () => {
        const video = document.createElement('video');
        Object.assign(video, { muted: true, preload: 'metadata', src: URL.createObjectURL(await film()) });
        await new Promise((resolve) => (video.onloadeddata = resolve));
        return outcome(classifier.classify(video).then(best));
      });
      if (!found.value) assert.match(found.message, /play it, or set preload='auto'/);
      if (!found.value) assert.equal(found.name, 'InputInvalid');
    });

    it('a file that cannot be decoded is identified by its bytes', async () => {
      const errors = await page.evaluate(async () => {
        const bytes = (text) => new Blob([Uint8Array.from(text, (character) => character.charCodeAt(0))]);
        const files = {
          HEIC: bytes('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
          'a PDF': bytes('%PDF-1.7\n'),
          'a Git LFS pointer': bytes('version https://git-lfs.github.com/spec/v1\n'),
          'a PyTorch checkpoint': bytes('PK\x03\x04\0\0\0\0'),
        };
        const found = {};
        for (const [what, file] of Object.entries(files)) found[what] = await outcome(classifier.classify(file));
        return found;
      });
      for (const [what, { name, message }] of Object.entries(errors)) {
        assert.equal(name, 'InputInvalid');
        assert.ok(message.includes(`found ${what}`), message);
      }
    });
  });
}

/** On the page: `classifier`, and helpers of the tests above. */
async function install(backend) {
  const classifier = await Classifier.load({ backend, threads: 1 });
  const logitsOf = async (classifier, source) => {
    const { predictions } = await classifier.classify(source, { topK: 50 });
    return predictions.sort((a, b) => a.index - b.index).map(({ logit }) => logit);
  };
  /** Returns the largest difference, relative to the largest logit. */
  const distance = (x, y) =>
    Math.max(...x.map((value, i) => Math.abs(value - y[i]))) / Math.max(...x.map(Math.abs));
  Object.assign(globalThis, {
    classifier,
    logitsOf,
    distance,
    difference: async (a, b) => distance(await logitsOf(classifier, a), await logitsOf(classifier, b)),
    async imageOf(url) {
      const image = Object.assign(new Image(), { src: url });
      await image.decode();
      return image;
    },
    draw(source, width, height) {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      canvas.getContext('2d')?.drawImage(source, 0, 0, width, height);
      return canvas;
    },
    /** Records a second of video. */
    async film() {
      const canvas = picture();
      const recorder = new MediaRecorder(canvas.captureStream(10));
      const parts = [];
      recorder.ondataavailable = ({ data }) => parts.push(data);
      const stopped = new Promise((resolve) => (recorder.onstop = resolve));
      recorder.start();
      for (let frame = 0; frame < 10; frame++) {
        await new Promise(requestAnimationFrame);
        canvas.getContext('2d')?.fillRect(frame, 0, 1, 1);
      }
      recorder.stop();
      await stopped;
      return new Blob(parts, { type: recorder.mimeType });
    },
  });
}
