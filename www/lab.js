// reslens/lab: small twins, plain and residual, that are trained in the page. The types of everything that is exported
// here are in lab.d.ts.

export { Lab } from './lib/lab/lab.js';
