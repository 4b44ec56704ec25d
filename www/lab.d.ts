/**
 * reslens/lab: small networks of 8 to 200 layers, with and without shortcuts, that learn handwritten digits in the page.
 *
 * Twins have the same initial weights, pictures and settings, and differ only in whether a block adds its
 * input. Every number comes from the tensors of the reported step. The same settings and seed give the same
 * bits in every browser.
 *
 * Every error is a rejection with an `Error` whose `name` is an `ErrorName` of reslens; settings out of range reject
 * with `InputInvalid`, which gives the range.
 */

import type { Progress } from './reslens.js';

/** A network and how it is trained. */
export interface Recipe {
  /** Weighted layers: the stem, two for each block, the head. An even number from 8 to 200. */
  depth: number;
  /** Channels of every convolution, 4 to 16. */
  width: number;
  /** Whether each block adds its input. If not, the network is the plain twin. */
  skip: boolean;
  norm: 'batch' | 'none';
  /** After each convolution. */
  activation: 'relu' | 'tanh' | 'sigmoid';
  /** The place of the activation between two blocks: after the addition, or before the convolutions, inside F. */
  place: 'after' | 'before';
  /** Standard deviation of the convolutions' initial weights, in units of He's √(2 / fan-in); 0.01 to 10. */
  init: number;
  /** The highest learning rate, 1e-6 to 10. */
  rate: number;
  /** Steps in which the rate rises to `rate`, up to 10,000. It then decays as a cosine. */
  warmup: number;
  /** 0 to 0.999. */
  momentum: number;
  /** Weight decay, 0 to 0.1. */
  decay: number;
  /** How often each picture is seen, 1 to 100. */
  epochs: number;
  /** Pictures per step, 8 to 128. */
  batch: number;
}

/** A tested set of settings: `shallow`, `cracks`, `deep`, `very-deep`, `vanishing` and others. */
export interface Preset extends Recipe {
  name: string;
}

/** A preset and its overrides. */
export interface Settings extends Partial<Recipe> {
  /** Default: `shallow`. */
  preset?: string;
  /** For the weights and the order of the pictures: a whole number from 0 to 4,294,967,295. Default: 1. */
  seed?: number;
}

/** One number for each 3×3 convolution, in the network's order: 0 is the stem, 1 and 2 are the first block. */
export interface Layers {
  /** ‖∂L/∂W‖, without weight decay. */
  gradient: Float32Array;
  /** ‖η ∂L/∂W‖ / ‖W‖. */
  update: Float32Array;
  /** Root mean square of the layer's output: after norm, addition and activation, as far as they follow it. */
  activation: Float32Array;
  /** ‖∂L/∂x‖ at the layer's output x. */
  backward: Float32Array;
  /** The share of its weights whose bits differ from those before the first step. */
  changed: Float32Array;
  /** The number of its weights. */
  weights: Uint32Array;
}

/** A completed step. */
export interface Step {
  /** The number of steps so far, this one included. */
  step: number;
  /** The number of steps in the whole run. */
  steps: number;
  /** Cross-entropy of the step's pictures, before the update. Not finite in a run that explodes. */
  loss: number;
  /** The share of them that was classified correctly, from 0 to 1. */
  accuracy: number;
  /** The learning rate η. */
  rate: number;
  layers: Layers;
}

/** The result of a run. */
export interface Result {
  /** Over the last epoch, each picture when it was trained on. */
  trainAccuracy: number;
  /** On the 360 test pictures; null if the run was stopped: `evaluate` measures it then. */
  testAccuracy: number | null;
  /** Of the first step. */
  firstLoss: number;
  /** Of the last step. */
  lastLoss: number;
  /** The number of steps made. */
  step: number;
  steps: number;
  /** Whether it was stopped before its end. */
  stopped: boolean;
  /** Of the last measured step. */
  layers: Layers;
  /** Of computing time, without the turns of other runs. */
  seconds: number;
  settings: Recipe & { preset: string; seed: number };
}

/** The last step of one weight: `after` = `before` − `rate` · (`gradient` + `decay` + `momentum`), in 32 bits. */
export interface Followed {
  step: number;
  layer: number;
  index: number;
  before: number;
  /** ∂L/∂W. */
  gradient: number;
  /** η. */
  rate: number;
  /** λW, the term of weight decay. */
  decay: number;
  /** μv, the term of earlier steps. */
  momentum: number;
  after: number;
}

/** A network's result on the test pictures. */
export interface Score {
  testAccuracy: number;
  loss: number;
}

/** The accuracy of a network without one block, whose input passes through (Veit et al. 2016). */
export interface Deleted {
  /** From 0. */
  block: number;
  testAccuracy: number;
}

/** What the paths of a block contribute, over all test pictures. */
export interface LedgerRow {
  /** From 0. */
  block: number;
  /** ‖F(x)‖ / ‖x‖; null in a plain network. */
  ratio: number | null;
  /** The cosine between x and F(x); null in a plain network. */
  cosine: number | null;
  /** The share of the sum that the ReLU after it sets to 0; null without such a ReLU. */
  clipped: number | null;
}

export interface LabOptions {
  /** The folder with the library's files; default: where `lab.js` is. */
  assets?: string | URL;
  /** Starts the library's worker, for bundlers that need it written out. */
  worker?: () => Worker;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

export interface TrainOptions {
  /** The number of steps between calls of `onStep`, which is also called after the first and the last. Default: 4. */
  every?: number;
  /** Whether the run takes steps only on `Run.advance`. Default: false. */
  hold?: boolean;
  onStep?: (step: Step) => void;
  /** Ends the run: open calls reject with `AbortError`. */
  signal?: AbortSignal;
}

export interface QuestionOptions {
  onProgress?: (progress: { done: number; total: number }) => void;
  signal?: AbortSignal;
}

/** A lab that trains small networks in its own worker. */
export class Lab {
  private constructor();

  /** Loads the engine and the digits. */
  static load(options?: LabOptions): Promise<Lab>;

  readonly presets: readonly Preset[];

  /** Starts a run. Several runs take turns, step by step. */
  train(settings?: Settings, options?: TrainOptions): Run;

  /** Ends the worker and frees its memory; open calls reject with `Disposed`. */
  dispose(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

/** One network, during training and after. Questions can be asked at any time; each is about one moment. */
export interface Run {
  /** Settles when the run has ended. */
  readonly done: Promise<Result>;

  /** Stops training: `done` resolves with the result so far. */
  stop(): void;

  /**
   * Takes further steps, by default one, in a run started with `hold`, and returns the last of them. After the
   * run's last step `done` settles. Rejects with `InputInvalid` if the run is not held, has ended, or is taking steps.
   */
  advance(steps?: number): Promise<Step>;

  /** Returns what the last step did to one weight, at `index` in the convolution's `[O, I, 3, 3]`. */
  follow(of: { layer: number; index: number }): Promise<Followed>;

  /** Evaluates the network on the test pictures. */
  evaluate(options?: QuestionOptions): Promise<Score>;

  /** Evaluates it without each of its blocks. */
  deleteEach(options?: QuestionOptions): Promise<Deleted[]>;

  /** Measures what the paths of each block contribute. */
  ledger(options?: QuestionOptions): Promise<LedgerRow[]>;

  /** Ends the run and frees its memory; open calls reject with `Disposed`. */
  dispose(): void;
}
