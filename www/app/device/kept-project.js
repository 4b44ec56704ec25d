/** The visitor's classes, kept on this device by IndexedDB if they wish so. Rejections are the browser's own. */

const [DATABASE, STORE, KEY] = ['reslens', 'teachers', 'page'];

/** @param {Blob} project */
export async function keepProject(project) {
  await onStore('readwrite', (store) => store.put(project, KEY));
  // So that the browser asks before it clears it. It may refuse; then it is kept as other sites' data are.
  await navigator.storage?.persist?.();
}

/** @returns {Promise<Blob|null>} null also where storage is blocked, as in some private windows: nothing was kept there */
export function keptProject() {
  return onStore('readonly', (store) => store.get(KEY)).then((project) => project ?? null, () => null);
}

/** Deletes it, if it is there. */
export async function deleteProject() {
  await onStore('readwrite', (store) => store.delete(KEY));
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<any>}
 */
async function onStore(mode, ask) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await settled(ask(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
