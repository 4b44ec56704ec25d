// reslens: ResNet in the browser, and the contribution of each of its residual blocks.
// The types of all exports are in reslens.d.ts.

export { Classifier } from './lib/page/classifier.js';
