// What each kind of Chromium's processes holds in the system's memory. Linux only.

import { readdirSync, readFileSync } from 'node:fs';

/** Bytes by kind: browser, renderer, gpu-process, utility, zygote. @typedef {Record<string, number>} Held */

/**
 * Returns the proportional share of each kind of process, among all that descend from this one: memory that several have in
 * common is divided among them, so that the sum counts it once.
 * @returns {Held}
 */
export function heldByKind() {
  /** @type {Held} */
  const held = {};
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map(all.map((id) => [id, Number(/\) \S (\d+)/.exec(read(`/proc/${id}/stat`))?.[1])]));
  for (const id of all) {
    if (!descends(id, process.pid, parents)) continue;
    const command = read(`/proc/${id}/cmdline`);
    if (!/chrom/i.test(command)) continue;
    const kind = /--type=([\w-]+)/.exec(command)?.[1] ?? 'browser';
    const kilobytes = Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${id}/smaps_rollup`))?.[1] ?? 0);
    held[kind] = (held[kind] ?? 0) + 1024 * kilobytes;
  }
  return held;
}

/** @param {number} id @param {number} ancestor @param {Map<number, number>} parents */
function descends(id, ancestor, parents) {
  for (let at = parents.get(id); at; at = parents.get(at)) if (at === ancestor) return true;
  return false;
}

/** Reads a file of a process, which is empty if the process has ended. @param {string} file */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
