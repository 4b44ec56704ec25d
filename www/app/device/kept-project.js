/** The visitor's classes, kept on this device by IndexedDB if they wish so. Rejections are the browser's own. */

const [DATABASE, STORE, KEY] = ['reslens', 'teachers', 'page'];

/** @param {Blob} project */
export async function keepProject(project) {
  await onStore('readwrite', (store) => store.put(project, KEY));
  // Asks the browser not to evict it. It may refuse; then it is kept like other sites' data.
  await navigator.storage?.persist?.();
}

/** @returns {Promise<Blob|null>} null also where storage is blocked, as in some private windows: nothing was kept there */
export function keptProject() {
  return onStore('readonly', (store) => store.get(KEY)).then((project) => project ?? null, () => null);
}

/** Deletes it, if it exists. */
export async function deleteProject() {
  await onStore('readwrite', (store) => store.delete(KEY));
}

/**
 * Resolves once the transaction is complete: a browser reports full storage only then, after the request has succeeded.
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} ask
 * @returns {Promise<any>}
 */
async function onStore(mode, ask) {
  const database = await opened();
  try {
    const transaction = database.transaction(STORE, mode);
    const complete = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const request = ask(transaction.objectStore(STORE));
    await complete;
    return request.result;
  } finally {
    database.close();
  }
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}
