/**
 * reslens/teach: classes of your own for a loaded model, from a few examples each.
 *
 * Errors are `Error`s whose `name` is an `ErrorName` of reslens. Methods that return a promise reject; others throw.
 */

import type { Classification, Classifier, ClassifyOptions, Prediction, Source } from './reslens.js';

/** The options of a {@link Teacher}. */
export interface TeacherOptions {
  /** A name for the set of classes, for display. Default `'my classes'`. */
  name?: string;
}

/** The options of {@link Teacher.show}. */
export interface ShowOptions {
  /**
   * The recording that the example belongs to, such as one hold of a button or one drop of files. Examples of one
   * take may be near copies, so {@link Teacher.examine} leaves out whole takes. Default `'1'`.
   */
  take?: string;
  /** Whether to keep a small picture. Default false. */
  thumbnail?: boolean;
  /** Rejects the call with AbortError; nothing is kept. */
  signal?: AbortSignal;
}

/** One example of a label. */
export interface Example {
  readonly id: string;
  readonly label: string;
  readonly take: string;
  /** The pooled features, rounded to half precision, as they are saved. */
  readonly features: Float32Array;
  /** A JPEG file of 96×96 pixels; null if none was requested, or the picture cannot be drawn. */
  readonly thumbnail: Blob | null;
}

/** The options of {@link Teacher.learn}. */
export interface LearnOptions {
  /** Whether a picture may be none of the classes. Default true. */
  none?: boolean;
}

/** The measured accuracy of the classes: the answer to {@link Teacher.examine}. */
export interface Examination {
  /** In the order of `confusion`. */
  labels: readonly string[];
  /** The number of takes. Equal examples count once. */
  takes: number;
  /**
   * The share of a left-out take's examples that are classified correctly, as a mean over takes. null if a label
   * has only one take, because nothing is known then.
   */
  accuracy: number | null;
  /** The 95 % confidence interval of the accuracy, by Wilson's formula with takes as trials. */
  interval: [low: number, high: number] | null;
  /** Counts of left-out examples with label i (row) that were classified as label j (column). */
  confusion: number[][];
  /** The pair that is confused most: the true label and the answer. Empty without a mistake. */
  weakest: string[];
  /**
   * The share of strangers that are refused: each label in turn is left out, and its examples serve as
   * strangers. null with fewer than three labels.
   */
  refusedUnknown: number | null;
}

/** Collects examples of classes, and learns from them. 2 to 100 labels, at most 5,000 examples. */
export class Teacher {
  /** Uses `classifier` for features; the caller keeps it and disposes of it. */
  constructor(classifier: Classifier, options?: TeacherOptions);

  /**
   * Opens a file of {@link save}. Rejects with `ModelInvalid` if it was taught to another model, and with
   * `InputInvalid` for any other file.
   */
  static open(file: Blob, classifier: Classifier): Promise<Teacher>;

  /** A name for the set of classes, for display. */
  name: string;

  /** In the order in which they were shown. */
  readonly examples: readonly Example[];

  /** In the order of their first examples. */
  readonly labels: readonly string[];

  /** Keeps an example of a label. Rejects like `Classifier.classify`, and with `InputInvalid` beyond the limits. */
  show(label: string, source: Source, options?: ShowOptions): Promise<Example>;

  /** Removes an example. */
  forget(id: string): void;

  /** Renames a label; the new name must not exist yet. */
  rename(from: string, to: string): void;

  /**
   * Learns from the examples: a linear discriminant with a shrunken covariance, in closed form, in milliseconds. The
   * same examples give the same model. Throws `InputInvalid` with fewer than two labels.
   */
  learn(options?: LearnOptions): Taught;

  /** Leaves out each take in turn, and tests on it what the others taught. */
  examine(): Examination;

  /** Returns the examples as a safetensors file, with their thumbnails. */
  save(): Blob;
}

/** A learnt classifier. Later examples do not change it. */
export class Taught {
  private constructor();

  readonly labels: readonly string[];

  /**
   * Classifies pooled features, such as those of an {@link Example}. `none`: nothing like it was shown; predictions
   * are returned all the same.
   */
  predict(features: Float32Array): { predictions: Prediction[]; none: boolean };

  /**
   * Works like `Classifier.classify`, with these labels in place of the network's. `cam` is refused, because it
   * belongs to the loaded network's classes.
   */
  classify(source: Source, options?: ClassifyOptions): Promise<Classification & { none: boolean }>;

  /**
   * Returns an ordinary model: the loaded network with another `fc`, labels, temperature and `abstain_below`. It opens
   * in `Classifier.load({ model })`, in `cargo xtask model eval` and in PyTorch. `dtype` is that of the kernels;
   * default: that of the loaded model.
   */
  toModel(options?: { dtype?: 'F16' | 'F32' }): Promise<Blob>;
}

/** Returns the cosine between two pictures' features: close to 1 for near copies. */
export function cosine(a: Float32Array, b: Float32Array): number;
