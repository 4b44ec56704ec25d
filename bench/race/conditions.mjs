// The conditions under which numbers were measured.

import { readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';

/** The packages compared with: their names and their folders in the site. */
const PACKAGES = { 'onnxruntime-web': 'onnxruntime-web', tfjs: 'tfjs', 'LiteRT.js': 'litert' };

/** The load average over one minute, if the system has one. */
export const load = () => loadavg()[0].toFixed(2);

/**
 * @param {{site: string, commit: string, browser: string, native: string | null, loadBefore: string}}
 *   known
 * @returns {Record<string, string>}
 */
export function conditions({ site, commit, browser, native, loadBefore }) {
  const versions = Object.entries(PACKAGES).map(([name, folder]) => {
    const { version } = JSON.parse(readFileSync(join(site, folder, 'package.json'), 'utf8'));
    return [name, version];
  });
  const cores = cpus();
  return {
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    commit,
    CPU: `${cores[0]?.model.trim() ?? 'unknown'}, ${cores.length} logical cores`,
    'load average': `${loadBefore} before, ${load()} after`,
    system: `${process.platform} ${process.arch}`,
    browser,
    ...Object.fromEntries(versions),
    ...(native ? { 'native onnxruntime': native } : {}),
  };
}
