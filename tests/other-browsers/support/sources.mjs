// Pictures in every form that the library accepts, put on a page for its tests.

/**
 * Runs on the page, after the library's helpers, and adds globals: `make[kind](canvas)`, `videoOf(canvas)`,
 * `blobOf(canvas, type)`; `upright(jpeg)` and `onItsSide(jpeg)`, which look the same; `withHole()`; `bad[what]()`; and
 * `difference(a, b)` between the answers to two pictures.
 */
export function installSources() {
  const blobOf = (canvas, type = 'image/png') => new Promise((resolve) => canvas.toBlob(resolve, type, 1));

  const contextOf = (canvas) => canvas.getContext('2d');

  const draw = (source, width, height, change = (context) => context.save()) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = contextOf(canvas);
    change(context);
    context.drawImage(source, 0, 0);
    return canvas;
  };

  const make = {
    async HTMLImageElement(canvas) {
      const image = new Image();
      image.src = URL.createObjectURL(await blobOf(canvas));
      await image.decode();
      return image;
    },
    OffscreenCanvas(canvas) {
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      contextOf(copy).drawImage(canvas, 0, 0);
      return copy;
    },
    ImageBitmap: (canvas) => createImageBitmap(canvas),
    ImageData: (canvas) => contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height),
    VideoFrame: (canvas) => new VideoFrame(canvas, { timestamp: 0 }),
    Blob: (canvas) => blobOf(canvas),
  };

  /** Returns a playing video of the canvas, with a current frame. */
  const videoOf = async (canvas) => {
    const video = Object.assign(document.createElement('video'), { muted: true });
    video.srcObject = canvas.captureStream();
    const loaded = new Promise((resolve) => (video.onloadeddata = resolve));
    contextOf(canvas).drawImage(canvas, 0, 0); // a stream shows only what is drawn after its start
    await video.play();
    await loaded;
    return video;
  };

  /** Returns the picture of a JPEG, rotated by 90° clockwise. */
  const upright = async (jpeg) => {
    const bitmap = await createImageBitmap(jpeg);
    return draw(bitmap, bitmap.height, bitmap.width, (context) => {
      context.translate(bitmap.height, 0);
      context.rotate(Math.PI / 2);
    });
  };

  /** Returns a JPEG that must be rotated by 90° clockwise (EXIF orientation 6). */
  const onItsSide = async (jpeg) => {
    const tiff = 'MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0';
    const exif = Uint8Array.from(`Exif\0\0${tiff}`, (character) => character.charCodeAt(0));
    const segment = Uint8Array.of(0xff, 0xe1, 0, exif.length + 2);
    return new Blob([jpeg.slice(0, 2), segment, exif, jpeg.slice(2)], { type: 'image/jpeg' });
  };

  /** Returns a picture with a transparent rectangle, and the same picture on white. */
  const withHole = () => {
    const clear = picture();
    contextOf(clear).clearRect(20, 10, 50, 40);
    const white = draw(clear, clear.width, clear.height, (context) => {
      context.fillStyle = '#fff';
      context.fillRect(0, 0, clear.width, clear.height);
    });
    return { clear, white };
  };

  const bad = {
    null: () => null,
    'an element without pixels': () => document.createElement('div'),
    'a video without a frame': () => document.createElement('video'),
    'a broken img': () => Object.assign(new Image(), { src: 'data:image/png;base64,AAAA' }),
    'a canvas of 0 × 10': () => Object.assign(document.createElement('canvas'), { width: 0, height: 10 }),
    async 'a closed ImageBitmap'() {
      const bitmap = await createImageBitmap(picture());
      bitmap.close();
      return bitmap;
    },
    'an empty Blob': () => new Blob([]),
    'a Blob that is no picture': () => new Blob(['hello world'], { type: 'text/plain' }),
    'a picture that breaks off': async () => (await blobOf(picture())).slice(0, 60, 'image/png'),
  };

  const logitsOf = async (source) => {
    const { predictions } = await classifier.classify(source, { topK: 50 });
    return predictions.sort((a, b) => a.index - b.index).map(({ logit }) => logit);
  };

  /** Returns the largest difference, relative to the largest logit. */
  const difference = async (a, b) => {
    const [x, y] = [await logitsOf(a), await logitsOf(b)];
    return Math.max(...x.map((value, i) => Math.abs(value - y[i]))) / Math.max(...x.map(Math.abs));
  };

  Object.assign(globalThis, { bad, blobOf, difference, make, onItsSide, upright, videoOf, withHole });
}
