// Draws the icons of www/icons/ as PNG from their SVG. Run by hand after a change to these: browsers install an
// application only with PNG icons.
//
// Usage: CHROMIUM=/usr/bin/chromium node xtask/src/bundle/icons.mjs

import { readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const FOLDER = new URL('../../../www/icons/', import.meta.url);
const ICONS = /** @type {const} */ ([['icon', 192], ['icon', 512], ['maskable', 512]]);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const [name, size] of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const svg = await readFile(new URL(`${name}.svg`, FOLDER), 'utf8');
  await page.setContent(`<style>body { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px }</style>${svg}`);
  await writeFile(new URL(`${name}-${size}.png`, FOLDER), await page.screenshot({ omitBackground: true }));
  await page.close();
}
await browser.close();
