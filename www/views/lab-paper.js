/**
 * Networks with batch norm of several depths, plain and residual: the paper's finding, and the gradient in this lab.
 *
 * @typedef {import('../app/lab-types.js').DepthRow} DepthRow
 * @typedef {import('../app/lab-types.js').LabContext} LabContext
 */

import { percent } from '../app/text/format.js';
import { growthOf, paperWords } from '../app/text/lab-words.js';
import { element, need, setText } from './dom.js';
import { pairFigures } from './lab-figures.js';
import { trainingPart } from './lab-part.js';

export const id = 'paper';

/** @param {HTMLElement} root @param {LabContext} context @returns {import('../app/types.js').Update} */
export function mount(root, context) {
  const { lab: runs, actions } = context;
  const part = trainingPart(root, 'paper', context, paperWords);
  const figures = pairFigures(need(root, '.figures', HTMLElement), 'paper', { moment: 'first', say: actions.say });
  const body = need(root, 'tbody', HTMLElement);
  const depth = need(root, '#depth', HTMLInputElement);
  const chosen = need(root, '#depth-chosen', HTMLElement);
  const train = need(root, '#train-depth', HTMLButtonElement);
  /** @type {readonly DepthRow[]} */
  let drawn = [];
  depth.addEventListener('input', showDepth);
  train.addEventListener('click', () => runs.trainDepth(Number(depth.value)));
  showDepth();

  return ({ lab }) => {
    part(lab?.pairs.paper);
    figures(lab?.pairs.paper);
    if (!lab || lab.depths === drawn) return;
    drawn = lab.depths;
    body.replaceChildren(...drawn.map(row));
  };

  function showDepth() {
    setText(chosen, `${depth.value} layers`);
    setText(train, `Train ${depth.value} layers`);
  }
}

/** @param {DepthRow} row */
function row(row) {
  const right = [row.plain, row.residual].map((result) => (result?.testAccuracy == null ? 'stopped' : percent(result.testAccuracy)));
  const trained = [row.plain, row.residual].map((result) => (result ? percent(result.trainAccuracy) : '–'));
  const growths = [growthOf(row, 'plain'), growthOf(row, 'residual')];
  return element('tr', {}, [
    element('th', { scope: 'row' }, [String(row.depth)]),
    ...[trained[0], right[0], growths[0], trained[1], right[1], growths[1]].map((text) => element('td', {}, [text])),
  ]);
}
