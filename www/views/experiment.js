/**
 * Switches that leave paths out of the network, and the effect on the prediction: both paths of the block in the
 * close-up, and all identity shortcuts at once.
 *
 * @typedef {import('../app/types.js').Answer} Answer
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 */

import { cutWords, identitySkipsAreCut, isCut } from '../app/text/cuts.js';
import { percent } from '../app/text/format.js';
import { need, setText } from './dom.js';

export const id = 'experiment';

/** The same text is in the document from the start. */
const WHOLE = 'Nothing is left out. Leave out a path, here or in the diagram, and see how the prediction changes.';

/** The caveat when all identity shortcuts are cut. */
const NOT_PLAIN = 'This is not a plain network: these weights were trained with shortcuts, and a plain network would ' +
  'have learned others.';

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const residual = need(root, '#leave-out', HTMLInputElement);
  const shortcut = need(root, '#leave-shortcut-out', HTMLInputElement);
  const cutAll = need(root, '#cut-skips', HTMLButtonElement);
  const restore = need(root, '#restore', HTMLButtonElement);
  const effect = need(root, '#effect', HTMLElement);
  /** @type {State|null} */
  let last = null;

  residual.addEventListener('change', () => {
    if (last?.block) actions.setCut(last.block, 'residual', residual.checked);
  });
  shortcut.addEventListener('change', () => {
    if (last?.block) actions.setCut(last.block, 'shortcut', shortcut.checked);
  });
  cutAll.addEventListener('click', () => actions.cutIdentitySkips());
  restore.addEventListener('click', () => actions.restorePaths());

  return (state) => {
    const { model, block, ablate, answer } = state;
    const changed = block !== last?.block || model !== last?.model || ablate !== last?.ablate;
    const answered = answer !== last?.answer;
    last = state;
    if (changed && model) {
      residual.disabled = shortcut.disabled = false;
      residual.checked = isCut(ablate, block, 'residual');
      shortcut.checked = isCut(ablate, block, 'shortcut');
      cutAll.disabled = identitySkipsAreCut(ablate, model.blocks);
      restore.disabled = ablate.length === 0;
    }
    if (answered) {
      root.classList.toggle('out', Boolean(answer?.full));
      setText(effect, answer && model ? effectOf(answer, identitySkipsAreCut(answer.ablated, model.blocks)) : WHOLE);
    }
  };
}

/**
 * Describes the prediction with and without the paths that are left out.
 * @param {Answer} answer
 * @param {boolean} skipless whether no identity shortcut is left
 */
function effectOf({ predictions, full, ablated }, skipless) {
  const [top] = predictions;
  const whole = full?.[0];
  if (!whole) return WHOLE;
  const share = (/** @type {{probability: number}|undefined} */ prediction) => percent(prediction?.probability ?? 0);
  const fate = predictions.find(({ index }) => index === whole.index);
  const words = [`Without ${skipless ? 'any identity shortcut' : cutWords(ablated)}: ${whole.label} ${share(whole)} → ${share(fate)}`];
  if (top.index !== whole.index) {
    const former = full.find(({ index }) => index === top.index);
    words.push(`now first: ${top.label} ${share(former)} → ${share(top)}`);
  }
  return `${words.join('; ')}.${skipless ? ` ${NOT_PLAIN}` : ''}`;
}
