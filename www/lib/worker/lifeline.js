// A lock that this worker holds as long as it lives. A browser may end a worker that runs out of memory without telling
// the page, which gets the lock then.

/**
 * Takes the lock.
 * @returns {Promise<string | null>} its name; null where the browser has no locks for this page
 */
export function holdLock() {
  const { locks } = navigator;
  if (!locks) return Promise.resolve(null);
  const name = `reslens-${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const hold = () => {
      resolve(name);
      return new Promise(() => {});
    };
    locks.request(name, hold).catch(() => resolve(null));
  });
}
