/**
 * One block close up: which one, its diagram, and the switch that leaves F(x) out with what becomes
 * of the prediction. Its maps are in `closeup-maps.js`, its channels in `channels.js`.
 *
 * @typedef {import('../page/types.js').Actions} Actions
 * @typedef {import('../page/types.js').State} State
 */

import { percent } from '../page/format.js';
import { openedBlock } from '../page/state.js';
import { drawBlock } from './diagram.js';
import { need, setText } from './dom.js';

export const id = 'closeup';

/** @type {HTMLElement} */
let heading;
/** @type {HTMLElement} */
let diagram;
/** @type {HTMLButtonElement} */
let before;
/** @type {HTMLButtonElement} */
let after;
/** @type {HTMLInputElement} */
let leaveOut;
/** @type {HTMLElement} */
let effect;
/** @type {Actions} */
let actions;
/** @type {State|null} */
let last = null;

/** @param {HTMLElement} root @param {import('../page/types.js').ViewContext} context */
export function mount(root, context) {
  actions = context.actions;
  heading = need(root, 'h2', HTMLElement);
  diagram = need(root, '#diagram', HTMLElement);
  before = need(root, '#block-before', HTMLButtonElement);
  after = need(root, '#block-after', HTMLButtonElement);
  leaveOut = need(root, '#leave-out', HTMLInputElement);
  effect = need(root, '#effect', HTMLElement);
  before.addEventListener('click', () => step(-1));
  after.addEventListener('click', () => step(1));
  leaveOut.addEventListener('change', () => {
    if (last?.block) actions.leaveOut(last.block, leaveOut.checked);
  });
}

/** @param {-1|1} by */
function step(by) {
  const block = last?.model?.blocks[openedBlock(last).index + by];
  if (block) actions.openBlock(block.name);
}

/** @param {State} state */
export function update(state) {
  const { model, block, ablate, answer } = state;
  const changed = block !== last?.block || model !== last?.model || ablate !== last?.ablate;
  const answered = answer !== last?.answer;
  last = state;
  if (changed) showBlock(state);
  if (answered) showEffect(state);
}

/** @param {State} state */
function showBlock(state) {
  const { model, ablate } = state;
  const { index, shown } = openedBlock(state);
  if (!model || !shown) return;
  const out = ablate.includes(shown.name);
  setText(heading, `${shown.name}, close up`);
  diagram.replaceChildren(drawBlock(model, index, out));
  leaveOut.disabled = false;
  leaveOut.checked = out;
  before.disabled = index === 0;
  after.disabled = index === model.blocks.length - 1;
}

/** @param {State} state */
function showEffect({ answer }) {
  effect.classList.toggle('out', Boolean(answer?.full));
  if (!answer) return setText(effect, '\u00a0');
  const [top] = answer.predictions;
  const whole = answer.full?.[0];
  if (!whole) return setText(effect, 'Every block is in. Leave this F(x) out and see what the prediction becomes.');
  const now = answer.full?.find(({ index }) => index === top.index);
  const fate = answer.predictions.find(({ index }) => index === whole.index);
  const from = (/** @type {{probability: number}|undefined} */ prediction) => percent(prediction?.probability ?? 0);
  const words = [`Without F(x) of ${answer.ablated.join(', ')}: ${whole.label} ${from(whole)} → ${from(fate)}`];
  if (top.index !== whole.index) words.push(`now first: ${top.label} ${from(now)} → ${from(top)}`);
  setText(effect, `${words.join('; ')}.`);
}
