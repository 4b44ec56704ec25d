/**
 * Free play: a visitor's own settings, which are part of the page's address.
 *
 * @typedef {import('../app/lab-types.js').LabContext} LabContext
 * @typedef {import('../app/text/lab-settings.js').Chosen} Chosen
 * @typedef {import('../app/text/lab-settings.js').Field} Field
 */

import { FIELDS, linkOfChosen, settingsOf } from '../app/text/lab-settings.js';
import { freeWords } from '../app/text/lab-words.js';
import { need, setText } from './dom.js';
import { pairFigures } from './lab-figures.js';
import { trainingPart } from './lab-part.js';

export const id = 'free';

const NAMES = /** @type {Field[]} */ (Object.keys(FIELDS));

/** @param {HTMLElement} root @param {LabContext} context @returns {import('../app/types.js').Update} */
export function mount(root, context) {
  const { lab: runs, actions } = context;
  const part = trainingPart(root, 'free', context, freeWords);
  const figures = pairFigures(need(root, '.figures', HTMLElement), 'free', { moment: 'last', say: actions.say });
  const trouble = need(root, '#free-trouble', HTMLElement);
  const controls = new Map([...NAMES, /** @type {const} */ ('twins')].map((name) => [name, /** @type {HTMLInputElement|HTMLSelectElement} */ (need(root, `[name="${name}"]`, HTMLElement))]));
  /** @type {Chosen|null} */
  let shown = null;
  for (const control of controls.values()) control.addEventListener('input', choose);
  need(root, '#free-train', HTMLButtonElement).addEventListener('click', () => runs.trainChosen());

  return ({ lab }) => {
    part(lab?.pairs.free);
    figures(lab?.pairs.free);
    if (!lab || lab.chosen === shown) return;
    shown = lab.chosen;
    for (const [name, control] of controls) {
      // Text that is being typed is not overwritten.
      if (control !== document.activeElement) control.value = name === 'twins' ? shown.twins : shown.values[name];
    }
    setText(trouble, settingsOf(shown).troubles.join(' ') || '\u00a0');
  };

  function choose() {
    const values = /** @type {Record<Field, string>} */ (Object.fromEntries(NAMES.map((name) => [name, String(controls.get(name)?.value)])));
    const chosen = { values, twins: /** @type {Chosen['twins']} */ (controls.get('twins')?.value) };
    history.replaceState(null, '', linkOfChosen(chosen, location.href));
    runs.choose(chosen);
  }
}
