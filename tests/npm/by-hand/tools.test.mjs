// The packages in projects with tools that take minutes to install: `cargo xtask test npm --all`.

import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { launch } from '../../browser/support/browser.mjs';
import { drive, EXPECTED } from '../support/drive.mjs';
import { Project, tarballs } from '../support/project.mjs';
import { CDN, ISOLATED, policy, serve, STRICT } from '../support/server.mjs';

const PICTURE = new URL('../../../www/samples/coffee.jpg', import.meta.url);

describe('other tools', () => {
  let browser;
  /** Functions that remove what a test has made and started. @type {(() => Promise<void>)[]} */
  let undo = [];
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  /** @param {string} name @param {'npm' | 'none'} [installer] */
  async function make(name, installer) {
    const project = await Project.make(name, installer);
    undo.push(() => project.remove());
    return project;
  }

  /** Drives the output folder of a tool. */
  async function driveFolder(folder, headers = STRICT) {
    const server = await serve(folder, { ...ISOLATED, ...headers });
    undo.push(server.stop);
    return drive(browser, server.url);
  }

  /** Starts a tool's own server and drives its page. */
  async function driveServer(project, tool, ...args) {
    const server = await project.start(tool, ...args);
    undo.push(server.stop);
    return drive(browser, server.url);
  }

  it('webpack 5', async () => {
    const project = await make('webpack');
    await project.tool('webpack');
    await cp(project.at('index.html'), project.at('webpack/index.html'));
    assert.deepEqual(await driveFolder(project.at('webpack')), EXPECTED);
  });

  it('webpack 5 with its files on another origin', async () => {
    const project = await make('webpack');
    const cdn = await serve(project.at('webpack'), CDN);
    undo.push(cdn.stop);
    await project.tool('webpack', '--output-public-path', cdn.url);
    const page = await serve(project.folder, ISOLATED);
    undo.push(page.stop);
    await cp(project.at('webpack/main.js'), project.at('main.js'));
    assert.deepEqual(await drive(browser, page.url, [cdn.url.slice(0, -1)]), EXPECTED);
  });

  it('Vite 7, built', async () => {
    const project = await make('vite7');
    await project.tool('vite', 'build', '--logLevel', 'warn');
    assert.deepEqual(await driveFolder(project.at('vite')), EXPECTED);
  });

  it('Vite 7, in development', async () => {
    const project = await make('vite7');
    await cp(PICTURE, project.at('picture.jpg'));
    assert.deepEqual(await driveServer(project, 'vite'), EXPECTED);
  });

  it("Vite 7 with pnpm's folders", async () => {
    const [vite, pnpm] = [await make('vite7'), await make('pnpm')];
    const own = await make('pnpm', 'none');
    await own.run(pnpm.at('node_modules/.bin/pnpm'), 'add', '--ignore-scripts', ...(await tarballs()));
    await cp(vite.at('vite.config.js'), own.at('vite.config.js'));
    await cp(PICTURE, own.at('picture.jpg'));
    assert.deepEqual(await driveServer(vite, 'vite', own.folder), EXPECTED);
    await vite.tool('vite', 'build', own.folder, '--logLevel', 'warn');
    assert.deepEqual(await driveFolder(own.at('vite')), EXPECTED);
  });

  it('Parcel 2', async () => {
    const project = await make('parcel');
    await project.tool('parcel', 'build', 'index.html', '--dist-dir', 'parcel', '--no-cache', '--no-source-maps');
    // Parcel's own output has an import map within the page.
    const headers = policy({
      'script-src': "'self' 'unsafe-inline' 'wasm-unsafe-eval'",
      'worker-src': "'self'",
      'connect-src': "'self'",
    });
    assert.deepEqual(await driveFolder(project.at('parcel'), headers), EXPECTED);
  });

  for (const [tool, build, serve] of /** @type {const} */ ([
    ['Turbopack', ['build'], ['start']],
    ['webpack', ['build', '--webpack'], ['start']],
    ['Turbopack, in development', null, ['dev']],
  ])) {
    it(`Next 16 with ${tool}`, async () => {
      const project = await make('next');
      await mkdir(project.at('public'));
      await cp(PICTURE, project.at('public/picture.jpg'));
      if (build) await project.tool('next', ...build);
      assert.deepEqual(await driveServer(project, 'next', ...serve, '--port', '0'), EXPECTED);
    });
  }

  it('SvelteKit 2', async () => {
    const project = await make('sveltekit');
    await mkdir(project.at('static'));
    await cp(PICTURE, project.at('static/picture.jpg'));
    await project.tool('vite', 'build', '--logLevel', 'warn');
    assert.deepEqual(await driveFolder(project.at('build'), {}), EXPECTED);
    assert.deepEqual(await driveServer(project, 'vite', 'dev'), EXPECTED);
  });

  it('attw finds every type', async () => {
    const project = await make('checks');
    const [library, model] = await tarballs();
    // These entries are files without types.
    for (const [tarball, entry] of [[library, './dist/*'], [model, './webcam50.safetensors']]) {
      await project.tool('attw', tarball, '--profile', 'esm-only', '--exclude-entrypoints', entry);
    }
  });
});
