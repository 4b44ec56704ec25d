/**
 * reslens/teach: classes of your own for a loaded model, from a few examples each.
 *
 * Errors are `Error`s whose `name` is an `ErrorName` of reslens. What returns a promise rejects; what does not, throws.
 */

import type { Classification, Classifier, ClassifyOptions, Prediction, Source } from './reslens.js';

/** The options of a {@link Teacher}. */
export interface TeacherOptions {
  /** Of the whole, for people. Default `'my classes'`. */
  name?: string;
}

/** The options of {@link Teacher.show}. */
export interface ShowOptions {
  /**
   * What the example was recorded with: one hold of a button, one drop of files. Examples of one take may be near
   * copies, so that {@link Teacher.examine} leaves out whole takes. Default `'1'`.
   */
  take?: string;
  /** Whether to keep a small picture. Default false. */
  thumbnail?: boolean;
  /** The call rejects with AbortError, and nothing is kept. */
  signal?: AbortSignal;
}

/** What was shown once. */
export interface Example {
  readonly id: string;
  readonly label: string;
  readonly take: string;
  /** The pooled features, rounded to half precision, as they are saved. */
  readonly features: Float32Array;
  /** A JPEG file of 96×96 pixels; null where none was asked for, or the picture cannot be drawn. */
  readonly thumbnail: Blob | null;
}

/** The options of {@link Teacher.learn}. */
export interface LearnOptions {
  /** Whether a picture may be none of the classes. Default true. */
  none?: boolean;
}

/** How well the classes are told apart: the answer to {@link Teacher.examine}. */
export interface Examination {
  /** In the order of `confusion`. */
  labels: readonly string[];
  /** How many takes there are. Examples that are equal count once. */
  takes: number;
  /**
   * The share of a left-out take's examples that are right, as mean over takes. null while a label has a single
   * take: nothing is known then.
   */
  accuracy: number | null;
  /** Where the accuracy lies with 95 % confidence, by Wilson's formula with takes as trials. */
  interval: [low: number, high: number] | null;
  /** Left-out examples: of row i's label, said to be column j's. */
  confusion: number[][];
  /** The pair that is mixed up most: what it is, and what it is taken for. Empty without a mistake. */
  weakest: string[];
  /**
   * The share of strangers that are refused: each label in turn is left out and its examples are taken for
   * strangers. null below three labels.
   */
  refusedUnknown: number | null;
}

/** Collects examples of classes, and learns from them. 2 to 100 labels, at most 5,000 examples. */
export class Teacher {
  /** The classifier stays its owner's: the teacher asks it for features and does not dispose of it. */
  constructor(classifier: Classifier, options?: TeacherOptions);

  /**
   * Opens what {@link save} wrote. Rejects with `ModelInvalid` if it was taught to another model, and with
   * `InputInvalid` for another file.
   */
  static open(file: Blob, classifier: Classifier): Promise<Teacher>;

  /** Of the whole, for people. */
  name: string;

  /** In the order in which they were shown. */
  readonly examples: readonly Example[];

  /** In the order of their first examples. */
  readonly labels: readonly string[];

  /** Keeps an example of a label. Rejects like `Classifier.classify`, and with `InputInvalid` for one too many. */
  show(label: string, source: Source, options?: ShowOptions): Promise<Example>;

  /** Removes an example. */
  forget(id: string): void;

  /** Gives the examples of a label another one, which is new. */
  rename(from: string, to: string): void;

  /**
   * Learns from the examples: a linear discriminant with a shrunken covariance, in closed form, in milliseconds. The
   * same examples give the same model. Throws `InputInvalid` below two labels.
   */
  learn(options?: LearnOptions): Taught;

  /** Leaves out one take after the other, and asks about it what the others have taught. */
  examine(): Examination;

  /** The examples as a safetensors file, with their thumbnails. */
  save(): Blob;
}

/** What was learnt. It stays as it is when further examples are shown. */
export class Taught {
  private constructor();

  readonly labels: readonly string[];

  /**
   * The answer to pooled features, such as those of an {@link Example}. `none`: nothing like it was shown; the
   * predictions are there all the same.
   */
  predict(features: Float32Array): { predictions: Prediction[]; none: boolean };

  /**
   * As `Classifier.classify`, with these labels in place of the network's. `cam` is refused: it is of the loaded
   * network's classes.
   */
  classify(source: Source, options?: ClassifyOptions): Promise<Classification & { none: boolean }>;

  /**
   * An ordinary model: the loaded network with another `fc`, with labels, temperature and `abstain_below`. It opens
   * in `Classifier.load({ model })`, in `cargo xtask model eval` and in PyTorch. `dtype`: of the kernels; default:
   * as the loaded model has them.
   */
  toModel(options?: { dtype?: 'F16' | 'F32' }): Promise<Blob>;
}

/** The cosine between two pictures' features: 1 where they point the same way, as those of near copies do. */
export function cosine(a: Float32Array, b: Float32Array): number;
