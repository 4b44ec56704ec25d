// Uses that the library's types allow and refuse; tsc compiles it, nothing runs it.

import { Classifier } from '../../www/reslens.js';
import type { BlockStats, Cam, Classification, ErrorName, Gradients, Source, Sweep, TapMap } from '../../www/reslens.js';

export async function allowed(source: Source, signal: AbortSignal): Promise<TapMap | undefined> {
  const classifier = await Classifier.load({
    model: new URL('https://example.org/model.safetensors'),
    backend: 'cpu',
    threads: 'auto',
    assets: './reslens/',
    worker: () => new Worker('./reslens-worker.js', { type: 'module' }),
    onProgress: ({ phase, loaded, total }) => `${phase} ${loaded / (total ?? Infinity)}`,
    onBackend: ({ kind, reason, adapter, memory }) =>
      `${kind} ${reason ?? adapter ?? ''} ${memory.wasm + memory.gpu}`,
    simulate: 'stall',
    signal,
  });
  const result: Classification = await classifier.classify(source, {
    topK: 3,
    taps: ['layer1.0'],
    reduce: { channel: 3 },
    stats: 'all',
    cam: 3,
    ablate: ['layer2.1', { block: 'layer3.1', path: 'shortcut' }],
    signal,
  });
  const ratios: (number | null)[] | undefined = result.stats?.map(({ ratio }: BlockStats) => ratio);
  const evidence: Cam | undefined = result.cam;
  const sweep: Sweep = await classifier.sweep(source, {
    path: 'shortcut',
    index: evidence?.index,
    onProgress: ({ done, total }) => `${done} of ${total}, ${ratios}`,
    signal,
  });
  await classifier.sweep(new Float32Array(3072), { shape: [1, 3, 32, 32], index: sweep.blocks[0]?.top.index });
  const { blocks, maps, weights }: Gradients = await classifier.gradients(source, {
    of: 'loss',
    index: 3,
    ablate: ['layer2.1'],
    weights: true,
    maps: ['layer4.1'],
    onProgress: ({ loaded }) => loaded,
    signal,
  });
  await classifier.gradients(new Float32Array(3072), { shape: [1, 3, 32, 32], index: maps.length + (weights?.length ?? blocks.length) });
  const { logits } = await classifier.logits(new Float32Array(3072), { shape: [1, 3, 32, 32] });
  const embedding: Float32Array = await classifier.embed(source);
  const name: ErrorName = logits.length > embedding.length ? 'Disposed' : 'AbortError';
  await classifier.dispose();
  await using another = await Classifier.load();
  return another.model.blocks.length === 0 || name === 'Disposed' ? undefined : result.taps?.[0]?.residual;
}

export async function refused(classifier: Classifier): Promise<void> {
  // @ts-expect-error: only `load` creates a classifier
  new Classifier();
  // @ts-expect-error: not a backend
  await Classifier.load({ backend: 'gpu' });
  // @ts-expect-error: not a fault to simulate
  await Classifier.load({ simulate: 'fire' });
  // @ts-expect-error: names are strings
  await Classifier.load({ labels: [7] });
  // @ts-expect-error: not a source
  await classifier.classify('cat.jpg');
  // @ts-expect-error: not a reduction
  await classifier.classify(new Blob(), { reduce: 'median' });
  // @ts-expect-error: not a path
  await classifier.classify(new Blob(), { ablate: [{ block: 'layer1.0', path: 'both' }] });
  // @ts-expect-error: a class is named by its index
  await classifier.classify(new Blob(), { cam: 'dog' });
  // @ts-expect-error: plain arrays are refused
  await classifier.logits([1, 2, 3]);
  // @ts-expect-error: four sizes
  await classifier.logits(new Float32Array(3), { shape: [1, 3, 1] });
  // @ts-expect-error: the backend is reported, not set
  classifier.backend.threads = 2;
}
