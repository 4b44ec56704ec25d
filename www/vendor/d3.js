/*! d3-scale, d3-shape: Copyright Mike Bostock, ISC licence, https://d3js.org */
// The parts of D3 that the page's charts use. The build puts them into this file (`xtask/src/bundle/site.mjs`).

export { scaleLog, scalePoint } from 'd3-scale';
export { line } from 'd3-shape';
