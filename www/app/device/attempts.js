/**
 * The ways by which a page could send something to another site. Each is really tried; its result is not
 * trusted, because browsers refuse some of them silently.
 *
 * @typedef {'sent'|'refused'|'unclear'} Outcome
 * @typedef {{outcome: Outcome, by: string}} Finding
 *   `by`: what refused it, or what was observed.
 * @typedef {{name: string, attempt: (target: URL) => Promise<Outcome>}} Way
 */

import { removed } from './locks.js';
import { startWorker } from './own-scripts.js';

/** How long to wait for an answer, ms. */
const PATIENCE_MS = 3000;
/** The end of a way without an answer: a refused request is reported in the next task. */
const soon = (ms = 100) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {Promise<unknown>} promise @returns {Promise<Outcome>} */
const settled = (promise) => promise.then(() => 'sent', () => 'refused');

/** Whether a target gets through: `good` if it does, `error` if not. @param {EventTarget} target @param {string} good @returns {Promise<Outcome>} */
const heard = (target, good) => Promise.race([
  new Promise((resolve) => target.addEventListener(good, () => resolve(/** @type {const} */ ('sent')))),
  new Promise((resolve) => target.addEventListener('error', () => resolve(/** @type {const} */ ('refused')))),
  soon(PATIENCE_MS).then(() => /** @type {const} */ ('unclear')),
]);

/** @type {readonly Way[]} */
export const WAYS = [
  { name: 'fetch', attempt: (target) => settled(fetch(target)) },
  {
    name: 'fetch, no-cors, with a body',
    attempt: (target) => settled(fetch(target, { method: 'POST', mode: 'no-cors', body: 'a frame' })),
  },
  {
    name: 'sendBeacon',
    async attempt(target) {
      navigator.sendBeacon(target, 'a frame'); // true even where it is refused
      await soon();
      return 'unclear';
    },
  },
  {
    name: 'WebSocket',
    async attempt(target) {
      const socket = new WebSocket(target.href.replace(/^http/, 'ws'));
      const outcome = await heard(socket, 'open');
      socket.close();
      return outcome;
    },
  },
  {
    name: 'EventSource',
    async attempt(target) {
      const source = new EventSource(target);
      const outcome = await heard(source, 'open');
      source.close();
      return outcome;
    },
  },
  {
    name: 'image',
    attempt(target) {
      const image = new Image();
      const outcome = heard(image, 'load');
      image.src = target.href;
      return outcome;
    },
  },
  { name: 'import()', attempt: (target) => settled(import(target.href)) },
  { name: 'fetch in a worker', attempt: (target) => inWorker(startWorker(WORKER), target) },
  {
    name: 'fetch in a worker made from text',
    attempt: (target) => inWorker(startWorker(WORKER, { inherits: true }), target),
  },
  { name: 'WebRTC', attempt: viaWebRtc },
];

const WORKER = 'app/device/attempt-worker.js';

/** @param {Worker} worker @param {URL} target @returns {Promise<Outcome>} */
async function inWorker(worker, target) {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ target: target.href, port: port2 }, [port2]);
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  const { outcome, directive } = await Promise.race([answer, soon(PATIENCE_MS).then(() => ({ outcome: 'unclear' }))]);
  worker.terminate();
  if (directive) throw new Refusal(directive);
  return outcome;
}

/** A refusal by the policy that the page itself does not observe. */
export class Refusal extends Error {}

/**
 * Asks a STUN server for this browser's address: a packet that no content security policy stops. A browser that
 * sends waits seconds for the answer and asks again; one that may not send is done at once.
 * @param {URL} target
 * @returns {Promise<Outcome>}
 */
async function viaWebRtc({ hostname, port }) {
  if (!removed.RTCPeerConnection) return 'refused';
  const peer = new removed.RTCPeerConnection({ iceServers: [{ urls: `stun:${hostname}:${port || 3478}` }] });
  /** @type {Promise<Outcome>} */
  const outcome = new Promise((resolve) => {
    peer.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate?.type === 'srflx') resolve('sent');
    });
    peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && resolve('refused'));
    setTimeout(resolve, PATIENCE_MS, 'sent');
  });
  peer.createDataChannel('way out');
  await peer.setLocalDescription(await peer.createOffer());
  return outcome.finally(() => peer.close());
}
