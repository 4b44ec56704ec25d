// The documents: their code blocks are compiled against the library's types, and the messages that they quote are the
// library's.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { documents } from '../../docs/site/tables.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const DOCUMENTS = [
  'README.md',
  ...readdirSync(path.join(ROOT, 'docs')).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`),
  ...['reslens', 'reslens-webcam50'].map((name) => `packages/${name}/README.md`),
];

/** Declarations that a fragment may rely on, as if an earlier block had loaded them. */
const BEFORE = `
declare module 'https://*';
declare const classifier: import('reslens').Classifier;
declare const picture: Blob;
declare const mugs: Blob[], spoons: Blob[];
`;

/** The code blocks of a document that are in a language. */
function blocks(document, language) {
  const text = readFileSync(path.join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, is]) => is === language).map(([, , code]) => code);
}

/** The type checker's complaints about the blocks of a language. `strict`: whether null checks count. */
function complaints(language, strict) {
  const folder = mkdtempSync(path.join(tmpdir(), 'reslens-docs-'));
  try {
    const found = DOCUMENTS.flatMap((document) => blocks(document, language).map((code, index) => ({ document, index, code })));
    for (const { document, index, code } of found) {
      // An import from a build of the clone becomes one from the package. Each block is its own module.
      const text = `${code.replaceAll("'./dist/reslens.js'", "'reslens'").replaceAll("'./dist/teach.js'", "'reslens/teach'").replaceAll("'./dist/lab.js'", "'reslens/lab'")}\nexport {};\n`;
      writeFileSync(path.join(folder, `${document.replaceAll(/[/.]/g, '-')}-${index}.${language}`), text);
    }
    writeFileSync(path.join(folder, 'before.d.ts'), BEFORE);
    const types = path.join(ROOT, 'www/reslens.d.ts');
    const compilerOptions = {
      strict, noEmit: true, allowJs: true, checkJs: true, target: 'es2023', module: 'esnext', moduleResolution: 'bundler',
      lib: ['es2023', 'dom', 'dom.iterable'], types: [],
      paths: {
        'reslens': [types], 'reslens/inline': [types], 'reslens/lab': [path.join(ROOT, 'www/lab.d.ts')],
        'reslens/teach': [path.join(ROOT, 'www/teach.d.ts')],
        'reslens-webcam50': [path.join(ROOT, 'packages/reslens-webcam50/index.d.ts')],
      },
    };
    writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*'] }));
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '--project', folder], { encoding: 'utf8' });
    return { count: found.length, stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [language, strict] of /** @type {[string, boolean][]} */ ([['js', false], ['ts', true]])) {
  test(`every ${language} block in the documents compiles`, () => {
    const { count, stdout } = complaints(language, strict);
    assert.equal(stdout, '');
    assert.ok(count > 1, `${count} blocks found`);
  });
}

test('every fenced block is in a language that is compiled', () => {
  for (const document of DOCUMENTS) {
    const languages = [...readFileSync(path.join(ROOT, document), 'utf8').matchAll(/^```(.+)$/gm)].map(([, is]) => is);
    assert.deepEqual(languages.filter((is) => !['js', 'ts', 'python'].includes(is)), [], document);
  }
});

test('every python block in the documents compiles', (context) => {
  const code = DOCUMENTS.flatMap((document) => blocks(document, 'python'));
  assert.ok(code.length > 0);
  const check = 'import json, sys\nfor code in json.load(sys.stdin): compile(code, "document", "exec")';
  const { error, status, stderr } = spawnSync('python3', ['-c', check], { input: JSON.stringify(code), encoding: 'utf8' });
  if (error) return context.skip('there is no python3');
  assert.equal(status, 0, stderr);
});

/** The text of all sources in a folder. @param {string} folder @returns {string} */
const textOf = (folder) => readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(?:js|rs)$/.test(file))
  .map((file) => readFileSync(path.join(ROOT, folder, file), 'utf8')).join('\n');

test('every message that errors.md quotes is in the code, under a name that the library has', () => {
  const text = readFileSync(path.join(ROOT, 'docs/errors.md'), 'utf8');
  const code = textOf('www/lib') + textOf('src');
  const [, ...sections] = text.split(/^## /m);
  const told = sections.map((section) => section.slice(0, section.indexOf('\n'))).sort();
  const types = readFileSync(path.join(ROOT, 'www/reslens.d.ts'), 'utf8');
  const [, union] = /^export type ErrorName =\n(.*?);/ms.exec(types) ?? [];
  assert.deepEqual(told, [...(union ?? '').matchAll(/'(\w+)'/g)].map(([, name]) => name).sort());
  const rows = [...text.matchAll(/^\| (.*?) \|/gm)].map(([, message]) => message);
  const quoted = rows.flatMap((message) => [...message.matchAll(/`([^`]+)`/g)].map(([, fragment]) => fragment));
  assert.ok(quoted.length > 20, `${quoted}`);
  assert.deepEqual(quoted.filter((fragment) => !code.includes(fragment)), []);
});

test('the tables of measured times are those of the reports', () => {
  for (const { path: document, text, expected } of documents()) assert.equal(text, expected, `${document}: node docs/site/tables.mjs`);
});
