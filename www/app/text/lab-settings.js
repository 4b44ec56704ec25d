/**
 * The visitor's choices in free play, as a part of the page's address:
 * `?activation=tanh&norm=none&depth=20&twins=both&seed=3`. Missing values come from the preset.
 *
 * @typedef {import('../lab-types.js').Settings} Settings
 * @typedef {import('../lab-types.js').Twin} Twin
 * @typedef {'activation'|'norm'|'place'|'depth'|'init'|'rate'|'epochs'|'seed'} Field
 * @typedef {{values: Record<Field, string>, twins: 'both'|Twin}} Chosen
 *   The texts of the controls, which may be out of range.
 */

/** The words that a field accepts, or its range. */
export const FIELDS = /** @type {const} */ ({
  activation: { words: ['relu', 'tanh', 'sigmoid'] },
  norm: { words: ['batch', 'none'] },
  place: { words: ['after', 'before'] },
  depth: { least: 8, most: 200, whole: 2, what: 'an even number of layers' },
  init: { least: 0.01, most: 10, whole: 0, what: 'a number' },
  rate: { least: 1e-6, most: 10, whole: 0, what: 'a number' },
  epochs: { least: 1, most: 100, whole: 1, what: 'a whole number' },
  seed: { least: 0, most: 2 ** 32 - 1, whole: 1, what: 'a whole number' },
});

/** The initial choices of free play. @type {Chosen} */
export const FIRST = {
  values: { activation: 'tanh', norm: 'none', place: 'after', depth: '20', init: '1', rate: '0.02', epochs: '8', seed: '1' },
  twins: 'both',
};

const TWINS = /** @type {const} */ (['both', 'plain', 'residual']);
const NAMES = /** @type {Field[]} */ (Object.keys(FIELDS));

/** Returns the choices in an address; other fields have their initial values. @param {string} search `location.search` @returns {Chosen} */
export function readChosen(search) {
  const params = new URLSearchParams(search);
  const values = { ...FIRST.values };
  for (const name of NAMES) values[name] = params.get(name) ?? values[name];
  return { values, twins: TWINS.find((twins) => twins === params.get('twins')) ?? FIRST.twins };
}

/** Whether an address has choices for free play. @param {string} search */
export function choosesAny(search) {
  const params = new URLSearchParams(search);
  return NAMES.some((name) => params.has(name)) || params.has('twins');
}

/** Returns the address for a choice. @param {Chosen} chosen @param {string} page `location.href` */
export function linkOfChosen({ values, twins }, page) {
  const url = new URL(page);
  for (const name of NAMES) url.searchParams.set(name, values[name]);
  url.searchParams.set('twins', twins);
  url.hash = 'free';
  return url.href;
}

/**
 * Returns the settings of a choice, and a sentence for each field that is wrong.
 * @param {Chosen} chosen
 * @returns {{settings: Settings, troubles: string[]}}
 */
export function settingsOf({ values }) {
  /** @type {Record<string, string|number>} */
  const settings = {};
  const troubles = [];
  for (const name of NAMES) {
    const field = FIELDS[name];
    const text = values[name].trim();
    if ('words' in field) {
      if (/** @type {readonly string[]} */ (field.words).includes(text)) settings[name] = text;
      else troubles.push(`${name} is “${text}”: expected ${field.words.join(', ')}.`);
      continue;
    }
    const number = text === '' ? NaN : Number(text);
    const { least, most, whole, what } = field;
    if (number >= least && number <= most && (whole === 0 || number % whole === 0)) settings[name] = number;
    else troubles.push(`${name} is “${text}”: expected ${what} from ${least} to ${most}.`);
  }
  // Deep networks need a few steps at small rates first, as the presets have them.
  if (Number(settings.depth) >= 56) settings.warmup = 20;
  return { settings: /** @type {Settings} */ (settings), troubles };
}

/** The number of epochs for every run of the story, if the address has it: `?story=1`. @param {string} search */
export function storyEpochs(search) {
  const epochs = Number(new URLSearchParams(search).get('story'));
  return Number.isInteger(epochs) && epochs >= 1 && epochs <= 100 ? epochs : null;
}
