// The built site, served by the project's own server.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** @typedef {{url: string, stop: () => Promise<void>}} Site `url` ends with a slash */

/**
 * Starts `cargo xtask serve` on a free port, on what `cargo xtask build` left in dist/.
 * `RESLENS_XTASK` names the program where it is built already.
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
 * Has files stand in dist/ as they do while they are being built: see `xtask/src/placeholder.rs`.
 * @param {import('playwright-core').BrowserContext} context
 * @param {string[]} names without extension; `*` stands for any characters
 */
export async function standIn(context, names) {
  const wasm = Buffer.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const script = "export const pending = 'This file is not built yet: reload the page when it is ready';";
  for (const name of names) {
    const replace = (/** @type {string} */ extension, /** @type {string | Buffer} */ body) =>
      context.route(`**/${name}.${extension}`, async (route) =>
        route.fulfill({ response: await route.fetch(), body }),
      );
    await replace('js', script);
    await replace('wasm', wasm);
  }
}
