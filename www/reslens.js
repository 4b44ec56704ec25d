// reslens: ResNet in the browser, and what each of its residual blocks adds.
// The types of everything that is exported here are in reslens.d.ts.

export { Classifier } from './lib/page/classifier.js';
