// The page of the examples: examples/README.md, and each example's files.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** highlight.js's name for each kind of file. @type {Record<string, string>} */
const LANGUAGES = { '.html': 'html', '.js': 'js', '.ts': 'ts', '.tsx': 'tsx' };

/**
 * Returns the page as Markdown.
 * @param {string} folder examples/
 */
export async function examples(folder) {
  const readme = await readFile(path.join(folder, 'README.md'), 'utf8');
  // In the order of the README's table.
  const names = [...readme.matchAll(/^\| \[([\w-]+)\]/gm)].map(([, name]) => name);
  const sections = await Promise.all(names.map((name) => section(path.join(folder, name))));
  return [readme, ...sections].join('\n');
}

/** A heading and the files of one example. @param {string} folder */
async function section(folder) {
  const files = (await readdir(folder)).filter((file) => path.extname(file) in LANGUAGES);
  // The page first, then what it loads.
  files.sort((a, b) => Number(b.endsWith('.html')) - Number(a.endsWith('.html')) || a.localeCompare(b));
  const blocks = files.map(async (file) => {
    const code = await readFile(path.join(folder, file), 'utf8');
    return `\`${file}\`:\n\n\`\`\`${LANGUAGES[path.extname(file)]}\n${code.trimEnd()}\n\`\`\`\n`;
  });
  return [`## ${path.basename(folder)}\n`, ...(await Promise.all(blocks))].join('\n');
}
