// Contestants take turns, so that everything else on the machine affects all of them alike.

import { consensus, deviation, shuffled } from './stats.mjs';

/**
 * A contestant that has loaded and inferred once.
 * @typedef {object} Runner
 * @property {{loadMs: number, firstMs: number, logits: number[], atOnce?: number, facts: any}} loaded
 * @property {() => Promise<number>} turn ms of one inference
 * @property {() => Promise<number>} [throughput] ms per inference if it works at several at once
 * @property {() => Promise<number[]>} logits
 * @property {() => Promise<void>} close
 */

/**
 * @typedef {object} Contestant
 * @property {string} engine
 * @property {number} threads
 * @property {Runner | null} runner
 * @property {string | null} problem why its times do not count
 * @property {number[]} samples ms, one for each round
 * @property {number[]} throughput ms per inference, one for each round, if it works at several at once
 * @property {number | null} deviation of its logits from the consensus, the larger of first and last
 */

/** The largest difference allowed between logits, relative to the largest. */
export const TOLERANCE = 1e-3;

/** Ms allowed for one step of one contestant: a step that takes longer hangs. */
const PATIENCE = 120_000;

/**
 * Resolves as `promise` does, or rejects when it takes too long.
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

/** The first line of an exception's message. @param {unknown} error */
const why = (error) => (error instanceof Error ? error.message : String(error)).split('\n')[0];

/**
 * Takes a measurement beside the race; its failure must not lose the race's report.
 * @template T
 * @param {() => Promise<T>} measure
 * @returns {Promise<T | string>} the result, or the reason why there is none
 */
export async function orWhy(measure) {
  try {
    return await measure();
  } catch (error) {
    return why(error);
  }
}

/**
 * Runs one step of a contestant; a failure is recorded and ends its part.
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
 * Compares all contestants' logits with the consensus, and disqualifies those that differ.
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
