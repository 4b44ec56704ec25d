// The npm packages in projects with Vite, Rollup and esbuild.

import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { launch } from '../browser/support/browser.mjs';
import { drive, EXPECTED } from './support/drive.mjs';
import { Project } from './support/project.mjs';
import { ISOLATED, policy, serve, STRICT } from './support/server.mjs';

describe('bundlers', () => {
  let browser, project;
  before(async () => {
    [browser, project] = await Promise.all([launch(), Project.make('bundlers')]);
  });
  after(() => Promise.all([browser?.close(), project?.remove()]));

  /** Drives the output folder of a bundler. */
  async function driveFolder(folder, headers = STRICT) {
    const server = await serve(project.at(folder), { ...ISOLATED, ...headers });
    try {
      return await drive(browser, server.url);
    } finally {
      await server.stop();
    }
  }

  /** Bundles one of the app's scripts with esbuild, beside the page. */
  async function esbuild(script, folder, ...flags) {
    await mkdir(project.at(folder));
    await cp(project.at('index.html'), project.at(folder, 'index.html'));
    await project.tool('esbuild', script, '--bundle', `--outfile=${folder}/main.js`, '--log-level=error', ...flags);
  }

  it('TypeScript finds the types', async () => {
    const root = new URL('../../node_modules/typescript/bin/tsc', import.meta.url).pathname;
    await project.run('node', root, '--project', '.');
  });

  it('Vite 8, built', async () => {
    await project.tool('vite', 'build', '--logLevel', 'warn');
    assert.deepEqual(await driveFolder('vite'), EXPECTED);
  });

  it('Vite 8, built for any sub-path', async () => {
    await project.tool('vite', 'build', '--logLevel', 'warn', '--base=./', '--outDir', 'nested/some/path');
    const server = await serve(project.at('nested'), { ...ISOLATED, ...STRICT });
    try {
      assert.deepEqual(await drive(browser, `${server.url}some/path/`), EXPECTED);
    } finally {
      await server.stop();
    }
  });

  it('Vite 8, in development', async () => {
    const server = await project.start('vite');
    try {
      await cp(new URL('../../www/samples/coffee.jpg', import.meta.url), project.at('picture.jpg'));
      assert.deepEqual(await drive(browser, server.url), EXPECTED);
    } finally {
      await server.stop();
    }
  });

  it('Rollup with its plugin for assets', async () => {
    await project.tool('rollup', '--config', '--silent');
    await cp(project.at('index.html'), project.at('rollup/index.html'));
    assert.deepEqual(await driveFolder('rollup'), EXPECTED);
  });

  it('esbuild with reslens/inline', async () => {
    await esbuild('inline.js', 'inline', '--format=iife', '--minify');
    await project.tool('reslens', 'copy', 'inline/reslens');
    const headers = policy({
      'script-src': "'self' 'wasm-unsafe-eval'",
      'worker-src': 'blob:',
      'connect-src': "'self'",
    });
    const reason = "one thread: 'reslens/inline' has no threads, import 'reslens' for them";
    assert.deepEqual(await driveFolder('inline', headers), { ...EXPECTED, threads: 1, reason });
  });

  it('esbuild with the files that npx reslens copy puts beside the script', async () => {
    await esbuild('copied.js', 'copied', '--format=iife', '--log-override:empty-import-meta=silent');
    await project.tool('reslens', 'copy', 'copied/reslens');
    assert.deepEqual(await driveFolder('copied'), EXPECTED);
  });

  it('esbuild without either: the error says what to do', async () => {
    await esbuild('main.js', 'bare', '--format=esm');
    const server = await serve(project.at('bare'), { ...ISOLATED, ...STRICT });
    try {
      await assert.rejects(drive(browser, server.url), ({ actual }) => {
        assert.match(actual.outcome.error, /BackendUnavailable: .*\(status: 404\).*reslens\/inline.*npx reslens copy/);
        return true;
      });
    } finally {
      await server.stop();
    }
  });
});
