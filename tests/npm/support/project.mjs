// A user's project: a folder outside the clone, into which npm installs the tools that a lock file pins and the
// tarballs that `cargo xtask build npm` has made.

import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROJECTS = fileURLToPath(new URL('../projects/', import.meta.url));

/** The folder that `cargo xtask build npm` writes to. */
export const PACKAGES = fileURLToPath(new URL('../../../target/npm/', import.meta.url));

const execute = promisify(execFile);

/** The paths of the tarballs. */
export async function tarballs() {
  const files = (await readdir(PACKAGES)).filter((file) => file.endsWith('.tgz'));
  if (files.length !== 2) throw new Error(`expected two tarballs in ${PACKAGES}, found ${files.length}: run \`cargo xtask build npm\``);
  return files.map((file) => path.join(PACKAGES, file));
}

export class Project {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /**
   * Makes a project from the app and a folder.
   * @param {string} from the folder's name in tests/npm/projects/, or its path
   * @param {'npm' | 'none'} [installer] with none, the test installs by itself
   */
  static async make(from, installer = 'npm') {
    const project = new Project(await mkdtemp(path.join(tmpdir(), `reslens-${path.basename(from)}-`)));
    const own = (/** @type {string} */ file) => path.basename(file) !== 'node_modules';
    for (const folder of [path.join(PROJECTS, 'app'), path.resolve(PROJECTS, from)]) {
      await cp(folder, project.folder, { recursive: true, filter: own });
    }
    if (installer === 'npm') {
      await project.run('npm', 'ci', ...QUIETLY);
      await project.run('npm', 'install', '--no-save', '--no-package-lock', ...QUIETLY, ...(await tarballs()));
    }
    return project;
  }

  /** @param {...string} parts of a path in the project */
  at(...parts) {
    return path.join(this.folder, ...parts);
  }

  /**
   * Runs a program in the project; if it fails, its output is in the error.
   * @param {string} program
   * @param {...string} args
   */
  async run(program, ...args) {
    const options = { cwd: this.folder, env: ENVIRONMENT, maxBuffer: 2 ** 26 };
    try {
      return (await execute(program, args, options)).stdout;
    } catch (error) {
      const { stdout, stderr, message } = /** @type {any} */ (error);
      throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
    }
  }

  /**
   * Runs a program of an installed package.
   * @param {string} name
   * @param {...string} args
   */
  tool(name, ...args) {
    return this.run(this.#tool(name), ...args);
  }

  /** @param {string} name */
  #tool(name) {
    return this.at('node_modules/.bin', name);
  }

  /**
   * Starts a server of an installed package, and waits until it prints its address.
   * @param {string} name
   * @param {...string} args
   * @returns {Promise<{url: string, stop: () => Promise<void>}>}
   */
  async start(name, ...args) {
    // In a separate process group, because tools start further processes.
    const server = spawn(this.#tool(name), args, { cwd: this.folder, env: ENVIRONMENT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((resolve) => server.once('exit', resolve));
    const stop = async () => {
      if (server.exitCode === null && server.pid) process.kill(-server.pid, 'SIGTERM');
      await ended;
    };
    const lines = [];
    server.stderr.on('data', (text) => lines.push(String(text)));
    for await (const line of createInterface(server.stdout)) {
      lines.push(`${line}\n`);
      const url = /https?:\/\/(?:localhost|127\.0\.0\.1):\d+\S*/.exec(line)?.[0];
      if (url) {
        server.stdout.resume();
        return { url: url.endsWith('/') ? url : `${url}/`, stop };
      }
    }
    throw new Error(`${name} ended without printing its address:\n${lines.join('')}`);
  }

  /** Deletes the project. */
  async remove() {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** No package needs its install script, so none is run. */
export const QUIETLY = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];

/** Stops tools from colouring addresses and from looking for updates. */
const ENVIRONMENT = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', CI: '1', NEXT_TELEMETRY_DISABLED: '1' };
