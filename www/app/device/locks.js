/**
 * Removes interfaces that can send data past content security policies; this page does not use them. This is a
 * hindrance, not a guarantee. The guarantee is the header Connection-Allowlist, in browsers that support it. The removed
 * functions are kept here for the attempts to get out (`attempts.js`).
 */

const { RTCPeerConnection, open } = globalThis;
export const removed = { RTCPeerConnection, open };

for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'open']) Reflect.deleteProperty(globalThis, name);
