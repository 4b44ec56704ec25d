// The rooms of the library: each file runs on one kind of thread, and may use only the names that this thread has.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LIBRARY = path.join(ROOT, 'www/lib');

/**
 * A name that a room's code may use, one that it may not, and the other rooms that it may import.
 * @type {Record<string, {allowed: string, refused: string, imports: string[]}>}
 */
const ROOMS = {
  page: { allowed: 'document.title', refused: 'importScripts', imports: ['shared'] },
  lab: { allowed: 'document.title', refused: 'importScripts', imports: ['page', 'shared'] },
  teach: { allowed: 'document.title', refused: 'importScripts', imports: ['shared'] },
  worker: { allowed: 'new OffscreenCanvas(1, 1)', refused: 'document.title', imports: ['thread', 'shared'] },
  thread: { allowed: 'WebAssembly.Memory', refused: 'document.title', imports: ['shared'] },
  shared: { allowed: 'Math.PI', refused: 'self', imports: [] },
};

/** The type checker's complaints about `code` in a room. */
function complaints(room, code) {
  const folder = mkdtempSync(path.join(tmpdir(), 'reslens-room-'));
  try {
    const settings = { extends: path.join(LIBRARY, room, 'tsconfig.json'), include: ['code.js'] };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(settings));
    writeFileSync(path.join(folder, 'code.js'), `export const value = ${code};\n`);
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '--project', folder], { encoding: 'utf8' });
    assert.equal(status === 0, stdout === '', stdout);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('these are all the rooms of the library', () => {
  assert.deepEqual(readdirSync(LIBRARY).sort(), Object.keys(ROOMS).sort());
});

for (const [room, { allowed, refused, imports }] of Object.entries(ROOMS)) {
  test(`${room}: may use ${allowed}, but not ${refused}`, () => {
    assert.equal(complaints(room, allowed), '');
    const [name] = refused.split('.');
    assert.match(complaints(room, refused), new RegExp(`error TS\\d+: Cannot find name '${name}'`));
  });

  test(`${room}: imports ${imports.join(', ') || 'no other room'}`, () => {
    const folder = path.join(LIBRARY, room);
    const files = readdirSync(folder).filter((file) => file.endsWith('.js'));
    assert.ok(files.length > 0);
    for (const file of files) {
      const code = readFileSync(path.join(folder, file), 'utf8');
      for (const [, other] of code.matchAll(/'\.\.\/(\w+)\/[^']*\.js'/g)) {
        assert.ok(imports.includes(other), `${room}/${file} imports from ${other}`);
      }
    }
  });
}
