/** The library's answers; part of `reslens.d.ts`. */

/** The parts of a residual block, each of which is a tap. */
export type TapPartName = 'input' | 'shortcut' | 'residual' | 'sum' | 'output';

/** One of the two paths through a residual block: `'residual'` is F(x), `'shortcut'` is x or its projection. */
export type Path = 'residual' | 'shortcut';

/** One class of the answer. */
export interface Prediction {
  /** Index of the class, from 0. */
  index: number;
  label: string;
  /** Returns softmax(logits / temperature). */
  probability: number;
  /** The output of the network, before softmax. */
  logit: number;
}

/** A map with one number for each cell of a block. */
export interface CellMap {
  height: number;
  width: number;
  /** `height * width` values, row by row. */
  data: Float32Array;
  /** Smallest and largest of `data`. */
  min: number;
  max: number;
}

/** One map: a tap, reduced over its channels. */
export interface TapMap extends CellMap {
  /** The number of channels that were reduced. */
  channels: number;
}

/**
 * The recorded parts of a block with input x. `input`: x. `shortcut`: x or its projection.
 * `residual`: F(x). `sum`: shortcut + residual, before ReLU. `output`: ReLU(sum).
 *
 * A path that is left out (`ablate`) is 0, and the sum equals the other path.
 */
export type Tap = { block: string } & Record<TapPartName, TapMap>;

/** The sizes of a block's paths and of their sum, over all C×H×W elements. */
export interface BlockStats {
  block: string;
  /** Root mean square of the shortcut; 0 where it is left out. */
  shortcut: number;
  /** Root mean square of F(x); 0 where it is left out. */
  residual: number;
  /** Root mean square of the sum. */
  sum: number;
  /** Root mean square of the output. */
  output: number;
  /** ‖F(x)‖ / ‖shortcut‖; null where a path is left out, or where the shortcut is 0. */
  ratio: number | null;
  /**
   * The cosine between shortcut and F(x), both as vectors: below 0 where they work against each other. null
   * where a path is left out or 0.
   */
  cosine: number | null;
  /** The share of the sum's elements that are below 0, which ReLU sets to 0. */
  clipped: number;
}

/**
 * A class activation map (Zhou et al. 2016, arXiv 1512.04150): the evidence for a class in the cells of the last
 * block. The logit is the sum of `bias` and all cells of `total`; each cell of `total` is the sum of the parts of the
 * shortcut and of F(x).
 */
export interface Cam {
  index: number;
  label: string;
  logit: number;
  bias: number;
  total: CellMap;
  shortcut: CellMap;
  residual: CellMap;
}

/** The answer to `Classifier.sweep`. */
export interface Sweep {
  /** The class that was watched. */
  index: number;
  label: string;
  /** The path that was left out of each block in turn. */
  path: Path;
  /** The class before the sweep leaves out a path. */
  baseline: { logit: number; probability: number };
  /** One run for each block, in the network's order. */
  blocks: SweptBlock[];
}

/** A run of the network without a path of one block. */
export interface SweptBlock {
  block: string;
  /** Of the watched class. */
  logit: number;
  /** Of the watched class. */
  probability: number;
  /** The most probable class of this run. */
  top: { index: number; label: string; probability: number };
}

/** The answer to `Classifier.gradients`. All gradients and weights are given as root mean squares. */
export interface Gradients {
  of: 'logit' | 'loss';
  /** The class. */
  index: number;
  label: string;
  /** The logit, or the loss. */
  value: number;
  /** In the network's order. */
  blocks: BlockGradients[];
  /** Those of every convolution and of `fc`, if requested. */
  weights?: WeightGradient[];
  /** Grad-CAM of the requested blocks, in the network's order. */
  maps: GradCam[];
  /** Times in ms, measured in the worker; `preprocess` is decoding, reading and resizing the picture. */
  timings: { preprocess: number; forward: number; backward: number; total: number };
}

/** The gradients at one block. */
export interface BlockGradients {
  block: string;
  /** With respect to the block's output. */
  output: number;
  /** With respect to shortcut + F(x), before ReLU. */
  sum: number;
  /** The part of the gradient at the block's input that came over the shortcut; 0 where that is left out. */
  viaShortcut: number;
  /** The part that came through F(x); 0 where that is left out. */
  viaResidual: number;
  /** With respect to the block's input: as tensors, the two parts add up to it. */
  input: number;
}

/** The gradient with respect to the weights of one layer, as they are in the file. */
export interface WeightGradient {
  /** As torchvision names the layer, such as `layer1.0.conv1`. */
  name: string;
  weight: number;
  gradient: number;
}

/**
 * Grad-CAM at the output of a block: ReLU(Σ over channels of (mean over cells of the gradient) × activation). At the
 * last block it is `Cam.total` with negative cells at 0, for a loss times a factor.
 */
export interface GradCam extends CellMap {
  block: string;
}

/** Times in ms, measured in the worker. */
export interface Timings {
  /** Decoding, reading and resizing the picture. */
  preprocess: number;
  /** The network, until its logits and maps are in memory, including the wait for a GPU. */
  inference: number;
  /** Softmax and sorting: from the logits to the predictions. */
  ranking: number;
  /** @deprecated the same as `ranking`, under a misleading name */
  readback: number;
  /**
   * From the worker starting the call to its answer. Where calls overlap, it includes the end of the
   * previous one.
   */
  total: number;
}

/** The answer to `Classifier.classify`. */
export interface Classification {
  /** The most probable first, `topK` of them. */
  predictions: Prediction[];
  /** Whether the best probability is below the model's threshold: "not sure". */
  abstained: boolean;
  /** In the network's order. */
  taps?: Tap[];
  /** In the network's order. */
  stats?: BlockStats[];
  cam?: Cam;
  /** The pooled features of the same run, as `Classifier.embed` returns them. */
  features?: Float32Array;
  timings: Timings;
}

/** The answer to `Classifier.logits`. */
export interface Logits {
  /** N × classes. */
  logits: Float32Array;
  taps?: Tap[];
  stats?: BlockStats[];
  cam?: Cam;
  features?: Float32Array;
}
