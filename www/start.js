/**
 * Runs before anything else on a page: closes the ways by which a page can send data, and starts to load engine and
 * model. It is short, so that the worker starts before the browser lays out the page.
 */

import './app/device/locks.js';
import { startEarly } from './app/device/inheriting-worker.js';

startEarly();
import('./app/control/first-load.js').catch(() => {}); // the page's own script imports it as well, and says so
