// A tab: the methods of Playwright's `Page` that the page's tests call, built on the one operation that every driver
// has, running a script.

/**
 * Calls a function in the tab, an `async () => string` that is given as its source.
 * @typedef {(source: string) => Promise<string>} Call
 */

export class Tab {
  #call;

  /**
   * @param {Call} call
   * @param {(url: string) => Promise<void>} goto opens an address and waits until it is loaded
   */
  constructor(call, goto) {
    this.#call = call;
    this.goto = goto;
  }

  /**
   * Runs a function with an argument and returns what it returns, as far as JSON carries both; or
   * runs a script.
   * @param {Function | string} code
   * @param {unknown} [argument]
   */
  async evaluate(code, argument) {
    if (typeof code === 'function') return this.#apply(code, JSON.stringify(argument) ?? '');
    await this.#call(`async () => { ${code}\n; return ''; }`);
  }

  /** Waits until an element exists. @param {string} selector */
  async waitForSelector(selector) {
    await this.waitForFunction((/** @type {string} */ selector) => document.querySelector(selector), selector);
  }

  /**
   * Waits until a function of the page returns what counts as true; it is asked again whenever the document changes.
   * @param {Function} ask
   * @param {unknown} [argument]
   */
  async waitForFunction(ask, argument) {
    await this.evaluate(`
      await new Promise((resolve) => {
        const look = () => {
          if (!(${ask})(${JSON.stringify(argument)})) return;
          observer.disconnect();
          resolve();
        };
        const observer = new MutationObserver(look);
        observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        look();
      });`);
  }

  /** Applies a function to all elements. @param {string} selector @param {Function} use */
  $$eval(selector, use) {
    return this.#apply(use, `[...document.querySelectorAll(${JSON.stringify(selector)})]`);
  }

  /** The text of the first element. @param {string} selector */
  innerText(selector) {
    return this.#onFirst(selector, (/** @type {HTMLElement} */ element) => element.innerText);
  }

  /** Clicks the first element. @param {string} selector */
  click(selector) {
    return this.#onFirst(selector, (/** @type {HTMLElement} */ element) => element.click());
  }

  /** @param {string} selector @param {Function} use */
  #onFirst(selector, use) {
    return this.#apply(use, `document.querySelector(${JSON.stringify(selector)})`);
  }

  /** @param {Function} use @param {string} value an expression */
  async #apply(use, value) {
    return JSON.parse(await this.#call(`async () => JSON.stringify(await (${use})(${value})) ?? 'null'`));
  }
}
