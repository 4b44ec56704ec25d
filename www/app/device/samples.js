/**
 * The bundled pictures, as `samples/samples.json` lists them.
 *
 * @typedef {{file: string, title: string, alt: string, origin: string, licence: string}} Sample
 */

const FOLDER = 'samples/';

/** @returns {Promise<Sample[]>} */
export async function listSamples() {
  return (await get('samples.json')).json();
}

/** @param {Sample} sample @returns {Promise<Blob>} */
export async function readSample({ file }) {
  return (await get(file)).blob();
}

/** @param {Sample} sample @returns {string} the same address as that of the document's first picture */
export const sampleUrl = ({ file }) => new URL(FOLDER + file, document.baseURI).href;

/** @param {Sample} sample */
export function thumbnailUrl({ file }) {
  return `${FOLDER}thumbnails/${file.replace(/\.\w+$/, '.webp')}`;
}

/** Fetches all pictures into the browser's cache, so that they can be opened offline. */
export async function cacheSamples() {
  // A failure shows when a picture is opened.
  const samples = await listSamples().catch(() => []);
  for (const { file } of samples) fetch(FOLDER + file, { priority: 'low' }).catch(() => {});
}

/**
 * Without a connection, reads from the browser's cache.
 * @param {string} file
 */
async function get(file) {
  const url = FOLDER + file;
  const response = await fetch(url).catch(() => fetch(url, { cache: 'force-cache' }));
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response;
}
