// The errors of the library: `Error`s distinguished by `name`, sent as plain records between page and worker.

/** @import { ErrorName } from '../../reslens.js' */

/** @satisfies {Record<ErrorName, true>} */
const NAMES = {
  AbortError: true,
  BackendUnavailable: true,
  DeviceLost: true,
  ModelInvalid: true,
  InputInvalid: true,
  OutOfMemory: true,
  Disposed: true,
  ParityFailed: true,
};

/**
 * An error in a message. Structured cloning would lose the name.
 * @typedef {{name: ErrorName, message: string}} ErrorRecord
 */

/**
 * Makes an error with one of the library's names.
 * @param {ErrorName} name
 * @param {string} message what was expected, what was found, what to do
 * @param {unknown} [cause] what a browser's interface threw
 * @returns {Error}
 */
export function failure(name, message, cause) {
  const error = cause === undefined ? new Error(message) : new Error(message, { cause });
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  return error;
}

/**
 * Returns an error as a record for a message; one without a library name keeps its message.
 * @param {unknown} error
 * @returns {ErrorRecord}
 */
export const record = (error) => ({
  name: isFailure(error) ? error.name : 'BackendUnavailable',
  message: messageOf(error),
});

/**
 * Returns the rejection for an aborted signal.
 * @param {AbortSignal} signal
 */
export const aborted = (signal) => failure('AbortError', 'aborted by its signal', signal.reason);

/**
 * Returns whether an exception is one of the library's own errors.
 * @param {unknown} error
 * @returns {error is Error & {name: ErrorName}}
 */
export const isFailure = (error) => error instanceof Error && Object.hasOwn(NAMES, error.name);

/**
 * Returns the message of an exception, whatever was thrown.
 * @param {unknown} error
 */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/**
 * Returns a value as text for a message: short, and without ever throwing.
 * @param {unknown} value
 * @returns {string}
 */
export function show(value) {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) return kindOf(value);
  return String(value);
}

/**
 * Returns the kind of an object, such as `HTMLImageElement`. Unlike `instanceof` this also works for objects of other
 * frames, and needs no class that a worker or Node lacks.
 * @param {unknown} value
 */
export const kindOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
