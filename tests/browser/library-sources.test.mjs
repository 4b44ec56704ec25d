// Pictures: every kind of source gives the same answer, and unreadable ones are refused.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launch } from './support/browser.mjs';
import { openLibrary } from './support/library.mjs';
import { startSite } from './support/site.mjs';

describe('sources', () => {
  let browser, site, library, page;
  before(async () => {
    [browser, site] = await Promise.all([launch(), startSite()]);
    library = await openLibrary(browser, site.url);
    page = library.page;
    await page.evaluate(install);
  });
  after(async () => {
    await library?.close();
    await Promise.all([browser?.close(), site?.stop()]);
  });

  const assertSame = (difference) => assert.ok(difference < 1e-4, `off by ${difference}`);

  describe('one picture gives the same answer, and stays unchanged, as', () => {
    for (const kind of [
      'HTMLCanvasElement',
      'HTMLImageElement',
      'OffscreenCanvas',
      'ImageBitmap',
      'ImageData',
      'VideoFrame',
      'Blob',
      'File',
    ]) {
      it(kind, async () => {
        const [found, once, twice] = await page.evaluate(async (kind) => {
          const canvas = picture();
          const source = await make[kind](canvas);
          const found = Object.prototype.toString.call(source).slice(8, -1);
          return [found, await difference(canvas, source), await difference(canvas, source)];
        }, kind);
        assert.equal(found, kind);
        assertSame(once);
        assertSame(twice);
      });
    }

    it('HTMLVideoElement', async () => {
      const difference_ = await page.evaluate(async () => {
        const canvas = picture();
        const video = await videoOf(canvas);
        return difference(canvas, video);
      });
      // Video is stored as luma and subsampled chroma.
      assert.ok(difference_ < 0.2, `off by ${difference_}`);
    });
  });

  it('uses the picture as it is when the call is made', async () => {
    const [first, second] = await page.evaluate(async () => {
      const data = make.ImageData(picture());
      const canvas = picture();
      const context = contextOf(canvas);
      const expected = await logitsOf(picture());
      const answers = [logitsOf(data), logitsOf(canvas)];
      data.data.fill(0);
      context.fillRect(0, 0, canvas.width, canvas.height);
      return Promise.all(answers.map(async (answer) => distance(expected, await answer)));
    });
    assertSame(first);
    assertSame(second);
  });

  it('waits for an img that is still loading', async () => {
    const found = await page.evaluate(async () => {
      const canvas = picture();
      const image = new Image();
      image.src = canvas.toDataURL();
      return difference(image, canvas);
    });
    assertSame(found);
  });

  it('reads pictures larger than one canvas tile', async () => {
    const found = await page.evaluate(async () => {
      const wide = draw(picture(5000, 40), 5000, 40);
      return difference(wide, make.ImageData(wide));
    });
    assertSame(found);
  });

  it('respects the EXIF orientation of files and of img elements', async () => {
    const [file, image] = await page.evaluate(async () => {
      const jpeg = await blobOf(picture(96, 64), 'image/jpeg');
      const upright = await createImageBitmap(jpeg);
      // Orientation 6: rotate by 90° clockwise to see it upright.
      const turned = draw(upright, 64, 96, (context) => {
        context.translate(64, 0);
        context.rotate(Math.PI / 2);
      });
      const blob = withOrientation(await jpeg.arrayBuffer(), 6);
      return [await difference(turned, blob), await difference(turned, await imageOf(blob))];
    });
    assertSame(file);
    assertSame(image);
  });

  it('composites transparency on white', async () => {
    const differences = await page.evaluate(async () => {
      const see = picture();
      const context = contextOf(see);
      context.clearRect(20, 10, 50, 40);
      const white = draw(see, see.width, see.height, (onto) => {
        onto.fillStyle = '#fff';
        onto.fillRect(0, 0, see.width, see.height);
      });
      const sources = [see, make.ImageData(see), await blobOf(see), await createImageBitmap(see)];
      const found = [];
      for (const source of sources) found.push(await difference(white, source));
      return found;
    });
    differences.forEach(assertSame);
  });

  it('uses the first frame of an animation', async () => {
    const [file, image] = await page.evaluate(async () => {
      const red = draw(picture(), 1, 1, (context) => (context.globalAlpha = 0));
      const context = contextOf(red);
      context.globalAlpha = 1;
      context.fillStyle = '#f00';
      context.fillRect(0, 0, 1, 1);
      const gif = redThenBlue();
      return [await difference(red, gif), await difference(red, await imageOf(gif))];
    });
    assertSame(file);
    assertSame(image);
  });

  it('reads SVG with and without an intrinsic size', async () => {
    const found = await page.evaluate(async () => {
      const svg = (size) =>
        new Blob([`<svg xmlns="http://www.w3.org/2000/svg" ${size}><rect width="100%" height="100%" fill="#0f0"/></svg>`], {
          type: 'image/svg+xml',
        });
      const green = draw(picture(), 64, 64, (context) => {
        context.fillStyle = '#0f0';
        context.fillRect(0, 0, 64, 64);
        context.globalAlpha = 0;
      });
      const sources = [
        await imageOf(svg('width="64" height="64"')),
        await imageOf(svg('viewBox="0 0 1 1"')),
        await imageOf(svg('')),
        svg('width="64" height="64"'),
      ];
      const differences = [];
      for (const source of sources) differences.push(await difference(green, source));
      return differences;
    });
    found.forEach(assertSame);
  });

  describe('refuses, and goes on working:', () => {
    /** For each case: the source that it makes on the page, and what its message must say. */
    const CASES = {
      null: /source: expected a video.*found null/,
      undefined: /source: expected a video.*found undefined/,
      'a string': /found "cat.jpg"/,
      'an array': /found Array/,
      'an element without pixels': /found HTMLDivElement/,
      'a video without a frame': /has not loaded any.*'loadeddata'/,
      'an img without an address': /source: /,
      'a broken img': /source: expected an img with a picture/,
      'an img that waits to be scrolled to': /'load' event/,
      'a canvas of 0 × 10': /found 0×10/,
      'a closed ImageBitmap': /found 0×0/,
      'a closed VideoFrame': /found 0×0/,
      "another site's picture": /another site's/,
      'an empty Blob': /found an empty file/,
      'a Blob that is no picture': /decode.*found 11 bytes of text\/plain/,
      'a picture that breaks off': /decode/,
      'a PNG header of 100 megapixels': /at most 64 megapixels, found 100.0 \(10000×10000\)/,
      'a canvas of 65 megapixels': /at most 64 megapixels, found 65.0/,
    };
    for (const [what, message] of Object.entries(CASES)) {
      it(what, async () => {
        const [error, next] = await page.evaluate(async (what) => {
          const source = await bad[what]();
          return [await outcome(classifier.classify(source)), await outcome(classifier.embed(picture()))];
        }, what);
        assert.equal(error.name, 'InputInvalid');
        assert.equal(error.isError, true);
        assert.match(error.message, message);
        assert.ok(next.value, next.message);
      });
    }
  });
});

/** Puts helpers and sources on the page. */
async function install() {
  const blobOf = (canvas, type = 'image/png') =>
    new Promise((resolve) => canvas.toBlob(resolve, type, 1));

  const imageOf = async (blob) => {
    const image = new Image();
    image.src = URL.createObjectURL(blob);
    await image.decode();
    return image;
  };

  const contextOf = (canvas) => canvas.getContext('2d');

  /** Returns a canvas with the source on it; `change` may set up the context before. */
  const draw = (source, width, height, change = (context) => context.save()) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = contextOf(canvas);
    change(context);
    context.drawImage(source, 0, 0);
    return canvas;
  };

  const bytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

  const classifier = await Classifier.load({ threads: 1 });

  const logitsOf = async (source) => {
    const { predictions } = await classifier.classify(source, { topK: 50 });
    return predictions.sort((a, b) => a.index - b.index).map(({ logit }) => logit);
  };

  /** Returns the largest difference, relative to the largest logit. */
  const distance = (x, y) =>
    Math.max(...x.map((value, i) => Math.abs(value - y[i]))) / Math.max(...x.map(Math.abs));

  const difference = async (a, b) => distance(await logitsOf(a), await logitsOf(b));

  const make = {
    HTMLCanvasElement: (canvas) => canvas,
    HTMLImageElement: async (canvas) => imageOf(await blobOf(canvas)),
    OffscreenCanvas(canvas) {
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      contextOf(copy).drawImage(canvas, 0, 0);
      return copy;
    },
    ImageBitmap: (canvas) => createImageBitmap(canvas),
    ImageData: (canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height),
    VideoFrame: (canvas) => new VideoFrame(canvas, { timestamp: 0 }),
    Blob: (canvas) => blobOf(canvas),
    File: async (canvas) => new File([await blobOf(canvas)], 'picture.png', { type: 'image/png' }),
  };

  /** Returns a playing video of the canvas. */
  const videoOf = async (canvas) => {
    const video = document.createElement('video');
    video.muted = true;
    const stream = canvas.captureStream();
    video.srcObject = stream;
    await video.play();
    if (video.readyState < 2) await new Promise((resolve) => (video.onloadeddata = resolve));
    return video;
  };

  /** Returns a JPEG with an EXIF segment that states the orientation. */
  const withOrientation = (jpeg, orientation) => {
    const tiff = 'MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0' + String.fromCharCode(orientation) + '\0\0\0\0\0\0';
    const exif = bytes(`Exif\0\0${tiff}`);
    const header = [0xff, 0xe1, 0, exif.length + 2];
    return new Blob([jpeg.slice(0, 2), Uint8Array.from(header), exif, jpeg.slice(2)], { type: 'image/jpeg' });
  };

  /** Returns an animated GIF of 1×1: red, and blue after 10 ms. */
  const redThenBlue = () => {
    const palette = [255, 0, 0, 0, 0, 255];
    const frame = (code) => [
      ...[0x21, 0xf9, 4, 0, 1, 0, 0, 0], // graphic control: shown for 1/100 s
      ...[0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0], // image of 1×1 at (0, 0)
      ...[2, 2, code, 1, 0], // LZW: clear, the colour, end
    ];
    const screen = [1, 0, 1, 0, 0x80, 0, 0];
    return new Blob(
      [bytes('GIF89a'), Uint8Array.from([...screen, ...palette, ...frame(0x44), ...frame(0x4c), 0x3b])],
      { type: 'image/gif' },
    );
  };

  /** Returns the start of a PNG file that states a size. */
  const pngHeader = (width, height) => {
    const view = new DataView(new ArrayBuffer(40));
    new Uint8Array(view.buffer).set(bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'));
    view.setUint32(16, width);
    view.setUint32(20, height);
    return new Blob([view], { type: 'image/png' });
  };

  const bad = {
    null: () => null,
    undefined: () => undefined,
    'a string': () => 'cat.jpg',
    'an array': () => [1, 2, 3],
    'an element without pixels': () => document.createElement('div'),
    'a video without a frame': () => document.createElement('video'),
    'an img without an address': () => new Image(),
    'a broken img'() {
      const image = new Image();
      image.src = 'data:image/png;base64,AAAA';
      return image;
    },
    'an img that waits to be scrolled to'() {
      const image = Object.assign(new Image(), { loading: 'lazy' });
      image.src = 'samples/never-loaded.jpg';
      return image;
    },
    'a canvas of 0 × 10': () => Object.assign(document.createElement('canvas'), { width: 0, height: 10 }),
    async 'a closed ImageBitmap'() {
      const bitmap = await createImageBitmap(picture());
      bitmap.close();
      return bitmap;
    },
    'a closed VideoFrame'() {
      const frame = new VideoFrame(picture(), { timestamp: 0 });
      frame.close();
      return frame;
    },
    async "another site's picture"() {
      // An SVG with foreign content taints the canvas that it is drawn on, as a picture of another site does.
      const svg =
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><foreignObject width="9" ' +
        'height="9"><div xmlns="http://www.w3.org/1999/xhtml">x</div></foreignObject></svg>';
      return draw(await imageOf(new Blob([svg], { type: 'image/svg+xml' })), 9, 9);
    },
    'an empty Blob': () => new Blob([]),
    'a Blob that is no picture': () => new Blob(['hello world'], { type: 'text/plain' }),
    'a picture that breaks off': async () => (await blobOf(picture())).slice(0, 60, 'image/png'),
    'a PNG header of 100 megapixels': () => pngHeader(10000, 10000),
    'a canvas of 65 megapixels': () => new OffscreenCanvas(13000, 5000),
  };

  Object.assign(globalThis, { bad, blobOf, classifier, contextOf, difference, distance, draw, imageOf });
  Object.assign(globalThis, { logitsOf, make, redThenBlue, videoOf, withOrientation });
}
