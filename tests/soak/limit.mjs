// A group of processes that together get no more memory than a limit: Linux's memory controller, as root.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The files of the controller's second version, and of its first. `swap` limits swap alone in the second, and memory
 * and swap together in the first.
 */
const VERSIONS = [
  {
    root: '/sys/fs/cgroup',
    mark: 'cgroup.controllers',
    limit: 'memory.max',
    swap: 'memory.swap.max',
    withSwap: () => 0,
    peak: 'memory.peak',
    kills: 'memory.events',
  },
  {
    root: '/sys/fs/cgroup/memory',
    mark: 'memory.limit_in_bytes',
    limit: 'memory.limit_in_bytes',
    swap: 'memory.memsw.limit_in_bytes',
    withSwap: (/** @type {number} */ bytes) => bytes,
    peak: 'memory.max_usage_in_bytes',
    kills: 'memory.oom_control',
  },
];

export class Limit {
  #group;
  #folder;
  #version;

  /** @param {number} bytes */
  constructor(bytes) {
    const version = VERSIONS.find(({ root, mark }) => existsSync(join(root, mark)));
    if (!version) throw new Error('expected the memory controller of Linux below /sys/fs/cgroup, found none');
    this.#version = version;
    this.#group = join(version.root, `reslens-${process.pid}`);
    mkdirSync(this.#group);
    this.#write(version.limit, bytes);
    if (existsSync(join(this.#group, version.swap))) this.#write(version.swap, version.withSwap(bytes));
    this.#folder = mkdtempSync(join(tmpdir(), 'reslens-'));
  }

  /** Returns a program that starts another one within the limit. @param {string} program */
  wrap(program) {
    const file = join(this.#folder, 'limited');
    writeFileSync(file, `#!/bin/sh\necho $$ > ${this.#group}/cgroup.procs && exec '${program}' "$@"\n`);
    chmodSync(file, 0o755);
    return file;
  }

  /** The most that all processes had together, files in the system's cache included. */
  get peak() {
    return Number(this.#read(this.#version.peak));
  }

  /** How many processes were killed at the limit. */
  get kills() {
    return Number(/^oom_kill (\d+)/m.exec(this.#read(this.#version.kills))?.[1] ?? 0);
  }

  /** Once no process is left. */
  remove() {
    rmdirSync(this.#group);
    rmSync(this.#folder, { recursive: true });
  }

  /** @param {string} name @param {number} value */
  #write(name, value) {
    writeFileSync(join(this.#group, name), String(value));
  }

  /** @param {string} name */
  #read(name) {
    return readFileSync(join(this.#group, name), 'utf8');
  }
}
