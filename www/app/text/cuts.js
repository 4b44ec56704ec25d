/**
 * The paths of blocks that are left out of the network. A block keeps at least one of its two paths: without both,
 * nothing would pass through it.
 *
 * @typedef {import('../types.js').Block} Block
 * @typedef {import('../types.js').Cut} Cut
 * @typedef {import('../types.js').Path} Path
 */

/** The most blocks of a kind to list by name; of more, only the number is given. */
const NAMED = 3;

/** @param {readonly Cut[]} cuts @param {string|null} block @param {Path} path */
export function isCut(cuts, block, path) {
  return cuts.some((cut) => cut.block === block && cut.path === path);
}

/**
 * Returns the cuts with one path of a block left out or restored. Leaving a path out restores the block's other one.
 * @param {readonly Cut[]} cuts
 * @param {string} block
 * @param {Path} path
 * @param {boolean} out
 * @returns {Cut[]}
 */
export function withPath(cuts, block, path, out) {
  const others = cuts.filter((cut) => cut.block !== block);
  if (out) return [...others, { block, path }];
  return cuts.filter((cut) => cut.block !== block || cut.path !== path);
}

/**
 * Leaves the shortcut out of every block where it is the identity.
 * @param {readonly Cut[]} cuts
 * @param {readonly Block[]} blocks
 * @returns {Cut[]}
 */
export function withoutIdentitySkips(cuts, blocks) {
  return identities(blocks).reduce((all, { name }) => withPath(all, name, 'shortcut', true), [...cuts]);
}

/** Returns whether no identity shortcut is left. @param {readonly Cut[]} cuts @param {readonly Block[]} blocks */
export function identitySkipsAreCut(cuts, blocks) {
  const all = identities(blocks);
  return all.length > 0 && all.every(({ name }) => isCut(cuts, name, 'shortcut'));
}

/** "F(x) of layer3.1 and the shortcut of layer1.0"; "5 shortcuts". @param {readonly Cut[]} cuts */
export function cutWords(cuts) {
  const of = (/** @type {Path} */ path) => cuts.filter((cut) => cut.path === path).map(({ block }) => block);
  const residuals = listed(of('residual'), 'F(x) of ', ' times F(x)');
  const shortcuts = listed(of('shortcut'), 'the shortcut of ', ' shortcuts');
  return [residuals, shortcuts].filter(Boolean).join(' and ');
}

/** @param {readonly Block[]} blocks */
function identities(blocks) {
  return blocks.filter(({ shortcut }) => shortcut === 'identity');
}

/** @param {string[]} blocks @param {string} one the prefix of names @param {string} many the suffix of a number */
function listed(blocks, one, many) {
  if (blocks.length === 0) return '';
  return blocks.length > NAMED ? `${blocks.length}${many}` : one + blocks.join(', ');
}
