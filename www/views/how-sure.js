/**
 * The measured accuracy of the visitor's classes, and actions on them: save, open, export, keep, delete.
 *
 * @typedef {import('../app/types.js').Examination} Examination
 * @typedef {import('../app/types.js').Update} Update
 */

import { examinationWords } from '../app/text/teaching.js';
import { element, need } from './dom.js';

export const id = 'sure';

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { teaching, actions }) {
  const ask = need(root, '#ask-sure', HTMLButtonElement);
  const result = need(root, '#sure-result', HTMLElement);
  const saveProject = need(root, '#save-project', HTMLButtonElement);
  const saveModel = need(root, '#save-model', HTMLButtonElement);
  const keep = need(root, '#keep', HTMLInputElement);
  const file = need(root, '#project-file', HTMLInputElement);
  const sure = need(root, '#delete-sure', HTMLDialogElement);
  const deleteAll = need(root, '#delete-all', HTMLButtonElement);
  /** @type {Examination|null} */
  let shown = null;

  ask.addEventListener('click', () => teaching?.examine());
  saveProject.addEventListener('click', () => teaching?.saveProject());
  saveModel.addEventListener('click', () => void teaching?.saveModel());
  keep.addEventListener('change', () => void teaching?.setKept(keep.checked));
  need(root, '#open-project', HTMLButtonElement).addEventListener('click', () => file.click());
  file.addEventListener('change', () => {
    actions.openFiles([...(file.files ?? [])]);
    file.value = '';
  });
  deleteAll.addEventListener('click', () => sure.showModal());
  need(sure, '#delete-no', HTMLButtonElement).addEventListener('click', () => sure.close());
  need(sure, '#delete-yes', HTMLButtonElement).addEventListener('click', () => {
    sure.close();
    void teaching?.deleteEverything();
  });

  return ({ teaching: state }) => {
    if (!state) return;
    const { cards, learnt, examination } = state;
    const some = cards.some(({ examples }) => examples.length > 0);
    ask.disabled = learnt === null || state.recording !== null;
    saveModel.disabled = learnt === null;
    saveProject.disabled = !some;
    deleteAll.disabled = !some && !state.keep;
    keep.checked = state.keep;
    if (examination === shown) return;
    shown = examination;
    result.replaceChildren(...(examination ? describe(examination) : []));
  };
}

/** @param {Examination} examination */
function describe(examination) {
  const sentences = examinationWords(examination).map((text) => element('p', {}, [text]));
  return examination.accuracy === null ? sentences : [...sentences, table(examination)];
}

/** The answers for each class's left-out examples. @param {Examination} examination */
function table({ labels, confusion }) {
  const head = element('tr', {}, [element('td', {}, []), ...labels.map((label) => element('th', { scope: 'col' }, [label]))]);
  const rows = confusion.map((row, right) => element('tr', {}, [
    element('th', { scope: 'row' }, [labels[right]]),
    ...row.map((count, said) => element('td', said === right ? { class: 'right' } : {}, [String(count)])),
  ]));
  const caption = element('caption', {}, ['Left-out frames: true class (rows) and answer (columns)']);
  return element('div', { class: 'table-box', tabindex: '0', role: 'group', 'aria-label': 'Answers for left-out frames' }, [
    element('table', {}, [caption, element('thead', {}, [head]), element('tbody', {}, rows)]),
  ]);
}
