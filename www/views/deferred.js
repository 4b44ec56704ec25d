/**
 * Views whose scripts are fetched on first use, so that the page starts without them. Until then
 * their element is as in the document.
 *
 * @typedef {import('../app/types.js').State} State
 * @typedef {import('../app/types.js').Update} Update
 * @typedef {import('../app/types.js').View} View
 * @typedef {import('../app/types.js').ViewContext} ViewContext
 */

/**
 * @param {string} id
 * @param {() => Promise<View>} load imports the view
 * @param {{seen?: boolean, opened?: boolean, state?: (state: State) => boolean}} when it is needed: when its element
 *   is `seen` after the first answer, when a `<details>` is `opened`, or when a state asks for it
 * @returns {View}
 */
export function deferred(id, load, { seen, opened, state: asks }) {
  return {
    id,
    mount(root, context) {
      /** @type {Update|null} */
      let update = null;
      /** @type {State|null} */
      let last = null;
      let asked = false;
      let watched = !seen;
      if (opened) root.addEventListener('toggle', fetchView);

      return (state) => {
        last = state;
        if (asks?.(state)) fetchView();
        if (!watched && state.answer) {
          watched = true;
          watch(root, fetchView);
        }
        update?.(state);
      };

      async function fetchView() {
        if (asked) return;
        asked = true;
        try {
          update = (await load()).mount(root, context);
          if (last) update(last);
        } catch (error) {
          context.actions.say(`A part of this page could not be fetched (${error instanceof Error ? error.message : error}). Reload the page when there is a connection.`);
        }
      }
    },
  };
}

/** Calls `found` once, when an element is in view or less than a screen away. @param {HTMLElement} root @param {() => void} found */
function watch(root, found) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    found();
  }, { rootMargin: '100%' });
  observer.observe(root);
}
