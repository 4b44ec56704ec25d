// The built site, served by the project's server.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** @typedef {{url: string, stop: () => Promise<void>}} Site `url` ends with a slash */

/**
 * Starts `cargo xtask serve` on a free port, on the output of `cargo xtask build` in dist/.
 * `RESLENS_XTASK` names the program if it is built already.
 * @param {...string} flags such as `--no-isolation` or `--prefix`, `/some/path/`
 * @returns {Promise<Site>}
 */
export async function startSite(...flags) {
  const built = process.env.RESLENS_XTASK;
  const [program, first] = built ? [built, []] : ['cargo', ['xtask']];
  const server = spawn(program, [...first, 'serve', '--no-build', '--port', '0', ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const stop = async () => {
    server.kill();
    await ended;
  };
  for await (const line of createInterface(server.stdout)) {
    const url = /https?:\/\/\S+/.exec(line)?.[0];
    if (url) return { url: url.endsWith('/') ? url : `${url}/`, stop };
  }
  throw new Error(`${program} serve ended without printing its address`);
}

/**
 * Puts placeholders in place of wasm files in dist/, as during a build: see `xtask/src/placeholder.rs`.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string[]} names without extension; `*` stands for any characters
 */
export async function standIn(context, names) {
  const text = ['pending', 'This file is not built yet: reload the page when it is ready'];
  const [name, message] = text.map((each) => Buffer.from(each));
  const section = Buffer.concat([Buffer.from([name.length]), name, message]);
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, section.length];
  const body = Buffer.concat([Buffer.from(header), section]);
  for (const name of names) {
    await context.route(`**/${name}.wasm`, async (route) => route.fulfill({ response: await route.fetch(), body }));
  }
}
