// The exports of a script `reslens-glue/NAME`: see glues.js. The types of its instances are copies of the built ones,
// in wasm/.

/** Creates the JavaScript for one more instance of a wasm file. */
declare const createGlue: () => any;
export default createGlue;
