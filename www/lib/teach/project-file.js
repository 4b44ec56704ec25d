// A teacher's examples as one file: a safetensors file with their features and thumbnails.

import { failure, kindOf, messageOf, show } from '../shared/errors.js';
import { fromHalf, toHalf } from './half.js';
import { MAX_EXAMPLES, MAX_LABELS } from './limits.js';
import { readTensors, writeTensors } from './safetensors.js';

/** @import { Model } from '../../reslens.js' */
/** @import { Example } from '../../teach.js' */

/** @typedef {Pick<Model, 'architecture' | 'features' | 'sha256'>} TaughtTo identifies a model */

/** The metadata key under which the tensors are described. */
const KEY = 'reslens.teacher';

const VERSION = 1;

/**
 * @param {string} name
 * @param {readonly Example[]} examples
 * @param {TaughtTo} model
 * @returns {Blob}
 */
export function writeProject(name, examples, { architecture, features: width, sha256 }) {
  const features = new DataView(new ArrayBuffer(2 * width * examples.length));
  examples.forEach((example, i) => example.features.forEach((value, j) => features.setUint16(2 * (i * width + j), toHalf(value), true)));
  const thumbnails = new Blob(examples.flatMap(({ thumbnail }) => thumbnail ?? []));
  const about = {
    version: VERSION,
    name,
    model: { architecture, features: width, sha256 },
    examples: examples.map(({ id, label, take, thumbnail }) => ({ id, label, take, thumbnail: thumbnail?.size ?? 0 })),
  };
  const tensors = new Map([
    ['features', { dtype: 'F16', shape: [examples.length, width], data: new Blob([features]) }],
    ['thumbnails', { dtype: 'U8', shape: [thumbnails.size], data: thumbnails }],
  ]);
  return writeTensors(tensors, { [KEY]: JSON.stringify(about) });
}

/**
 * @param {Blob} file
 * @param {TaughtTo} model the loaded one
 * @returns {Promise<{name: string, examples: Example[]}>} rejects with `InputInvalid` for anything else than such a
 *   file, and with `ModelInvalid` for one that belongs to another model
 */
export async function readProject(file, model) {
  const { tensors, metadata } = await readTensors(file);
  const { name, model: taughtTo, examples: entries } = readAbout(metadata[KEY]);
  checkModel(taughtTo, model);
  const [features, thumbnails] = [tensors.get('features'), tensors.get('thumbnails')];
  const width = model.features;
  const bytes = entries.reduce((sum, { thumbnail }) => sum + thumbnail, 0);
  if (features?.dtype !== 'F16' || features.data.size !== 2 * width * entries.length) {
    throw invalid(`features of ${entries.length} × ${width} F16 values`, features ? `${features.dtype} [${features.shape}]` : 'none');
  }
  if (bytes > 0 && thumbnails?.data.size !== bytes) throw invalid(`${bytes} bytes of thumbnails`, `${thumbnails?.data.size ?? 0}`);
  const halves = new DataView(await features.data.arrayBuffer());
  let begin = 0;
  const examples = entries.map(({ id, label, take, thumbnail: size }, i) => {
    const values = Float32Array.from({ length: width }, (_, j) => fromHalf(halves.getUint16(2 * (i * width + j), true)));
    if (!values.every(Number.isFinite)) throw invalid('finite features', `non-finite ones in example ${show(id)}`);
    const thumbnail = size > 0 && thumbnails ? thumbnails.data.slice(begin, begin + size, 'image/jpeg') : null;
    begin += size;
    return { id, label, take, features: values, thumbnail };
  });
  return { name, examples };
}

/**
 * @param {string | undefined} text
 * @returns {{name: string, model: TaughtTo, examples: {id: string, label: string, take: string, thumbnail: number}[]}}
 */
function readAbout(text) {
  const what = `what Teacher.save writes (metadata '${KEY}')`;
  if (typeof text !== 'string') throw invalid(what, 'another safetensors file');
  let about;
  try {
    about = JSON.parse(text);
  } catch (error) {
    throw invalid(what, messageOf(error));
  }
  if (about?.version !== VERSION) throw invalid(`${what} of version ${VERSION}`, `version ${show(about?.version)}`);
  const { name, model, examples } = about;
  const isText = (/** @type {unknown} */ each) => typeof each === 'string' && each !== '';
  const isExample = (/** @type {any} */ each) =>
    isText(each?.id) && isText(each.label) && typeof each.take === 'string' && Number.isInteger(each.thumbnail) && each.thumbnail >= 0;
  if (typeof name !== 'string' || kindOf(model) !== 'Object' || !Array.isArray(examples) || !examples.every(isExample)) {
    throw invalid(`${what} with a name, a model and examples`, 'others');
  }
  const labels = new Set(examples.map(({ label }) => label));
  if (examples.length > MAX_EXAMPLES || labels.size > MAX_LABELS) {
    throw invalid(`at most ${MAX_EXAMPLES} examples of ${MAX_LABELS} labels`, `${examples.length} of ${labels.size}`);
  }
  if (new Set(examples.map(({ id }) => id)).size !== examples.length) throw invalid('examples with unique ids', 'a duplicate');
  return { name, model, examples };
}

/**
 * Refuses the features of another model, which are meaningless to this one.
 * @param {TaughtTo} taughtTo
 * @param {TaughtTo} model
 */
function checkModel(taughtTo, model) {
  // An insecure page cannot compute hashes.
  const same = taughtTo.sha256 === null || model.sha256 === null
    ? taughtTo.architecture === model.architecture && taughtTo.features === model.features
    : taughtTo.sha256 === model.sha256;
  if (same) return;
  const named = (/** @type {TaughtTo} */ { architecture, sha256 }) => `${show(architecture)} with SHA-256 ${show(sha256)}`;
  throw failure(
    'ModelInvalid',
    `file: taught to another model: expected ${named(model)}, found ${named(taughtTo)}: load that model first`,
  );
}

/** @param {string} expected @param {string} found */
const invalid = (expected, found) => failure('InputInvalid', `file: expected ${expected}, found ${found}`);
