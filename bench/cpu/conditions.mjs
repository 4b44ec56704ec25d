// Under which conditions numbers came about.

import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

/** The packages compared with, in the site's folder. */
const PACKAGES = ['onnxruntime-web', 'tfjs'];

/** The load average over one minute, where the system has one. */
export const load = () => loadavg()[0].toFixed(2);

/**
 * @param {{site: string, commit: string, browser: string, native: string | null, loadBefore: string}}
 *   known
 * @returns {Record<string, string>}
 */
export function conditions({ site, commit, browser, native, loadBefore }) {
  const version = (/** @type {string} */ name) =>
    JSON.parse(readFileSync(join(site, name, 'package.json'), 'utf8')).version;
  const cores = cpus();
  return {
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    commit,
    CPU: `${cores[0]?.model.trim() ?? 'unknown'}, ${cores.length} logical cores`,
    'load average': `${loadBefore} before, ${load()} after`,
    system: `${process.platform} ${process.arch}`,
    browser,
    ...Object.fromEntries(PACKAGES.map((name) => [name, version(name)])),
    ...(native ? { 'native onnxruntime': native } : {}),
  };
}
