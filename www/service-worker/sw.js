// The service worker: answers the page's requests with the files that this browser has stored.
//
// One strategy. A file of this build is stored under its SHA-256 and compared with it each time it is used; a missing
// file is fetched, compared and stored. Everything else comes from the host of this page, and other hosts are never
// asked. While the page is sealed, nothing is fetched at all: what is not stored is refused.
//
// The build writes BUILD and FILES, and changes nothing else: this is the text that your browser runs.

/** @typedef {'device' | 'network' | 'refused'} Answerer */
/** @typedef {{time: number, method: string, url: string, kind: string, by: string, answered: Answerer}} Entry */
/** @typedef {Record<Answerer, number> & {since: number, entries: Entry[]}} Ledger */

const scope = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** The hash of FILES: other files make another build. */
const BUILD = '';

/** The SHA-256 of each file. @type {Record<string, string>} */
const FILES = {};

/** Files of all builds that are in use, under their path and hash. */
const STORE = 'reslens-files';
/** Where the library keeps models. They are not stored a second time. */
const MODELS = 'reslens-models';
/** The seal and the ledger. A variable would not do: browsers end an idle service worker after half a minute. */
const STATE = 'reslens-state';

/** The headers of every answer, so that a host that cannot send headers is as safe as one that can. */
const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types reslens-page; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Permissions-Policy': 'camera=(self), screen-wake-lock=(self), microphone=(), display-capture=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), publickey-credentials-get=(), identity-credentials-get=()',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Connection-Allowlist': '(response-origin)',
};

/** The ledger forgets its oldest lines, not its sums. */
const MOST_ENTRIES = 1000;

/** How long the ledger's lines are collected before they are stored: a page makes many requests at its start. */
const SAVING_MS = 400;

const isModel = (/** @type {string} */ path) => path.startsWith('models/');
/** Fetched on first use: which engines a browser needs is not known before. */
const isEngine = (/** @type {string} */ path) => path.endsWith('.wasm');
const addressOf = (/** @type {string} */ path) => new URL(path, scope.registration.scope).href;
const keyOf = (/** @type {string} */ path) => `${addressOf(path)}?v=${FILES[path]}`;

/** Returns what is stored under a key. One request to the browser; opening the store first would be another. @param {string} cacheName @param {string} key */
const lookUp = (cacheName, key) => caches.match(key, { cacheName });

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('fetch', (event) => event.respondWith(answer(event)));
scope.addEventListener('message', (event) => event.waitUntil(reply(event)));

/** Stores the page's files, and those engines that an earlier build has used here. */
async function install() {
  if (await isSealed()) throw new Error('the page is sealed: a new build waits until it is unsealed');
  const keys = await (await caches.open(STORE)).keys();
  const used = new Set(keys.map(({ url }) => url.split('?')[0]));
  const wanted = Object.keys(FILES).filter((path) => !isModel(path) && (!isEngine(path) || used.has(addressOf(path))));
  await Promise.all(wanted.map(ensure));
}

/** Deletes the files that only earlier builds had, and takes control of open pages. */
async function activate() {
  const store = await caches.open(STORE);
  const wanted = new Set(Object.keys(FILES).map(keyOf));
  const keys = await store.keys();
  await Promise.all(keys.filter(({ url }) => !wanted.has(url)).map((key) => store.delete(key)));
  ledger = null; // the previous service worker has written to it
  await scope.clients.claim();
}

/** @param {FetchEvent} event */
async function answer(event) {
  const { request } = event;
  const [answered, response] = await find(request).catch(() => /** @type {const} */ (['refused', null]));
  event.waitUntil(enter(event, answered));
  return response ?? Response.error();
}

/**
 * Returns the answer to a request, and its source.
 * @param {Request} request
 * @returns {Promise<[Answerer, Response]>} rejects if there is none
 */
async function find(request) {
  const { origin, pathname, href } = new URL(request.url);
  const base = new URL(scope.registration.scope);
  if (origin !== base.origin || !['GET', 'HEAD'].includes(request.method)) throw new Error('no file of this page');
  const inside = pathname.startsWith(base.pathname) ? pathname.slice(base.pathname.length) : href;
  const path = inside === '' || inside.endsWith('/') ? `${inside}index.html` : inside;
  const listed = request.method === 'GET' && Object.hasOwn(FILES, path);
  const stored = !listed ? null : isModel(path) ? await storedModel(path, request) : await storedFile(path);
  if (stored) return ['device', stored];
  try {
    if (listed && !isModel(path) && request.mode !== 'navigate') {
      const fresh = await fetchFile(path);
      await keep(path, fresh.clone()).catch(() => {}); // no room: the request is still answered
      return ['network', fresh];
    }
    return ['network', dressed(await fromNetwork(request))];
  } catch (error) {
    if (request.mode !== 'navigate') throw error;
    return ['refused', dressed(new Response(sorry(path), { status: 503, headers: { 'Content-Type': 'text/plain' } }))];
  }
}

/** @param {string} path */
const sorry = (path) =>
  `${path} is not stored in this browser, and the network is off or forbidden by the seal. Connect and reload; ` +
  'to open the seal without this page, delete its data in the settings of the browser.\n';

/** The only access to the network, which the seal closes. @param {Request} request */
async function fromNetwork(request) {
  if (await isSealed()) throw new Error('sealed');
  return fetch(request);
}

/** Whether the page is sealed. */
const isSealed = async () => (await lookUp(STATE, 'seal')) !== undefined;

/** Returns a stored file; null if it is missing or damaged. @param {string} path */
async function storedFile(path) {
  const stored = await lookUp(STORE, keyOf(path));
  if (!stored) return null;
  const body = await stored.arrayBuffer();
  if ((await sha256(body)) === FILES[path]) return made(body, stored);
  await (await caches.open(STORE)).delete(keyOf(path));
  return null;
}

/** Fetches a file of this build. @param {string} path */
async function fetchFile(path) {
  const response = await fromNetwork(new Request(addressOf(path), { cache: 'no-cache' }));
  const body = await response.arrayBuffer();
  if (!response.ok || (await sha256(body)) !== FILES[path]) {
    throw new Error(`${path} on the server (status ${response.status}) is not the file of this build`);
  }
  return made(body, response);
}

/** Stores a file. @param {string} path @param {Response} response */
const keep = async (path, response) => (await caches.open(STORE)).put(keyOf(path), response);

/** Stores a file unless it is stored already; rejects if that fails. @param {string} path */
async function ensure(path) {
  if (isModel(path)) {
    if (await storedModel(path, new Request(addressOf(path)))) return;
    throw new Error('the page has not stored this model');
  }
  if (await storedFile(path)) return;
  await keep(path, await fetchFile(path));
  await note({ method: 'GET', url: addressOf(path), kind: 'fetch', by: 'service worker', answered: 'network' });
}

/**
 * Returns the model as the library has stored it. A request that names its tag is told that it is still valid.
 * @param {string} path
 * @param {Request} request
 */
async function storedModel(path, { headers }) {
  const stored = await lookUp(MODELS, addressOf(path));
  // The library stores a model with its hash, and compares them each time it reads it.
  if (stored?.headers.get('x-reslens-sha256') !== FILES[path]) return null;
  const known = headers.has('if-none-match') || headers.has('if-modified-since');
  return known ? dressed(new Response(null, { status: 304 })) : dressed(stored);
}

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A response of these bytes, of the same type as another one. @param {ArrayBuffer} body @param {Response} like */
const made = (body, like) => {
  const type = like.headers.get('content-type') ?? 'application/octet-stream';
  return new Response(body, { headers: { ...HEADERS, 'Content-Type': type, 'Content-Length': String(body.byteLength) } });
};

/** The same response with HEADERS. @param {Response} response */
function dressed(response) {
  if (response.type === 'opaqueredirect' || response.redirected) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(status === 304 ? null : response.body, { status, statusText, headers });
}

/** The ledger, read once. @type {Promise<Ledger> | null} */
let ledger = null;
/** The ledger while it is being stored. @type {Promise<void> | null} */
let saving = null;

/** @returns {Ledger} */
const emptyLedger = () => ({ since: Date.now(), device: 0, network: 0, refused: 0, entries: [] });

async function readLedger() {
  const stored = await lookUp(STATE, 'ledger');
  return /** @type {Promise<Ledger>} */ (stored?.json() ?? emptyLedger());
}

/** The tabs and workers that make requests, by their ids. @type {Map<string, Promise<Client | undefined>>} */
const clients = new Map();

/** Returns a tab or worker, asking the browser once. @param {string} id */
async function clientOf(id) {
  const asked = clients.get(id) ?? scope.clients.get(id);
  clients.set(id, asked);
  const client = await asked;
  if (!client) clients.delete(id); // it may be one later
  return client;
}

/** Adds a request to the ledger. @param {FetchEvent} event @param {Answerer} answered */
async function enter({ request, clientId }, answered) {
  const client = clientId ? await clientOf(clientId) : undefined;
  const { method, url, destination, mode } = request;
  const by = mode === 'navigate' ? 'browser' : client?.type === 'worker' ? 'worker' : 'page';
  await note({ method, url, kind: destination || 'fetch', by, answered });
}

/** Adds a line to the ledger. @param {Omit<Entry, 'time'>} line */
async function note(line) {
  const sums = await (ledger ??= readLedger());
  sums[line.answered] += 1;
  sums.entries.push({ time: Date.now(), ...line });
  if (sums.entries.length > MOST_ENTRIES) sums.entries.shift();
  await (saving ??= saveLedger());
}

/** Stores the ledger, once for all requests of a moment, and informs the pages. */
async function saveLedger() {
  await new Promise((resolve) => setTimeout(resolve, SAVING_MS));
  saving = null;
  const text = JSON.stringify(await (ledger ??= readLedger()));
  await (await caches.open(STATE)).put('ledger', new Response(text)).catch(() => {}); // full: the sums stay in memory
  const pages = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const page of pages) page.postMessage({ type: 'status', ...(await status()) });
}

/** The message for pages. */
async function status() {
  const { since, device, network, refused } = await (ledger ??= readLedger());
  return { build: BUILD, sealed: await isSealed(), since, device, network, refused };
}

/** Answers a page's message. @param {ExtendableMessageEvent} event */
async function reply({ data, ports: [port] }) {
  const state = await caches.open(STATE);
  switch (data.type) {
    case 'status':
      return port.postMessage(await status());
    case 'ledger':
      return port.postMessage(await (ledger ??= readLedger()));
    case 'store':
      return port.postMessage(await missing(data.files));
    case 'seal': {
      const absent = await missing([...Object.keys(FILES).filter((path) => !isModel(path) && !isEngine(path)), ...data.files]);
      if (absent.length === 0) {
        ledger = Promise.resolve(emptyLedger());
        await state.put('seal', new Response(BUILD));
      }
      return port.postMessage(absent);
    }
    case 'unseal':
      await state.delete('seal');
      return port.postMessage(await status());
    case 'forget': {
      ledger = Promise.resolve(emptyLedger());
      await saving;
      await Promise.all([STORE, MODELS, STATE].map((name) => caches.delete(name)));
      return port.postMessage(null);
    }
    case 'update':
      return scope.skipWaiting();
    default:
      throw new Error(`unknown message ${data.type}`);
  }
}

/** Stores missing files of this build, and returns why some could not be stored. @param {string[]} files @returns {Promise<string[]>} */
async function missing(files) {
  const paths = files.filter((path) => Object.hasOwn(FILES, path));
  const stored = await Promise.allSettled(paths.map(ensure));
  return stored.flatMap((each, index) => (each.status === 'rejected' ? [`${paths[index]}: ${each.reason.message}`] : []));
}
