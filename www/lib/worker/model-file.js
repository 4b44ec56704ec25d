// Getting the bytes of a model: from a Blob, from a URL, or from the cache of the bundled model.

import { announcedSize, paced } from './download.js';
import { failure, messageOf } from '../shared/errors.js';
import { GET_MODEL, MAX_MODEL_BYTES } from '../shared/limits.js';

/** @import { ErrorName } from '../../reslens.js' */
/** @import { ModelSource } from '../shared/protocol.js' */
/** @import { OnBytes } from './download.js' */

const CACHE = 'reslens-models';
/** The header of a stored file with its SHA-256. */
const HASH = 'x-reslens-sha256';

/**
 * A model's bytes, and what to do once they have proved valid or not.
 * @typedef {object} ModelFile
 * @property {Uint8Array<ArrayBuffer>} bytes
 * @property {boolean} given whether they came from the page, which has kept no copy
 * @property {() => Blob} blob returns the same bytes, held by the browser outside this worker's memory. The first call
 *   copies them, which takes as long as reading them
 * @property {(hash: string | null) => Promise<void>} check rejects with `ModelInvalid` if it was read from the cache, and
 *   its SHA-256 is not that under which it was stored; then it is removed
 * @property {(hash: string | null) => Promise<void>} keep stores the file in the cache, if it is cacheable
 * @property {() => Promise<void>} forget removes it from there
 */

/**
 * Reads a model.
 * @param {ModelSource} source
 * @param {(loaded: number, total: number | null, fromCache: boolean) => void} onBytes
 * @returns {Promise<ModelFile>}
 */
export async function readModel(source, onBytes) {
  if (source instanceof Blob) return readBlob(source, onBytes);
  if (source instanceof Uint8Array) return readBytes(source, onBytes);
  const cached = source.bundled ? await lookUp(source.url) : undefined;
  // Read while the request checks whether it is still valid.
  const stored = cached?.clone().arrayBuffer();
  stored?.catch(() => {}); // handled where it is needed
  const fresh = await request(source.url, cached);
  const response = fresh ?? /** @type {Response} */ (cached);
  checkResponse(response, source);
  const report = (/** @type {number} */ loaded, /** @type {number | null} */ total) => onBytes(loaded, total, !fresh);
  const bytes = stored && !fresh
    ? await readStored(stored, source.url, report)
    : await readBody(response, source.url, report);
  const blob = blobOf(bytes);
  const forget = async () => {
    if (cached) await (await caches.open(CACHE)).delete(source.url);
  };
  return {
    bytes,
    given: false,
    blob,
    async check(hash) {
      const expected = fresh ? null : cached?.headers.get(HASH);
      if (!expected || !hash || hash === expected) return;
      await forget();
      throw failure('ModelInvalid', `the stored copy of ${source.url} was damaged, and is deleted: try again`);
    },
    async keep(hash) {
      if (source.bundled && fresh) await store(source.url, blob(), fresh.headers, hash);
    },
    forget,
  };
}

/** Nothing to do for a file that is not cached. */
const NOT_CACHED = { check: async () => {}, keep: async () => {}, forget: async () => {} };

/**
 * @param {Blob} blob
 * @param {(loaded: number, total: number | null, fromCache: boolean) => void} onBytes
 * @returns {Promise<ModelFile>}
 */
async function readBlob(blob, onBytes) {
  checkSize(blob.size, 'the model');
  onBytes(0, blob.size, false);
  const bytes = await readFile(blob, 'ModelInvalid', 'model');
  onBytes(blob.size, blob.size, false);
  return { bytes, given: false, blob: () => blob, ...NOT_CACHED };
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {(loaded: number, total: number | null, fromCache: boolean) => void} onBytes
 * @returns {ModelFile}
 */
function readBytes(bytes, onBytes) {
  checkSize(bytes.length, 'the model');
  onBytes(bytes.length, bytes.length, false);
  return { bytes, given: true, blob: blobOf(bytes), ...NOT_CACHED };
}

/**
 * Returns a function that returns the bytes as a Blob, always the same one, and does not hold the bytes after it has
 * made it.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {() => Blob}
 */
export function blobOf(bytes) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [bytes];
  /** @type {Blob | undefined} */
  let blob;
  return () => (blob ??= new Blob(parts.splice(0)));
}

/**
 * Reads a file with other labels.
 * @param {Blob} blob
 */
export const readLabels = (blob) => readFile(blob, 'InputInvalid', 'labels');

/**
 * @param {Blob} blob
 * @param {ErrorName} name of the error for a file that cannot be read
 * @param {string} what it is for
 */
async function readFile(blob, name, what) {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    throw failure(name, `${what}: the file cannot be read (${messageOf(error)}): choose it again`, error);
  }
}

/**
 * Requests a file; null if the cached response is still valid, or if nothing else is available.
 * @param {string} url
 * @param {Response | undefined} cached
 * @returns {Promise<Response | null>}
 */
async function request(url, cached) {
  /** @type {Record<string, string>} */
  const headers = {};
  const etag = cached?.headers.get('etag');
  const modified = cached?.headers.get('last-modified');
  if (etag) headers['if-none-match'] = etag;
  else if (modified) headers['if-modified-since'] = modified;
  try {
    const response = await fetch(url, { headers });
    return cached && response.status === 304 ? null : response;
  } catch (error) {
    if (cached) return null; // offline
    throw failure(
      'ModelInvalid',
      `the model at ${url} cannot be fetched (status: none, ${messageOf(error)}): check the ` +
        'address and the connection; a model on another site must be downloaded and opened as a file',
      error,
    );
  }
}

/**
 * @param {Response} response
 * @param {{url: string, bundled: boolean}} source
 */
function checkResponse(response, { url, bundled }) {
  const isHtml = /^text\/html\b/i.test(response.headers.get('content-type') ?? '');
  if (bundled && (!response.ok || isHtml)) {
    throw failure('ModelInvalid', `there is no model beside the library (at ${url}): ${GET_MODEL}`);
  }
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    throw failure('ModelInvalid', `the model at ${url} cannot be fetched (status: ${status})`);
  }
  if (isHtml) throw html(response, url);
}

/**
 * @param {Response} response
 * @param {string} url
 */
const html = (response, url) =>
  failure(
    'ModelInvalid',
    `expected a .safetensors file at ${url}, found an HTML page (status: ${response.status}): ` +
      'check the address',
  );

/**
 * @param {number} bytes
 * @param {string} what
 */
function checkSize(bytes, what) {
  if (bytes > MAX_MODEL_BYTES) {
    const found = `${(bytes / 2 ** 20).toFixed()} MB`;
    throw failure('ModelInvalid', `${what}: expected at most ${MAX_MODEL_BYTES / 2 ** 20} MB, found ${found}`);
  }
}

/**
 * Reads a body into one array, without trusting the announced size.
 * @param {Response} response
 * @param {string} url
 * @param {OnBytes} onBytes
 */
async function readBody(response, url, onBytes) {
  const total = announcedSize(response);
  checkSize(total ?? 0, url);
  let bytes = new Uint8Array(total ?? 2 ** 20);
  let length = 0;
  onBytes(0, total);
  const sometimes = paced(onBytes);
  const stream = response.body?.getReader();
  try {
    for (let part = await stream?.read(); part && !part.done; part = await stream?.read()) {
      const chunk = part.value;
      if (length === 0 && chunk[0] === 0x3c) throw html(response, url); // '<'
      checkSize(length + chunk.length, url);
      if (length + chunk.length > bytes.length) {
        const larger = new Uint8Array(Math.max(2 * bytes.length, length + chunk.length));
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(chunk, length);
      length += chunk.length;
      // The announced length was that of encoded bytes, unrecognised.
      sometimes(length, total !== null && length <= total ? total : null);
    }
  } catch (error) {
    await stream?.cancel().catch(() => {}); // the first error is the relevant one
    if (error instanceof Error && error.name === 'ModelInvalid') throw error;
    const message =
      `the download of ${url} broke off after ${length} bytes ` +
      `(status: ${response.status}, ${messageOf(error)}): try again`;
    throw failure('ModelInvalid', message, error);
  }
  onBytes(length, length);
  return bytes.subarray(0, length);
}

/**
 * Reads the cached response.
 * @param {Promise<ArrayBuffer>} stored
 * @param {string} url
 * @param {OnBytes} onBytes
 */
async function readStored(stored, url, onBytes) {
  try {
    const bytes = new Uint8Array(await stored);
    checkSize(bytes.length, url);
    onBytes(0, bytes.length);
    onBytes(bytes.length, bytes.length);
    return bytes;
  } catch (error) {
    if (error instanceof Error && error.name === 'ModelInvalid') throw error;
    throw failure('ModelInvalid', `the stored copy of ${url} cannot be read (${messageOf(error)}): try again`, error);
  }
}

/**
 * Returns the bundled model from the cache, if it is there.
 * @param {string} url
 * @returns {Promise<Response | undefined>}
 */
async function lookUp(url) {
  try {
    return await caches.match(url, { cacheName: CACHE });
  } catch {
    return undefined; // an insecure page, or blocked storage: everything works without a cache
  }
}

/**
 * @param {string} url
 * @param {Blob} blob
 * @param {Headers} from
 * @param {string | null} hash
 */
async function store(url, blob, from, hash) {
  const headers = new Headers({ 'content-length': String(blob.size) });
  if (hash) headers.set(HASH, hash);
  for (const name of ['content-type', 'etag', 'last-modified']) {
    const value = from.get(name);
    if (value) headers.set(name, value);
  }
  try {
    await (await caches.open(CACHE)).put(url, new Response(blob, { headers }));
  } catch {
    // No room, or none allowed: the next visit downloads the file again.
  }
}
