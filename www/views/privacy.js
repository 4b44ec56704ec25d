/**
 * What is stored in this browser, the seal, and its ledger.
 *
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 */

import { forget, measureStored, readLedger, seal, unseal } from '../app/control/seal.js';
import { save } from '../app/device/download.js';
import { message } from '../app/text/messages.js';
import { checkWords, lineWords, past } from '../app/text/requests.js';
import { ledgerWords, sizeWords, storeName } from '../app/text/stored.js';
import { element, need, setText } from './dom.js';
import { mountWays } from './ways-out.js';

export const id = 'privacy';

/** The number of ledger lines to show. */
const SHOWN = 200;

/** @param {HTMLElement} root @param {import('../app/types.js').ViewContext} context @returns {Update} */
export function mount(root, { actions }) {
  const words = need(root, '#stored-words', HTMLElement);
  const list = need(root, '#stored-list', HTMLElement);
  const install = need(root, '#install', HTMLButtonElement);
  const forgetButton = need(root, '#forget', HTMLButtonElement);
  const forgetWords = need(root, '#forget-words', HTMLElement);
  const sealButton = need(root, '#seal', HTMLButtonElement);
  const sealWords = need(root, '#seal-words', HTMLElement);
  const sums = need(root, '#ledger-sums', HTMLElement);
  const ledger = need(root, '#request-ledger', HTMLDetailsElement);
  const check = need(root, '#ledger-check', HTMLElement);
  const lines = need(ledger, 'tbody', HTMLElement);
  const build = need(root, '#build-name', HTMLElement);
  /** @type {State|null} */
  let shown = null;
  /** Counts measurements of the storage, so that the newest of concurrent ones is shown. */
  let measured = 0;

  document.head.append(element('link', { rel: 'stylesheet', href: 'privacy.css' }));
  mountWays(root);

  /** Reports errors of a button's work. @param {HTMLButtonElement} button @param {() => Promise<unknown>} work */
  const onClick = (button, work) => button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      await work();
    } catch (error) {
      actions.say(`That was not done: ${message(error)}.`);
    }
    button.disabled = false;
  });

  onClick(sealButton, async () => {
    if (shown?.service?.sealed) {
      await unseal();
      return location.reload();
    }
    setText(sealWords, 'Comparing what is stored …');
    const missing = await seal(shown?.backend ?? null);
    if (missing.length === 0) return location.reload();
    setText(sealWords, `Not sealed, because something is missing. Connect and press again. ${missing.join('; ')}`);
  });
  onClick(install, async () => void (await /** @type {any} */ (shown?.installer)?.prompt()));
  onClick(need(root, '#save-requests', HTMLButtonElement), async () =>
    save(new Blob([JSON.stringify(await readLedger(), null, 1)], { type: 'application/json' }), 'reslens requests.json'));
  onClick(forgetButton, async () => {
    if (!forgetWords.textContent) return setText(forgetWords, 'This deletes the seal, the model and all files. Press again to confirm.');
    await forget();
    setText(forgetWords, 'Deleted. Reload the page to load it from the network.');
    await showStored();
  });
  ledger.addEventListener('toggle', () => void showLedger());
  root.addEventListener('toggle', () => void showStored());
  void showStored();

  async function showStored() {
    const turn = ++measured;
    const stored = typeof caches === 'undefined' ? [] : await measureStored();
    if (turn !== measured) return;
    list.replaceChildren(...stored.flatMap(({ name, bytes, count }) => [
      element('dt', {}, [storeName(name)]),
      element('dd', {}, [`${sizeWords(bytes)}, ${count} ${count === 1 ? 'entry' : 'entries'}`]),
    ]));
  }

  async function showLedger() {
    if (!ledger.open || !shown?.service) return;
    const { entries } = await readLedger();
    const base = new URL('./', document.baseURI).href;
    lines.replaceChildren(...entries.slice(-SHOWN).reverse().map((line) =>
      element('tr', { class: line.answered }, lineWords(line, base).map((text) => element('td', {}, [text])))));
    // The browser also lists requests to other sites that the page's policy refuses.
    const own = (/** @type {PerformanceEntry} */ { name }) => name.startsWith(`${location.origin}/`);
    const timings = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType('resource').filter(own));
    const others = shown.service.sealed ? past(timings) : [];
    check.classList.toggle('mismatch', others.length > 0);
    setText(check, shown.service.sealed ? checkWords(timings.length, others) : 'Unsealed: files that are not stored come from the network.');
  }

  return (state) => {
    const { service, storing, installer } = state;
    const former = shown;
    shown = state;
    install.hidden = !installer;
    sealButton.disabled = !service;
    forgetButton.disabled = !service;
    setText(words, storedWords(state));
    if (!service) return;
    setText(sealButton, service.sealed ? 'Open the seal and reload' : 'Seal and reload');
    setText(sums, ledgerWords(service));
    setText(build, service.build);
    if (former?.service !== service) void showLedger();
    if (former?.storing !== storing) void showStored();
  };
}

/** @param {State} state */
function storedWords({ service, storing }) {
  if (storing === 'done') return 'Page, engine and model are stored in this browser: it works offline.';
  return storing || (service ? 'The page is stored in this browser; the engine follows.' : 'The page is stored after the first answer.');
}
