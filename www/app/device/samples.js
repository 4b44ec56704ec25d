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

/** @param {Sample} sample */
export function sampleUrl({ file }) {
  return FOLDER + file;
}

/**
 * Without a connection, reads from the browser's cache: the thumbnails have put the pictures there.
 * @param {string} file
 */
async function get(file) {
  const url = FOLDER + file;
  const response = await fetch(url).catch(() => fetch(url, { cache: 'force-cache' }));
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response;
}
