// Contestants taking turns, so that whatever else the machine does hits all of them alike.

import { consensus, deviation, shuffled } from './stats.mjs';

/**
 * A contestant that has loaded and inferred once.
 * @typedef {object} Runner
 * @property {{loadMs: number, firstMs: number, logits: number[], atOnce?: number, facts: any}} loaded
 * @property {() => Promise<number>} turn ms of one inference
 * @property {() => Promise<number>} [throughput] ms an inference where it works at several at once
 * @property {() => Promise<number[]>} logits
 * @property {() => Promise<void>} close
 */

/**
 * @typedef {object} Contestant
 * @property {string} engine
 * @property {number} threads
 * @property {Runner | null} runner
 * @property {string | null} problem why it does not count
 * @property {number[]} samples ms, one for each round
 * @property {number[]} throughput ms an inference, one for each round, of who works at several at once
 * @property {number | null} deviation of its logits from the consensus, the larger of first and last
 */

/** The most that logits may differ, relative to the largest. */
export const TOLERANCE = 1e-3;

/** Ms for one step of one contestant: none takes that long unless it hangs. */
const PATIENCE = 120_000;

/**
 * `promise`, or an error when it takes too long.
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export function inTime(promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE / 1000} s`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The first line of what an exception says. @param {unknown} error */
const why = (error) => (error instanceof Error ? error.message : String(error)).split('\n')[0];

/**
 * Measures something beside the race, which must not cost the race its report.
 * @template T
 * @param {() => Promise<T>} measure
 * @returns {Promise<T | string>} a text says why there is nothing
 */
export async function orWhy(measure) {
  try {
    return await measure();
  } catch (error) {
    return why(error);
  }
}

/**
 * Lets a contestant do something; a failure is written down and ends its part.
 * @template T
 * @param {Contestant} contestant
 * @param {() => Promise<T>} step
 * @returns {Promise<T | null>}
 */
export async function attempt(contestant, step) {
  try {
    return await inTime(step());
  } catch (error) {
    contestant.problem = `failed: ${why(error)}`;
    return null;
  }
}

/**
 * Compares everybody's logits with what most say, and disqualifies who differs.
 * @param {Contestant[]} contestants
 * @param {(runner: Runner) => Promise<number[]>} logitsOf
 */
export async function checkLogits(contestants, logitsOf) {
  /** @type {Map<Contestant, number[]>} */
  const answers = new Map();
  for (const contestant of contestants) {
    const { runner, problem } = contestant;
    if (!runner || problem) continue;
    const logits = await attempt(contestant, () => logitsOf(runner));
    if (logits) answers.set(contestant, logits);
  }
  if (answers.size === 0) return;
  const reference = consensus([...answers.values()]);
  for (const [contestant, logits] of answers) {
    const off = deviation(logits, reference);
    contestant.deviation = Math.max(contestant.deviation ?? 0, off);
    if (!(off <= TOLERANCE)) {
      contestant.problem = `wrong: its logits are off by ${off.toExponential(1)} of the largest`;
    }
  }
}

/**
 * @param {Contestant[]} contestants
 * @param {{warmup: number, rounds: number}} plan
 * @param {(done: number, all: number) => void} onRound
 */
export async function run(contestants, { warmup, rounds }, onRound) {
  for (let round = 0; round < warmup + rounds; round++) {
    for (const contestant of shuffled(contestants, round)) {
      const { runner, problem } = contestant;
      if (!runner || problem) continue;
      const ms = await attempt(contestant, () => runner.turn());
      if (ms !== null && round >= warmup) contestant.samples.push(ms);
      const { throughput } = runner;
      if (ms === null || !throughput) continue;
      const each = await attempt(contestant, throughput);
      if (each !== null && round >= warmup) contestant.throughput.push(each);
    }
    onRound(round + 1, warmup + rounds);
  }
}
