/**
 * One block close up: which one, its diagram, and the switch that leaves F(x) out with its effect on the
 * prediction. Its maps are in `closeup-maps.js`, its channels in `channels.js`.
 *
 * @typedef {import('../app/types.js').Answer} Answer
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 */

import { percent } from '../app/text/format.js';
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
  const leaveOut = need(root, '#leave-out', HTMLInputElement);
  const effect = need(root, '#effect', HTMLElement);
  /** @type {State|null} */
  let last = null;

  before.addEventListener('click', () => step(-1));
  after.addEventListener('click', () => step(1));
  leaveOut.addEventListener('change', () => {
    if (last?.block) actions.setAblated(last.block, leaveOut.checked);
  });

  return (state) => {
    const { model, block, ablate, answer } = state;
    const changed = block !== last?.block || model !== last?.model || ablate !== last?.ablate;
    const answered = answer !== last?.answer;
    last = state;
    if (changed) showBlock(state);
    if (answered) showEffect(answer);
  };

  /** @param {-1|1} by */
  function step(by) {
    const block = last?.model?.blocks[openedBlock(last).index + by];
    if (block) actions.openBlock(block.name);
  }

  /** @param {State} state */
  function showBlock(state) {
    const { model, ablate } = state;
    const { index, shown } = openedBlock(state);
    if (!model || !shown) return;
    const ablated = ablate.includes(shown.name);
    setText(heading, `${shown.name}, close up`);
    diagram.replaceChildren(drawBlock(shown, ablated));
    leaveOut.disabled = false;
    leaveOut.checked = ablated;
    before.disabled = index === 0;
    after.disabled = index === model.blocks.length - 1;
  }

  /** @param {Answer|null} answer */
  function showEffect(answer) {
    effect.classList.toggle('out', Boolean(answer?.full));
    setText(effect, answer ? effectOf(answer) : '\u00a0');
  }
}

/** The prediction with and without the blocks that are left out. @param {Answer} answer */
function effectOf({ predictions, full, ablated }) {
  const [top] = predictions;
  const whole = full?.[0];
  if (!whole) return 'Every block is in. Leave this F(x) out and see what the prediction becomes.';
  const share = (/** @type {{probability: number}|undefined} */ prediction) => percent(prediction?.probability ?? 0);
  const fate = predictions.find(({ index }) => index === whole.index);
  const words = [`Without F(x) of ${ablated.join(', ')}: ${whole.label} ${share(whole)} → ${share(fate)}`];
  if (top.index !== whole.index) {
    const former = full.find(({ index }) => index === top.index);
    words.push(`now first: ${top.label} ${share(former)} → ${share(top)}`);
  }
  return `${words.join('; ')}.`;
}
