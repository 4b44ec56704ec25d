/**
 * A view of the network as a part of the page's address: the block in the close-up, the map, the channel, the cuts.
 * `?block=layer3.1&map=mean&channel=12&cut=layer2.1,layer3.1:shortcut`
 *
 * @typedef {import('../types.js').Cut} Cut
 * @typedef {import('../types.js').LinkedView} LinkedView
 * @typedef {import('../types.js').Model} Model
 * @typedef {import('../types.js').State} State
 */

import { withPath } from './cuts.js';

const REDUCTIONS = /** @type {const} */ (['mean-abs', 'mean', 'max-abs']);

/**
 * Returns the view that an address asks for, as far as this network has it.
 * @param {string} search `location.search`
 * @param {Pick<Model, 'blocks'>} model
 * @returns {LinkedView}
 */
export function readLinkedView(search, { blocks }) {
  const params = new URLSearchParams(search);
  /** @type {LinkedView} */
  const view = { block: null, reduce: null, channel: null, cuts: [], troubles: [] };
  const known = (/** @type {string} */ name) => blocks.some((block) => block.name === name);
  const range = `This network has ${blocks[0].name} to ${blocks[blocks.length - 1].name}.`;

  const block = params.get('block');
  if (block !== null && known(block)) view.block = block;
  else if (block !== null) view.troubles.push(`?block=${block}: there is no such block. ${range}`);

  const map = params.get('map');
  view.reduce = REDUCTIONS.find((reduce) => reduce === map) ?? null;
  if (map !== null && !view.reduce) view.troubles.push(`?map=${map}: expected ${REDUCTIONS.join(', ')}.`);

  const channel = params.get('channel');
  const shown = blocks.find(({ name }) => name === view.block);
  if (channel !== null) {
    const most = shown ? shown.shape[0] - 1 : null;
    if (most !== null && /^\d+$/.test(channel) && Number(channel) <= most) view.channel = Number(channel);
    else view.troubles.push(`?channel=${channel}: expected a whole number ${most === null ? 'beside ?block=' : `from 0 to ${most}`}.`);
  }

  for (const text of params.get('cut')?.split(',') ?? []) {
    const [name, path = 'residual', ...more] = text.split(':');
    if (known(name) && more.length === 0 && (path === 'residual' || path === 'shortcut')) view.cuts = withPath(view.cuts, name, path, true);
    else view.troubles.push(`?cut=${text}: expected the name of a block, or such a name and “:shortcut”. ${range}`);
  }
  return view;
}

/**
 * Returns the address of the current view.
 * @param {State} state
 * @param {string} page `location.href`
 * @returns {string}
 */
export function linkOf({ block, settings, closeReduce, ablate, modelUrl }, page) {
  const url = new URL(page);
  const kept = [...url.searchParams].filter(([name]) => name === 'backend' || name === 'threads');
  const params = new URLSearchParams(kept);
  if (modelUrl) params.set('model', new URL(modelUrl, page).pathname);
  if (block) params.set('block', block);
  params.set('map', settings.reduce);
  if (block && typeof closeReduce === 'object') params.set('channel', String(closeReduce.channel));
  if (ablate.length > 0) params.set('cut', ablate.map(cutText).join(','));
  url.search = params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':');
  url.hash = '';
  return url.href;
}

/** @param {Cut} cut */
function cutText({ block, path }) {
  return path === 'residual' ? block : `${block}:${path}`;
}
