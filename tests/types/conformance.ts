// Checks that the code matches `reslens.d.ts`; tsc compiles it, nothing runs it. TypeScript reads the `.d.ts` instead
// of `reslens.js`, so without this file nothing would compare the two.

import { Lab as RealLab } from '../../www/lib/lab/lab.js';
import { Run as RealRun } from '../../www/lib/lab/run.js';
import { Classifier as Real } from '../../www/lib/page/classifier.js';
import { Taught as RealTaught } from '../../www/lib/teach/taught.js';
import { Teacher as RealTeacher } from '../../www/lib/teach/teacher.js';
import * as lab from '../../www/lab.js';
import * as told from '../../www/reslens.js';
import * as taught from '../../www/teach.js';

/** Whether two types are identical: unlike in an assignment, `any` is identical only to `any`. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** For each public member of two classes: whether it is identical in both. */
type Agreement<A, B> = {
  [K in keyof A | keyof B]: K extends keyof A & keyof B ? Same<Pick<A, K>, Pick<B, K>> : false;
};

export const members: Agreement<Real, told.Classifier> = {
  backend: true,
  model: true,
  classify: true,
  embed: true,
  logits: true,
  sweep: true,
  gradients: true,
  modelFile: true,
  dispose: true,
  [Symbol.asyncDispose]: true,
};

/** The code can be used where the declared class is expected, except for its private constructor. */
export const classifier: Pick<typeof told.Classifier, keyof typeof told.Classifier> = Real;

export const load: Agreement<
  { options: Parameters<typeof Real.load>; result: ReturnType<typeof Real.load> },
  { options: Parameters<typeof told.Classifier.load>; result: Promise<Real> }
> = { options: true, result: true };

/** `reslens.js` exports one class, whose only own static member is `load`. */
export const names: [
  Same<keyof typeof told, 'Classifier'>,
  Same<Exclude<keyof typeof Real, 'prototype'>, 'load'>,
  Same<Exclude<keyof typeof told.Classifier, 'prototype'>, 'load'>,
] = [true, true, true];

export const teacher: Agreement<Omit<RealTeacher, 'learn'>, Omit<taught.Teacher, 'learn'>> = {
  name: true,
  examples: true,
  labels: true,
  show: true,
  forget: true,
  rename: true,
  examine: true,
  save: true,
};

export const answers: Agreement<RealTaught, taught.Taught> = {
  labels: true,
  predict: true,
  classify: true,
  toModel: true,
};

export const learn: (...of: Parameters<taught.Teacher['learn']>) => RealTaught = RealTeacher.prototype.learn;

export const makeTeacher: new (...of: ConstructorParameters<typeof taught.Teacher>) => RealTeacher = RealTeacher;
export const openTeacher: (...of: Parameters<typeof taught.Teacher.open>) => Promise<RealTeacher> = RealTeacher.open;

export const labs: Agreement<Omit<RealLab, 'presets'>, Omit<lab.Lab, 'presets'>> = {
  train: true,
  dispose: true,
  [Symbol.asyncDispose]: true,
};

export const run: Agreement<Omit<RealRun, 'done'>, Omit<lab.Run, 'done'>> = {
  stop: true,
  advance: true,
  follow: true,
  evaluate: true,
  deleteEach: true,
  ledger: true,
  dispose: true,
};

/** Members that users cannot set. */
export const readable: (of: [RealLab, RealRun]) => [Pick<lab.Lab, 'presets'>, Pick<lab.Run, 'done'>] = (of) => of;

export const loadLab: (...of: Parameters<typeof lab.Lab.load>) => Promise<RealLab> = RealLab.load;
