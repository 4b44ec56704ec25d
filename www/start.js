/**
 * Runs before anything else on a page: closes the ways by which a page can send data, and starts to load engine and
 * model.
 */

import './app/device/locks.js';
import './app/control/first-load.js';
