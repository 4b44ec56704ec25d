/**
 * Torchvision's networks, block by block: which shortcuts are identities, which need a 1×1 convolution, and why.
 *
 * @typedef {import('../app/text/architectures.js').Architecture} Architecture
 * @typedef {import('../app/text/architectures.js').DrawnBlock} DrawnBlock
 */

import { architectureWords, blockCosts, drawnBlocks, shortcutReason } from '../app/text/architectures.js';
import { architectureName, size } from '../app/text/format.js';
import { message } from '../app/text/messages.js';
import { element, need, setText } from './dom.js';
import { whenReached } from './lab-part.js';

export const id = 'architectures';

/** The classes of ImageNet. */
const CLASSES = 1000;

/** @param {HTMLElement} root @param {import('../app/lab-types.js').LabContext} context @returns {import('../app/types.js').Update} */
export function mount(root, { actions }) {
  const networks = need(root, '#networks', HTMLElement);
  const about = need(root, '#network-words', HTMLElement);
  const stages = need(root, '#network-blocks', HTMLElement);
  const reason = need(root, '#block-reason', HTMLElement);
  const costs = need(root, '#block-costs', HTMLElement);
  whenReached(root, () => void begin());
  return () => undefined;

  async function begin() {
    try {
      const response = await fetch('architectures.json');
      if (!response.ok) throw new Error(`architectures.json could not be fetched (status ${response.status})`);
      show(await response.json());
    } catch (error) {
      actions.say(`The table of networks is missing: ${message(error)}. Reload the page when there is a connection.`);
    }
  }

  /** @param {Architecture[]} table */
  function show(table) {
    networks.append(...table.map((architecture, index) => radio('network', architectureName(architecture.name), index === 0, () => draw(architecture))));
    draw(table[0]);
  }

  /** @param {Architecture} architecture */
  function draw(architecture) {
    const blocks = drawnBlocks(architecture);
    setText(about, architectureWords(architecture, CLASSES));
    const names = [...new Set(blocks.map(stageOf))];
    stages.replaceChildren(...names.map((name) => drawStage(name, blocks.filter((block) => stageOf(block) === name))));
    const first = /** @type {DrawnBlock} */ (blocks.find(({ projection }) => projection) ?? blocks[0]);
    need(stages, `[value="${first.name}"]`, HTMLInputElement).checked = true;
    tell(first);
  }

  /** @param {string} name @param {DrawnBlock[]} blocks */
  function drawStage(name, blocks) {
    return element('div', { class: 'drawn-stage', role: 'group', 'aria-label': name }, [
      element('p', { class: 'note' }, [`${name}: ${size(blocks[0].output)}`]),
      element('div', { class: 'drawn-blocks' }, blocks.map(drawBlock)),
    ]);
  }

  /** @param {DrawnBlock} block */
  function drawBlock(block) {
    const label = radio('block', block.name, false, () => tell(block));
    label.classList.add('drawn-block', block.projection ? 'projected' : 'identity');
    return label;
  }

  /** @param {DrawnBlock} block */
  function tell(block) {
    setText(reason, shortcutReason(block));
    setText(costs, blockCosts(block));
  }
}

/** @param {DrawnBlock} block */
const stageOf = ({ name }) => name.split('.')[0];

/** One radio button of a group, which has a single Tab stop. @param {string} name @param {string} text @param {boolean} checked @param {() => void} chosen */
function radio(name, text, checked, chosen) {
  const input = element('input', { type: 'radio', name, value: text });
  input.checked = checked;
  input.addEventListener('change', chosen);
  return element('label', {}, [input, ' ', text]);
}
