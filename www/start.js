/** Runs before anything else of a page: closes what a page can send by, and begins to load engine and model. */

import './app/device/locks.js';
import './app/control/first-load.js';
