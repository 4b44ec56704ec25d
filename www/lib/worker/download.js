// Counting the bytes of a response while they arrive.

/** @typedef {(loaded: number, total: number | null) => void} OnBytes */

/**
 * Returns the announced size of a response's decoded body in bytes, or null.
 * With a content encoding the announced length is the encoded one.
 * @param {Response} response
 * @returns {number | null}
 */
export function announcedSize(response) {
  const length = Number(response.headers.get('content-length'));
  const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity';
  return length > 0 && !encoded ? length : null;
}

/** The shortest time between progress reports of a download, in ms: a page redraws for each. */
const PACE_MS = 100;

/**
 * Drops reports that come too soon after the last one.
 * @param {OnBytes} onBytes
 * @returns {OnBytes}
 */
export function paced(onBytes) {
  let next = performance.now() + PACE_MS;
  return (loaded, total) => {
    const now = performance.now();
    if (now < next) return;
    next = now + PACE_MS;
    onBytes(loaded, total);
  };
}

/**
 * Returns a stream that passes bytes on and counts them.
 * @param {number | null} total
 * @param {OnBytes} onBytes called at the start, now and then, and with the true total at the end
 * @returns {TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>}
 */
export function counter(total, onBytes) {
  let loaded = 0;
  const sometimes = paced(onBytes);
  return new TransformStream({
    start: () => onBytes(0, total),
    transform(chunk, controller) {
      loaded += chunk.byteLength;
      // The announced length was that of encoded bytes, unrecognised.
      sometimes(loaded, total !== null && loaded <= total ? total : null);
      controller.enqueue(chunk);
    },
    flush: () => onBytes(loaded, loaded),
  });
}

/**
 * Fetches a file.
 * @param {string} url
 * @param {OnBytes} onBytes
 * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>>>} rejects if there is none
 */
export async function fetchCounted(url, onBytes) {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
  return response.body.pipeThrough(counter(announcedSize(response), onBytes));
}

/**
 * Counts the bytes of several downloads together.
 * @param {OnBytes} onBytes called with the sums
 * @returns {() => OnBytes} returns the callback for one more download
 */
export function sumProgress(onBytes) {
  /** @type {{loaded: number, total: number | null}[]} */
  const parts = [];
  return () => {
    const index = parts.push({ loaded: 0, total: null }) - 1;
    return (loaded, total) => {
      parts[index] = { loaded, total };
      onBytes(
        parts.reduce((sum, part) => sum + part.loaded, 0),
        parts.reduce(
          (sum, part) => (sum === null || part.total === null ? null : sum + part.total),
          /** @type {number | null} */ (0),
        ),
      );
    };
  };
}
