/** A block's ledger under its maps: two bars, x above F(x), on the scale of all blocks, and their ratio. */

import { figure } from '../app/text/format.js';
import { ledgerWords, ratioText } from '../app/text/ledger.js';
import { partLabel } from '../app/text/network.js';
import { element, setText } from './dom.js';

/**
 * @typedef {import('../app/types.js').Block} Block
 * @typedef {import('../app/types.js').BlockStats} BlockStats
 */

export class LedgerBars {
  #bars = { shortcut: element('span', { class: 'rms-x' }), residual: element('span', { class: 'rms-f' }) };
  #ratio = element('span', { class: 'ratio' });
  #words = element('span', { class: 'unseen' });
  #block;

  /** @param {Block} block */
  constructor(block) {
    this.#block = block;
    const pair = element('span', { class: 'rms' }, [this.#bars.shortcut, this.#bars.residual]);
    /** Contains bars, ratio and words. */
    this.element = element('span', { class: 'ledger-bars' }, [pair, this.#ratio, this.#words]);
  }

  /**
   * @param {BlockStats|undefined} stats
   * @param {number} scale the root mean square of a full bar
   * @param {boolean} withWords whether the words may also change
   */
  draw(stats, scale, withWords) {
    if (!stats) return;
    for (const path of /** @type {const} */ (['shortcut', 'residual'])) {
      this.#bars[path].style.transform = `scaleX(${scale > 0 ? stats[path] / scale : 0})`;
    }
    setText(this.#ratio, ratioText(stats.ratio));
    if (!withWords) return;
    const x = partLabel(this.#block, 'shortcut');
    const sizes = `root mean square: ${x} ${figure(stats.shortcut)}, F(x) ${figure(stats.residual)}`;
    const words = ledgerWords(stats, this.#block);
    setText(this.#words, `${sizes}. ${words}`);
    this.element.title = `${this.#block.name}, ${sizes}. ${words}`;
  }
}
