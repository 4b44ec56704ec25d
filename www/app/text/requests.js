/**
 * The lines of the service worker's ledger, compared with the browser's own measurement.
 *
 * @typedef {{time: number, method: string, url: string, kind: string, by: string, answered: 'device'|'network'|'refused'}} Line
 */

/** @type {Record<Line['answered'], string>} */
const ANSWERED = { device: 'this device', network: 'the network', refused: 'nobody' };

/** Returns the texts of a line, one for each column. @param {Line} line @param {string} base the page's folder */
export const lineWords = ({ time, method, url, kind, by, answered }, base) => [
  new Date(time).toLocaleTimeString(),
  ANSWERED[answered],
  `${method === 'GET' ? '' : `${method} `}${url.startsWith(base) ? url.slice(base.length) || './' : url}`,
  kind,
  by,
];

/**
 * Returns the requests of the page that bypassed the service worker, by the browser's own measurement.
 * @param {readonly Pick<PerformanceResourceTiming, 'name'|'workerStart'|'transferSize'>[]} timings
 */
export const past = (timings) =>
  timings.filter(({ workerStart, transferSize }) => workerStart === 0 || transferSize > 0).map(({ name }) => name);

/** @param {number} count of timings @param {string[]} others those that bypassed the service worker */
export const checkWords = (count, others) => others.length === 0
  ? `The browser’s own measurement agrees: all ${count} requests of this page went through the service worker.`
  : `The browser’s own measurement does not agree: ${others.length} of ${count} requests of this page bypassed the service worker: ${others.slice(0, 5).join(', ')}.`;
