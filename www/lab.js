// reslens/lab: small twins, plain and residual, that are trained in the page. The types of all exports are in lab.d.ts.

export { Lab } from './lib/lab/lab.js';
