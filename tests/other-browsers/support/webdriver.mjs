// WebKitGTK over WebDriver classic, which is JSON over HTTP. https://w3c.github.io/webdriver/
//
// The driver starts WebKitGTK's MiniBrowser, which needs a display: Xvfb provides one in memory.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Tab } from './tab.mjs';

/** @import { Browser } from './browser.mjs' */

/** How long a script may take, in ms: as long as the test runner allows a test. */
const PATIENCE = 600_000;

/** How long the browser may take to start, in ms: it takes 1 to 3 seconds on a busy machine. */
const START = 20_000;

/** How often a start is tried. */
const ATTEMPTS = 4;

/**
 * Starts the driver, and with it the browser. Tries again if the driver gets no browser: in one of some ten starts the
 * browser is gone at once, and the driver waits for it forever.
 * @param {string} program
 * @returns {Promise<Browser>}
 */
export async function launchWebKit(program) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launchOnce(program);
    } catch (error) {
      const late = error instanceof DOMException && error.name === 'TimeoutError';
      if (!late || attempt === ATTEMPTS) throw error;
    }
  }
}

/** @param {string} program @returns {Promise<Browser>} */
async function launchOnce(program) {
  const [display, proxy, port] = await Promise.all([startDisplay(), startProxy(), freePort()]);
  const driver = spawn(program, [`--port=${port}`], {
    env: { ...process.env, DISPLAY: display.name },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(driver, 'exit');
  const close = async () => {
    driver.kill(); // the browser ends with it
    await ended;
    await Promise.all([proxy.stop(), display.stop()]);
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await answers(`${url}/status`);
    const opened = await openSession(`${url}/session`, proxy.address);
    return { ...opened, requests: proxy.requests, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * @param {string} url of the driver's sessions
 * @param {string} proxy
 */
async function openSession(url, proxy) {
  const { sessionId, capabilities } = await send(url, {
    capabilities: {
      alwaysMatch: {
        timeouts: { script: PATIENCE },
        // The site is on this machine: every request that reaches the proxy is foreign.
        proxy: { proxyType: 'manual', httpProxy: proxy, sslProxy: proxy, noProxy: ['127.0.0.1'] },
      },
    },
  }, AbortSignal.timeout(START));
  const call = async (/** @type {string} */ source) => {
    const { value, error } = await send(`${url}/${sessionId}/execute/async`, {
      script: `(${source})().then(
        (value) => arguments[0]({ value }),
        (error) => arguments[0]({ error: error + ' ' + error?.stack }),
      )`,
      args: [],
    });
    if (error) throw new Error(error);
    return value;
  };
  const goto = async (/** @type {string} */ address) => {
    await send(`${url}/${sessionId}/url`, { url: address });
  };
  return {
    version: `WebKitGTK ${capabilities.browserVersion}`,
    tab: new Tab(call, goto),
    complaints: null,
    fakeCamera: false,
    decodesStarts: false,
  };
}

/**
 * Sends a command to the driver; returns its answer.
 * @param {string} url
 * @param {object} body
 * @param {AbortSignal} [signal]
 */
async function send(url, body, signal) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), signal });
  const { value } = /** @type {any} */ (await response.json());
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** Waits until a server that was just started answers. @param {string} url */
async function answers(url) {
  for (;;) {
    const up = await fetch(url).then(({ ok }) => ok, () => false);
    if (up) return;
    await delay(50); // it does not report when it is ready
  }
}

/** Starts a separate display. */
async function startDisplay() {
  const xvfb = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(xvfb, 'exit');
  const [number] = await once(createInterface(xvfb.stdout), 'line');
  const stop = async () => {
    xvfb.kill();
    await ended;
  };
  return { name: `:${number}`, stop };
}

/** Starts a proxy that records the requests and answers nothing. */
async function startProxy() {
  /** @type {string[]} */
  const requests = [];
  const server = createServer((socket) => {
    socket.once('data', (data) => {
      requests.push(String(data).split(' ', 2)[1]);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    socket.on('error', () => socket.destroy()); // the browser has hung up
  });
  const port = await listen(server);
  return { address: `127.0.0.1:${port}`, requests, stop: () => close(server) };
}

async function freePort() {
  const server = createServer();
  const port = await listen(server);
  await close(server);
  return port;
}

/** @param {import('node:net').Server} server */
async function listen(server) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/** @param {import('node:net').Server} server */
const close = (server) => new Promise((resolve) => server.close(resolve));
