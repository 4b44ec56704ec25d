/** The ways out of the page: a list that fills while they are tried. */

import { tryWaysOut, tryWindow } from '../app/control/ways-out.js';
import { element, need, setText } from './dom.js';

/** @type {Record<import('../app/device/attempts.js').Outcome, string>} */
const WORDS = { refused: 'refused', sent: 'got out', unclear: 'not known' };

/** @param {HTMLElement} root */
export function mountWays(root) {
  const address = need(root, '#way-target', HTMLInputElement);
  const button = need(root, '#try-ways', HTMLButtonElement);
  const list = need(root, '#ways', HTMLElement);
  const sum = need(root, '#ways-sum', HTMLElement);

  /** The address, if it is another site's. */
  function readTarget() {
    // A link accepts any text: one that is not an address resolves to this page.
    const { href, protocol, origin } = Object.assign(document.createElement('a'), { href: address.value });
    if (/^https?:$/.test(protocol) && origin !== location.origin) return new URL(href);
    setText(sum, 'Expected the address of another site, such as https://example.com/.');
    return null;
  }

  button.addEventListener('click', async () => {
    const target = readTarget();
    if (!target) return;
    button.disabled = true;
    list.replaceChildren();
    setText(sum, navigator.onLine ? 'Trying …' : 'The network is off: nothing can get out anyway.');
    let out = 0;
    await tryWaysOut(target, (name, { outcome, by }) => {
      if (outcome === 'sent') out += 1;
      list.append(element('li', { class: outcome, 'data-way': name }, [
        element('b', {}, [name]), ` ${WORDS[outcome]}: ${by}`,
      ]));
    });
    setText(sum, out === 0
      ? 'None of these got out.'
      : `${out} got out. This browser cannot forbid ${out === 1 ? 'it' : 'them'} to a page; this page does not use ${out === 1 ? 'it' : 'them'}.`);
    button.disabled = false;
  });

  need(root, '#try-window', HTMLButtonElement).addEventListener('click', () => {
    const target = readTarget();
    if (!target) return;
    tryWindow(target);
    setText(sum, 'Pages cannot see what became of a window. If it shows a browser error, it was refused.');
  });
}
