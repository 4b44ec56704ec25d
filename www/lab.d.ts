/**
 * reslens/lab: small networks of 8 to 200 layers, with and without skips, that learn handwritten digits in the page.
 *
 * Twins have the same weights, the same pictures and the same settings, and differ only in whether a block adds its
 * input. Every number comes from the tensors of the step that it is told of. The same settings and seed give the same
 * bits in every browser.
 *
 * Every error is a rejection with an `Error` whose `name` is an `ErrorName` of reslens; settings out of range reject
 * with `InputInvalid`, which says the range.
 */

import type { Progress } from './reslens.js';

/** A network and how it is trained. */
export interface Recipe {
  /** Weighted layers: the stem, two for each block, the head. An even number from 8 to 200. */
  depth: number;
  /** Channels of every convolution, 4 to 16. */
  width: number;
  /** Whether each block adds its input. Without, the network is the plain twin. */
  skip: boolean;
  norm: 'batch' | 'none';
  /** Behind each convolution. */
  activation: 'relu' | 'tanh' | 'sigmoid';
  /** Where the activation between two blocks stands: after the addition, or before the convolutions, within F. */
  place: 'after' | 'before';
  /** Standard deviation of the convolutions' weights at the start, in units of He's √(2 / fan-in); 0.01 to 10. */
  init: number;
  /** The highest learning rate, 1e-6 to 10. */
  rate: number;
  /** Steps in which the rate rises to it, up to 10,000. From then on it falls as a cosine. */
  warmup: number;
  /** 0 to 0.999. */
  momentum: number;
  /** Weight decay, 0 to 0.1. */
  decay: number;
  /** How often each picture is seen, 1 to 100. */
  epochs: number;
  /** Pictures of a step, 8 to 128. */
  batch: number;
}

/** Settings that were tried: `shallow`, `cracks`, `deep`, `very-deep`, `vanishing` and others. */
export interface Preset extends Recipe {
  name: string;
}

/** A preset and what is to be different. */
export interface Settings extends Partial<Recipe> {
  /** Default: `shallow`. */
  preset?: string;
  /** Of the weights and of the order of the pictures: a whole number from 0 to 4,294,967,295. Default: 1. */
  seed?: number;
}

/** One number for each 3×3 convolution, in the network's order: 0 is the stem, 1 and 2 are the first block. */
export interface Layers {
  /** ‖∂L/∂W‖, without weight decay. */
  gradient: Float32Array;
  /** ‖η ∂L/∂W‖ / ‖W‖. */
  update: Float32Array;
  /** Root mean square of what the layer hands on: behind norm, addition and activation, where that stands there. */
  activation: Float32Array;
  /** ‖∂L/∂x‖, x being what the layer hands on. */
  backward: Float32Array;
  /** The share of its weights whose bits differ from those before the first step. */
  changed: Float32Array;
  /** How many weights it has. */
  weights: Uint32Array;
}

/** A step that was just made. */
export interface Step {
  /** How many were made, with this one. */
  step: number;
  /** How many there will be. */
  steps: number;
  /** Cross-entropy of the step's pictures, before it changed anything. Not finite in a run that explodes. */
  loss: number;
  /** The share of them that was right, from 0 to 1. */
  accuracy: number;
  /** The learning rate η. */
  rate: number;
  layers: Layers;
}

/** What came of a run. */
export interface Result {
  /** Over the last epoch, each picture as it was trained on. */
  trainAccuracy: number;
  /** On the 360 test pictures; null if the run was stopped. `evaluate` measures it then. */
  testAccuracy: number | null;
  /** Of the first step. */
  firstLoss: number;
  /** Of the last step. */
  lastLoss: number;
  /** How many steps were made. */
  step: number;
  steps: number;
  /** Whether it was stopped before its end. */
  stopped: boolean;
  /** Of the last step that was measured. */
  layers: Layers;
  /** Of computing, without the turns of other runs. */
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
  /** λW: what weight decay adds to the gradient. */
  decay: number;
  /** μv: what the steps before add to it. */
  momentum: number;
  after: number;
}

/** How a network does on the test pictures. */
export interface Score {
  testAccuracy: number;
  loss: number;
}

/** The accuracy of a network in which one block hands on its input (Veit et al. 2016). */
export interface Deleted {
  /** From 0. */
  block: number;
  testAccuracy: number;
}

/** What the paths of a block bring, over all test pictures. */
export interface LedgerRow {
  /** From 0. */
  block: number;
  /** ‖F(x)‖ / ‖x‖; null in a plain network. */
  ratio: number | null;
  /** The cosine between x and F(x); null in a plain network. */
  cosine: number | null;
  /** The share of the sum that a ReLU behind it sets to 0; null where there is none. */
  clipped: number | null;
}

export interface LabOptions {
  /** The folder with the library's files; default: where `lab.js` is. */
  assets?: string | URL;
  /** Starts the library's worker, where a bundler needs it to be written out. */
  worker?: () => Worker;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

export interface TrainOptions {
  /** Every how many steps `onStep` is called; it also is after the first and the last. Default: 4. */
  every?: number;
  /** Whether the run takes a step only when `Run.advance` asks for it. Default: false. */
  hold?: boolean;
  onStep?: (step: Step) => void;
  /** Ends the run: what is open rejects with `AbortError`. */
  signal?: AbortSignal;
}

export interface QuestionOptions {
  onProgress?: (progress: { done: number; total: number }) => void;
  signal?: AbortSignal;
}

/** Trains small networks in a worker of its own. */
export class Lab {
  private constructor();

  /** Loads the engine and the digits. */
  static load(options?: LabOptions): Promise<Lab>;

  readonly presets: readonly Preset[];

  /** Begins a run. Several runs take turns, step by step. */
  train(settings?: Settings, options?: TrainOptions): Run;

  /** Ends the worker and frees its memory; what is open rejects with `Disposed`. */
  dispose(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

/** One network, while it is trained and after. Questions can be asked at any time; each is about one moment. */
export interface Run {
  /** Settles when the run has ended. */
  readonly done: Promise<Result>;

  /** Lets the run take no further step: `done` resolves with what there is. */
  stop(): void;

  /**
   * Has a run that was begun with `hold` take further steps, one without a number; answers with the last of them.
   * After the run's last step `done` settles. `InputInvalid` where it is not held, has ended, or is taking steps.
   */
  advance(steps?: number): Promise<Step>;

  /** What the last step did to one weight: `index` of it in the convolution's `[O, I, 3, 3]`. */
  follow(of: { layer: number; index: number }): Promise<Followed>;

  /** How the network does on the test pictures. */
  evaluate(options?: QuestionOptions): Promise<Score>;

  /** How it does without each of its blocks. */
  deleteEach(options?: QuestionOptions): Promise<Deleted[]>;

  /** What the paths of each block bring. */
  ledger(options?: QuestionOptions): Promise<LedgerRow[]>;

  /** Ends the run and frees its memory; what is open rejects with `Disposed`. */
  dispose(): void;
}
