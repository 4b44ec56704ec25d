// Bars stand out from their background: accessibility tools check the contrast of text only.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const css = await readFile(new URL('../../www/style.css', import.meta.url), 'utf8');

/** The background of the rule with just this selector: the name of a token. @param {string} selector */
function background(selector) {
  const line = css.split('\n').find((text) => text.startsWith(`${selector} {`)) ?? '';
  return /background: var\((--[\w-]+)\)/.exec(line)?.[1] ?? assert.fail(selector);
}

/** The values of a token, light and dark. @param {string} token */
const values = (token) => [...css.matchAll(new RegExp(`${token}: (#[\\da-f]{6});`, 'g'))].map(([, value]) => value);

/** Relative luminance by WCAG 2. @param {string} colour */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

for (const bar of ['.bar', '.unsure .bar']) {
  test(`${bar} on its track: at least 3 to 1, light and dark`, () => {
    const behind = values(background('.track'));
    const contrasts = values(background(bar)).map((colour, scheme) => {
      const [dark, bright] = [luminance(colour), luminance(behind[scheme])].sort((a, b) => a - b);
      return (bright + 0.05) / (dark + 0.05);
    });
    assert.equal(contrasts.length, 2);
    for (const contrast of contrasts) assert.ok(contrast >= 3, `${contrasts}`);
  });
}
