// `cargo xtask bench cpu` and `bench webgpu` run this, with the site being served and all files in place.
//
// The site: bench/ (the files of web/), reslens/ (our library), onnxruntime-web/, tfjs/, litert/, and
// model/ with model.safetensors and, if Python could make them, model.onnx and model.tflite.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { measureBlocking } from './blocking.mjs';
import { launch, openContestant } from './browser.mjs';
import { conditions, load } from './conditions.mjs';
import { engines, gzippedBytes, OURS } from './contestants.mjs';
import { makeInput } from './input.mjs';
import { timeGpuLayers } from './gpu-layers.mjs';
import { timeLayers } from './layers.mjs';
import { timeLens } from './lens.mjs';
import { startNative } from './native.mjs';
import { parse } from './options.mjs';
import { markdown, onThreads, rows } from './report.mjs';
import { attempt, checkLogits, orWhy, run } from './rounds.mjs';

/** @import { Browser } from 'playwright-core' */
/** @import { Engine } from './contestants.mjs' */
/** @import { Options } from './options.mjs' */
/** @import { Contestant, Runner } from './rounds.mjs' */

/** Rounds of the table of layers on the CPU, which takes no turns with other contestants. */
const LAYER_ROUNDS = 25;

const TITLES = { cpu: 'CPU', webgpu: 'GPU, in the browser' };

const NEEDS_PYTHON = 'it needs Python, to convert the model or to run (see above)';

/**
 * All contestants, not yet started.
 * @param {Engine[]} engines
 * @param {number} most threads
 * @returns {{engine: Engine, contestant: Contestant}[]}
 */
const lineUp = (engines, most) =>
  [...new Set([1, most])].flatMap((threads) =>
    engines.map((engine) => ({
      engine,
      contestant: {
        engine: engine.name,
        threads,
        runner: null,
        problem: null,
        samples: [],
        throughput: [],
        deviation: null,
      },
    })),
  );

/**
 * @param {Options} options
 * @param {Browser} browser
 * @param {Engine} engine
 * @param {number} threads
 * @returns {Promise<Runner>}
 */
function start({ url, site, python, size }, browser, engine, threads) {
  const files = { model: `model/model.${engine.model}`, input: 'model/input.f32' };
  if (!existsSync(join(site, files.model))) throw new Error(NEEDS_PYTHON);
  if (engine.adapter) {
    const task = {
      adapter: `${url}bench/${engine.adapter}`,
      model: url + files.model,
      input: url + files.input,
      size,
      threads,
    };
    return openContestant(browser, url, task, engine);
  }
  if (!python) throw new Error(NEEDS_PYTHON);
  const paths = { model: join(site, files.model), input: join(site, files.input) };
  return startNative(python, { ...paths, size, threads });
}

/** @param {Options} options */
async function main(options) {
  const { race, hardware, url, site, size, threads, rounds, warmup, out } = options;
  writeFileSync(join(site, 'model/input.f32'), makeInput(3 * size * size));
  const loadBefore = load();
  const browser = await launch(options.chromium, { gpu: race === 'webgpu', hardware });
  const everybody = lineUp(engines(race, options), threads);
  const contestants = everybody.map(({ contestant }) => contestant);
  /** @type {import('./layers.mjs').Layers | string | null} */
  let layers = null;
  /** @type {import('./gpu-layers.mjs').GpuLayer[] | string | null} */
  let gpuLayers = null;
  /** @type {import('./blocking.mjs').Blocking | string | null} */
  let blocking = null;
  /** @type {import('./lens.mjs').LensTimes | string | null} */
  let lens = null;
  try {
    for (const { engine, contestant } of everybody) {
      console.log(`loading ${engine.name} ${onThreads(contestant.threads)}`);
      contestant.runner = await attempt(contestant, async () =>
        start(options, browser, engine, contestant.threads),
      );
    }
    await checkLogits(contestants, async ({ loaded }) => loaded.logits);
    await run(contestants, { warmup, rounds }, (done, all) => console.log(`round ${done} of ${all}`));
    await checkLogits(contestants, (runner) => runner.logits());
    const ours = contestants.find(({ engine, problem }) => engine === OURS && !problem);
    if (ours?.runner) {
      const { architecture } = ours.runner.loaded.facts;
      lens = await orWhy(() => timeLens(browser, url, { backend: race, size, warmup, rounds }));
      if (race === 'cpu') {
        layers = await orWhy(() => timeLayers(browser, url, { architecture, size, rounds: LAYER_ROUNDS }));
      } else {
        gpuLayers = await orWhy(() => timeGpuLayers(browser, url, { architecture, size, warmup, rounds }));
        blocking = await orWhy(() => measureBlocking(browser, url));
      }
    }
  } finally {
    await Promise.all(contestants.map(({ runner }) => runner?.close()));
    await browser.close();
  }

  const named = everybody.map(({ engine, contestant }) => {
    const { facts } = contestant.runner?.loaded ?? {};
    const name = race === 'cpu' && facts?.simd ? `${engine.name} ${facts.simd}` : engine.name;
    const code = facts && engine.code?.(facts, contestant.threads, site);
    return { ...contestant, name, gzippedBytes: code ? gzippedBytes(site, code) : null };
  });
  const adapter = named.find(({ runner }) => runner?.loaded.facts.adapter)?.runner?.loaded.facts.adapter;
  const native = named.find(({ runner }) => runner?.loaded.facts.version);
  const outcome = {
    title: `${TITLES[race]}: ${options.model}, 1×3×${size}×${size}, float32`,
    conditions: {
      ...conditions({
        site,
        commit: options.commit,
        browser: `Chromium ${browser.version()}, headless, cross-origin isolated`,
        native: native?.runner?.loaded.facts.version ?? null,
        loadBefore,
      }),
      ...(adapter && { 'GPU adapter': adapter }),
      rounds: `${rounds} after ${warmup} that do not count`,
    },
    rows: rows(named),
    layers,
    gpuLayers,
    blocking,
    lens,
  };
  const report = markdown(outcome);
  console.log(`\n${report}`);
  if (out) {
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, `${race}.md`), report);
    writeFileSync(join(out, `${race}.json`), `${JSON.stringify(outcome, null, 1)}\n`);
    console.log(`written to ${join(out, race)}.md and .json`);
  }
  // Failures of the others are findings; ours are errors. But not every adapter can time layers.
  const failed = contestants.some(({ engine, problem }) => engine === OURS && problem);
  if (failed || typeof layers === 'string' || typeof blocking === 'string' || typeof lens === 'string') process.exitCode = 1;
}

await main(parse(process.argv.slice(2)));
