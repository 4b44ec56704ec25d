/**
 * The close-up of one block: its name and diagram. Its switches are in `experiment.js`, its maps in
 * `closeup-maps.js`, its channels in `channels.js`.
 *
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 */

import { openedBlock } from '../app/text/state.js';
import { drawBlock } from './diagram.js';
import { need, setText } from './dom.js';

export const id = 'closeup';

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const heading = need(root, 'h2', HTMLElement);
  const diagram = need(root, '#diagram', HTMLElement);
  const before = need(root, '#block-before', HTMLButtonElement);
  const after = need(root, '#block-after', HTMLButtonElement);
  /** @type {ReturnType<typeof drawBlock>|null} */
  let drawing = null;
  /** @type {State|null} */
  let last = null;

  before.addEventListener('click', () => step(-1));
  after.addEventListener('click', () => step(1));

  return (state) => {
    const { model, block, ablate } = state;
    const another = block !== last?.block || model !== last?.model;
    const cut = ablate !== last?.ablate;
    last = state;
    if (another) showBlock(state);
    if (another || cut) drawing?.show(ablate);
  };

  /** @param {-1|1} by */
  function step(by) {
    const block = last?.model?.blocks[openedBlock(last).index + by];
    if (block) actions.openBlock(block.name);
  }

  /** @param {State} state */
  function showBlock(state) {
    const { model } = state;
    const { index, shown } = openedBlock(state);
    if (!model || !shown) return;
    setText(heading, `${shown.name}, close up`);
    drawing = drawBlock(shown, (path, out) => actions.setCut(shown.name, path, out));
    diagram.replaceChildren(drawing.svg);
    before.disabled = index === 0;
    after.disabled = index === model.blocks.length - 1;
  }
}
