/**
 * The camera that the visitor chose last, remembered by its label: a device's id may change, and differs
 * for each site.
 */

const KEY = 'reslens camera';

/** @returns {string|null} */
export function chosenCamera() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is blocked: nothing is remembered
  }
}

/** @param {string} label */
export function rememberCamera(label) {
  try {
    localStorage.setItem(KEY, label);
  } catch {
    // Storage is blocked or full.
  }
}

/**
 * Returns the id of the device with a label, if present. Labels are empty until a camera was allowed.
 * @param {readonly MediaDeviceInfo[]} devices
 * @param {string|null} label
 * @returns {string|undefined} its id
 */
export function idOfLabel(devices, label) {
  const found = label && devices.find((device) => device.kind === 'videoinput' && device.label === label);
  return found ? found.deviceId : undefined;
}
