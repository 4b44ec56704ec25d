/** The answers of the library; part of `reslens.d.ts`. */

/** The parts of a residual block, each of which is a tap. */
export type TapPartName = 'input' | 'shortcut' | 'residual' | 'sum' | 'output';

/** One of the two paths through a residual block: `'residual'` is F(x), `'shortcut'` is x or its projection. */
export type Path = 'residual' | 'shortcut';

/** One class of the answer. */
export interface Prediction {
  /** Index of the class, from 0. */
  index: number;
  label: string;
  /** softmax(logits / temperature). */
  probability: number;
  /** The output of the network, before softmax. */
  logit: number;
}

/** One number for each cell of a block. */
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

/** What each path of a block adds to its sum, over all C×H×W elements. */
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
   * where a path is left out, or is 0.
   */
  cosine: number | null;
  /** The share of the sum's elements that are below 0, which ReLU sets to 0. */
  clipped: number;
}

/**
 * Where the evidence for a class is, in the cells of the last block: its logit is the sum of `bias` and all cells of
 * `total`. Each cell of `total` is the sum of what came over the shortcut and what F(x) added. A class activation map
 * (Zhou et al. 2016, arXiv 1512.04150).
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
  /** The path that was left out of one block after the other. */
  path: Path;
  /** Where no further path is left out. */
  baseline: { logit: number; probability: number };
  /** In the network's order: how the class fares without the path of that block, and which class wins. */
  blocks: SweptBlock[];
}

/** A run of the network without a path of one block. */
export interface SweptBlock {
  block: string;
  logit: number;
  probability: number;
  top: { index: number; label: string; probability: number };
}

/** The answer to `Classifier.gradients`. All its numbers of gradients and weights are root mean squares. */
export interface Gradients {
  of: 'logit' | 'loss';
  /** The class. */
  index: number;
  label: string;
  /** The logit, or the loss. */
  value: number;
  /** In the network's order. */
  blocks: BlockGradients[];
  /** Every convolution and `fc`, if they were asked for. */
  weights?: WeightGradient[];
  /** Grad-CAM of the blocks that were named, in the network's order. */
  maps: GradCam[];
  /** Times in ms, measured in the worker; `preprocess` is decoding, reading and resizing the picture. */
  timings: { preprocess: number; forward: number; backward: number; total: number };
}

/** The gradient at one block: with respect to the tensors that go through it. */
export interface BlockGradients {
  block: string;
  /** With respect to what leaves the block. */
  output: number;
  /** With respect to shortcut + F(x), before ReLU. */
  sum: number;
  /** The part of the gradient at the block's input that came over the shortcut; 0 where that is left out. */
  viaShortcut: number;
  /** The part that came through F(x); 0 where that is left out. */
  viaResidual: number;
  /** With respect to what enters the block: as tensors, the two parts add up to it. */
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
 * last block it is `Cam.total` with negative cells at 0, times a factor where it is of the loss.
 */
export interface GradCam extends CellMap {
  block: string;
}

/** Times in ms, measured in the worker. */
export interface Timings {
  /** Decoding, reading and resizing the picture. */
  preprocess: number;
  /** The network, until its logits and maps are in memory: on a GPU with the wait for it. */
  inference: number;
  /** Softmax and sorting: from the logits to the predictions. */
  ranking: number;
  /** @deprecated the same as `ranking` under a name that says something else */
  readback: number;
  /**
   * From the worker taking up the call to its answer. Where calls overlap, the end of the one before is
   * in it.
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
  /** The pooled features of the same run: what `Classifier.embed` answers. */
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
