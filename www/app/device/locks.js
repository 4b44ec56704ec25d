/**
 * Removes what a page can send by and content security policies know nothing of; this page has no use for it. It is a
 * lock on the door. The wall is the header Connection-Allowlist, in browsers that know it. What was removed is kept
 * here for those who try the wall (`attempts.js`).
 */

const { RTCPeerConnection, open } = globalThis;
export const removed = { RTCPeerConnection, open };

for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'open']) Reflect.deleteProperty(globalThis, name);
