// The message for a crashed engine: during a call it promises another engine, while loading it does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { crash, LOAD } from '../../www/lib/thread/panic.js';

const trap = new WebAssembly.RuntimeError('index out of bounds');
const noMemory = new WebAssembly.RuntimeError('unreachable');

const said = (/** @type {Error} */ { name, message }) => `${name}: ${message}`;

test('during a call', () => {
  assert.match(said(crash(trap)), /^BackendUnavailable: the engine crashed \(index .*\); the next call starts a new/);
  assert.match(said(crash(noMemory)), /^OutOfMemory: not enough memory for this call: .* picture$/);
});

test('while the engine loads', () => {
  assert.match(said(crash(trap, LOAD)), /^BackendUnavailable: the engine did not load \(index out of bounds\)$/);
  assert.match(said(crash(noMemory, LOAD)), /^OutOfMemory: not enough memory for this model: .* smaller model$/);
});
