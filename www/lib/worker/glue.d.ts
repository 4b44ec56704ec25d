// What a script `reslens-glue/NAME` is: see glues.js. The types of what it makes are copies of the built ones, in wasm/.

/** Makes the JavaScript of one more instance of a wasm file. */
declare const createGlue: () => any;
export default createGlue;
