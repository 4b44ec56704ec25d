// reslens/teach: own classes for a loaded model. The types of all exports are in teach.d.ts.

export { Taught } from './lib/teach/taught.js';
export { Teacher } from './lib/teach/teacher.js';
export { cosine } from './lib/teach/vectors.js';
