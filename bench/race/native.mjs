// onnxruntime without a browser: native.py in a separate process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** @import { Runner } from './rounds.mjs' */

const SCRIPT = fileURLToPath(new URL('native.py', import.meta.url));

/**
 * @param {string} python
 * @param {{model: string, input: string, size: number, threads: number}} task paths of files
 * @returns {Promise<Runner>}
 */
export async function startNative(python, { model, input, size, threads }) {
  const child = spawn(python, [SCRIPT, model, input, String(size), String(threads)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.on('data', (text) => (complaints += text));
  const failed = new Promise((_, reject) => child.once('error', reject));
  failed.catch(() => {}); // reported by the next call that awaits an answer
  const ended = once(child, 'close').catch(() => {});
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();

  const answer = async () => {
    const { value, done } = await Promise.race([lines.next(), failed]);
    if (!done) return JSON.parse(value);
    await ended;
    throw new Error(complaints.trim().split('\n').at(-1) || 'it ended without an answer');
  };
  const ask = (/** @type {string} */ command) => {
    child.stdin.write(`${command}\n`);
    return answer();
  };
  const { version, ...times } = await answer();
  return {
    loaded: { ...times, facts: { version } },
    turn: async () => (await ask('turn')).ms,
    logits: async () => (await ask('logits')).logits,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
