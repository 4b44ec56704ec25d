// The options from `cargo xtask bench`, which passes all of them, so none has a default here.

import { parseArgs } from 'node:util';

/**
 * @typedef {object} Options
 * @property {import('./contestants.mjs').Race} race
 * @property {boolean} alone whether only our engines take part
 * @property {boolean} before whether an earlier build of ours is in the site, and takes part
 * @property {boolean} hardware whether a race on GPUs uses the graphics card
 * @property {string} chromium the browser's program
 * @property {string} url of the site that is being served, with a slash at its end
 * @property {string} site its folder
 * @property {string | null} python with the packages of requirements.txt
 * @property {string} model its name
 * @property {number} size height and width of the input
 * @property {number} threads the most
 * @property {number} rounds
 * @property {number} warmup rounds that do not count
 * @property {string} commit
 * @property {string | null} out folder for the report
 */

/**
 * @param {string[]} args
 * @returns {Options}
 */
export function parse(args) {
  const text = { type: /** @type {const} */ ('string') };
  const flag = { type: /** @type {const} */ ('boolean'), default: false };
  const { values } = parseArgs({
    args,
    options: {
      race: text,
      alone: flag,
      before: flag,
      hardware: flag,
      chromium: text,
      url: text,
      site: text,
      python: text,
      model: text,
      size: text,
      threads: text,
      rounds: text,
      warmup: text,
      commit: text,
      out: text,
    },
  });
  const need = (/** @type {Exclude<keyof typeof values, 'alone' | 'before' | 'hardware'>} */ name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`--${name} is missing`);
    return value;
  };
  const { alone, before, hardware, python = null, out = null } = values;
  const race = need('race');
  if (race !== 'cpu' && race !== 'webgpu') throw new Error(`--race: unknown: ${race}`);
  return {
    race,
    alone,
    before,
    hardware,
    chromium: need('chromium'),
    url: need('url'),
    site: need('site'),
    python,
    model: need('model'),
    size: Number(need('size')),
    threads: Number(need('threads')),
    rounds: Number(need('rounds')),
    warmup: Number(need('warmup')),
    commit: need('commit'),
    out,
  };
}
