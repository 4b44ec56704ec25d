// The examples of classes that a visitor teaches.

import { failure, show } from '../shared/errors.js';
import { calibrate } from './calibration.js';
import { fit } from './discriminant.js';
import { examine } from './examination.js';
import { fromHalf, MAX_HALF, toHalf } from './half.js';
import { MAX_EXAMPLES, MAX_LABELS, MAX_NAME } from './limits.js';
import { Novelty } from './novelty.js';
import { readProject, writeProject } from './project-file.js';
import { Taught } from './taught.js';
import { thumbnailOf } from './thumbnail.js';

/**
 * @import { Classifier, Source } from '../../reslens.js'
 * @import { Example, Examination, LearnOptions, ShowOptions, TeacherOptions } from '../../teach.js'
 */

/** The class that `teach.d.ts` declares and describes. */
export class Teacher {
  #classifier;
  /** @type {Example[]} */
  #examples = [];
  /** The number of the last assigned id. */
  #last = 0;

  /** @type {string} */
  name;

  /**
   * @param {Classifier} classifier
   * @param {TeacherOptions} [options]
   */
  constructor(classifier, { name = 'my classes' } = {}) {
    this.#classifier = classifier;
    this.name = checkName('name', name);
  }

  /**
   * @param {Blob} file
   * @param {Classifier} classifier
   * @returns {Promise<Teacher>}
   */
  static async open(file, classifier) {
    if (!(file instanceof Blob)) throw failure('InputInvalid', `file: expected a Blob, found ${show(file)}`);
    const { name, examples } = await readProject(file, classifier.model);
    const teacher = new Teacher(classifier, { name });
    teacher.#examples = examples;
    teacher.#last = Math.max(0, ...examples.map(({ id }) => Number(id) || 0));
    return teacher;
  }

  /** @returns {readonly Example[]} */
  get examples() {
    return [...this.#examples];
  }

  /** @returns {readonly string[]} */
  get labels() {
    return [...new Set(this.#examples.map(({ label }) => label))];
  }

  /**
   * @param {string} label
   * @param {Source} source
   * @param {ShowOptions} [options]
   * @returns {Promise<Example>}
   */
  async show(label, source, { take = '1', thumbnail = false, signal } = {}) {
    checkName('label', label);
    checkName('take', take);
    this.#checkRoom(label);
    const answer = this.#classifier.classify(source, { topK: 1, features: true, signal });
    // Drawn at once, so that it shows the same frame of a video. Pictures that cannot be drawn have no thumbnail.
    const picture = thumbnail ? createImageBitmap(source).then(thumbnailOf, () => null) : null;
    const { features } = await answer;
    const drawn = await picture;
    this.#checkRoom(label); // others may have been added in the meantime
    const example = {
      id: String(++this.#last),
      label,
      take,
      features: /** @type {Float32Array} */ (features).map(asSaved),
      thumbnail: drawn,
    };
    this.#examples.push(example);
    return example;
  }

  /** @param {string} id */
  forget(id) {
    const index = this.#examples.findIndex((example) => example.id === id);
    if (index < 0) throw failure('InputInvalid', `id: expected that of an example, found ${show(id)}`);
    this.#examples.splice(index, 1);
  }

  /** @param {string} from @param {string} to */
  rename(from, to) {
    checkName('to', to);
    const { labels } = this;
    if (!labels.includes(from)) throw failure('InputInvalid', `from: expected a label, found ${show(from)}`);
    if (to !== from && labels.includes(to)) throw failure('InputInvalid', `to: expected a new label, found ${show(to)}`);
    this.#examples = this.#examples.map((example) => (example.label === from ? { ...example, label: to } : example));
  }

  /**
   * @param {LearnOptions} [options]
   * @returns {Taught}
   */
  learn({ none = true } = {}) {
    const { labels } = this;
    if (labels.length < 2) {
      const found = `${labels.length}${labels.length ? ` (${show(labels[0])})` : ''}`;
      throw failure('InputInvalid', `examples: expected at least 2 labels, found ${found}: show examples of another one`);
    }
    const examples = gather(this.#examples, labels);
    return new Taught(this.#classifier, {
      labels,
      head: fit(examples),
      novelty: none ? new Novelty(examples) : null,
      calibration: calibrate(examples, this.#examples.map(takeOf)),
      card: `${this.name}: taught by ${this.#examples.length} examples of ${labels.length} labels, with reslens`,
    });
  }

  /** @returns {Examination} */
  examine() {
    const { labels } = this;
    // An example that was shown twice would be known from the other take.
    const seen = new Set();
    const distinct = this.#examples.filter(({ label, features }) => {
      const key = `${label}\0${features.join()}`;
      return !seen.has(key) && seen.add(key);
    });
    if (labels.length < 2) {
      const takes = new Set(distinct.map(takeOf)).size;
      return { labels, takes, accuracy: null, interval: null, confusion: labels.map(() => [0]), weakest: [], refusedUnknown: null };
    }
    const { weakest, ...result } = examine(gather(distinct, labels), distinct.map(takeOf));
    return { labels, ...result, weakest: weakest?.map((index) => labels[index]) ?? [] };
  }

  /** @returns {Blob} */
  save() {
    return writeProject(this.name, this.#examples, this.#classifier.model);
  }

  /** @param {string} label of the next example */
  #checkRoom(label) {
    if (this.#examples.length >= MAX_EXAMPLES) {
      throw failure('InputInvalid', `examples: expected at most ${MAX_EXAMPLES}, found one more: forget some first`);
    }
    const { labels } = this;
    if (labels.length >= MAX_LABELS && !labels.includes(label)) {
      throw failure('InputInvalid', `label: expected at most ${MAX_LABELS} labels, found another one, ${show(label)}`);
    }
  }
}

/** Returns a feature as it is saved, so that a saved and reopened teacher learns the same. @param {number} value */
const asSaved = (value) => fromHalf(toHalf(Math.max(-MAX_HALF, Math.min(MAX_HALF, value))));

/** Returns the unique name of an example's take, which belongs to one label. @param {Example} example */
const takeOf = ({ label, take }) => JSON.stringify([label, take]);

/** @param {readonly Example[]} examples @param {readonly string[]} labels */
const gather = (examples, labels) => ({
  features: examples.map(({ features }) => features),
  classes: examples.map(({ label }) => labels.indexOf(label)),
  count: labels.length,
});

/**
 * @param {string} what
 * @param {unknown} name
 * @returns {string}
 */
function checkName(what, name) {
  if (typeof name === 'string' && name.trim() !== '' && name.length <= MAX_NAME) return name;
  throw failure('InputInvalid', `${what}: expected a string of 1 to ${MAX_NAME} characters, found ${show(name)}`);
}
