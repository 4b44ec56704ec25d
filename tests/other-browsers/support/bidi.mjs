// Firefox over WebDriver BiDi: JSON messages on a WebSocket that the browser itself offers.
// https://w3c.github.io/webdriver-bidi/

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Tab } from './tab.mjs';

/** @import { Browser } from './browser.mjs' */

const PREFERENCES = {
  // A camera with generated pictures that needs no permission.
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  // WebGPU, if it is off by default, and on adapters that compute on the CPU, which Firefox blocks.
  'dom.webgpu.enabled': true,
  'dom.webgpu.workers.enabled': true,
  'gfx.webgpu.ignore-blocklist': true,
};

/**
 * Starts Firefox without a window, with a separate profile.
 * @param {string} program
 * @returns {Promise<Browser>}
 */
export async function launchFirefox(program) {
  const profile = await mkdtemp(join(tmpdir(), 'reslens-firefox-'));
  const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${value});\n`);
  await writeFile(join(profile, 'user.js'), lines.join(''));
  const flags = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
  const firefox = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(firefox, 'exit');
  const close = async () => {
    firefox.kill();
    await ended;
    await rm(profile, { recursive: true });
  };
  try {
    const session = await Session.connect(`${await address(firefox.stderr)}/session`);
    return { ...(await openTab(session)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param {Session} session @returns {Promise<Omit<Browser, 'close'>>} */
async function openTab(session) {
  /** @type {string[]} */
  const complaints = [];
  /** @type {string[]} */
  const requests = [];
  session.on('log.entryAdded', ({ level, text }) => {
    if (['warn', 'error'].includes(level)) complaints.push(text);
  });
  session.on('network.beforeRequestSent', ({ request }) => requests.push(request.url));

  const { capabilities } = await session.send('session.new', { capabilities: {} });
  await session.send('session.subscribe', { events: ['log.entryAdded', 'network.beforeRequestSent'] });
  const { context } = await session.send('browsingContext.create', { type: 'tab' });
  const call = async (/** @type {string} */ source) => {
    const { result, exceptionDetails } = await session.send('script.callFunction', {
      functionDeclaration: source,
      awaitPromise: true,
      target: { context },
      userActivation: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.value;
  };
  const goto = async (/** @type {string} */ url) => {
    await session.send('browsingContext.navigate', { context, url, wait: 'complete' });
  };
  return {
    version: `Firefox ${capabilities.browserVersion}`,
    tab: new Tab(call, goto),
    complaints,
    requests,
    fakeCamera: true,
    decodesStarts: true,
  };
}

/** The address at which Firefox listens, printed once it is ready. @param {import('node:stream').Readable} stderr */
async function address(stderr) {
  const said = [];
  for await (const line of createInterface(stderr)) {
    const url = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
    if (url) {
      stderr.resume(); // a full pipe would stop the browser
      return url;
    }
    said.push(line);
  }
  throw new Error(`Firefox ended: ${said.join('\n')}`);
}

/** A connection: commands with their answers, and events. */
class Session {
  #socket;
  #last = 0;
  /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
  #waiting = new Map();
  /** @type {Map<string, (parameters: any) => void>} */
  #listeners = new Map();

  /** @param {string} url */
  static async connect(url) {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`cannot connect to ${url}`));
    });
    return new Session(socket);
  }

  /** @param {WebSocket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('Firefox has gone'));
    };
  }

  /** @param {string} method @param {object} params */
  send(method, params) {
    const id = ++this.#last;
    /** @type {Promise<any>} */
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer;
  }

  /** @param {string} event @param {(parameters: any) => void} listener */
  on(event, listener) {
    this.#listeners.set(event, listener);
  }

  /** @param {any} message */
  #receive({ type, id, method, params, result, error, message }) {
    if (type === 'event') return this.#listeners.get(method)?.(params);
    const call = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (type === 'success') call?.resolve(result);
    else call?.reject(new Error(`${error}: ${message}`));
  }
}
