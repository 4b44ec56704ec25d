// Writes the site of the documents into a folder.
//
// Usage: node build.mjs FOLDER

import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { reference } from './api.mjs';
import { examples } from './examples.mjs';
import { layout } from './layout.mjs';
import { Links } from './links.mjs';
import { render } from './markdown.mjs';
import { PAGES } from './pages.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A page's text in Markdown. @param {import('./pages.mjs').Page} page */
async function text({ name, source, types }) {
  if (types) return reference(path.join(ROOT, types));
  if (!source) return examples(path.join(ROOT, 'examples'));
  const document = await readFile(path.join(ROOT, source), 'utf8');
  if (name !== 'hosting') return document;
  const recipes = await Promise.all([recipe('_headers', ''), recipe('nginx.conf', 'nginx')]);
  return [document, ...recipes].join('\n');
}

/** A file of docs/hosting/, to be copied from the page. @param {string} file @param {string} language */
async function recipe(file, language) {
  const content = await readFile(path.join(ROOT, 'docs/hosting', file), 'utf8');
  return `## The file \`${file}\`\n\n\`\`\`${language}\n${content.trimEnd()}\n\`\`\`\n`;
}

/** @param {string} folder */
async function build(folder) {
  await mkdir(folder, { recursive: true });
  const links = new Links(ROOT);
  /** @type {Map<string, Set<string>>} */
  const places = new Map();
  for (const page of PAGES) {
    const html = layout(page, render(await text(page), links.of(page)));
    places.set(`${page.name}.html`, new Set([...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)));
    await writeFile(path.join(folder, `${page.name}.html`), html);
  }
  links.check(places);
  for (const [name, from] of links.files) await copyFile(from, path.join(folder, name));
  await copyFile(new URL('docs.css', import.meta.url), path.join(folder, 'docs.css'));
}

await build(path.resolve(process.argv[2]));
