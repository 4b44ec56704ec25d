// The frame around a page: its head, the menu of all pages, and links to the neighbouring pages.

import { GROUPS, PAGES } from './pages.mjs';

/** @import { Page } from './pages.mjs' */
/** @import { Rendered } from './markdown.mjs' */

/** No script runs on these pages, and they load nothing from elsewhere; audits fetch robots.txt from within a page. */
const POLICY = "default-src 'none'; connect-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/** The least number of headings for which a page gets a list of them. */
const LISTED = 6;

/** @param {string} text */
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/**
 * Returns a whole page.
 * @param {Page} page
 * @param {Rendered} rendered
 */
export function layout(page, { html, headings }) {
  const [title, ...rest] = html.split(/(?<=<\/h1>\n)/);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="${escape(page.summary)}">
<meta name="color-scheme" content="light dark">
<title>${escape(page.title)} · reslens</title>
<link rel="icon" href="../favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="docs.css">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="home" href="../">reslens</a>
<a href="index.html">Docs</a>
<a class="to-menu" href="#menu">Menu</a>
</header>
<main id="content" tabindex="-1">
${title}${contents(headings)}${rest.join('')}
${neighbours(page)}
</main>
<nav id="menu" aria-label="All pages" tabindex="-1">
${GROUPS.map(([group, pages]) => menu(group, pages, page)).join('\n')}
</nav>
</body>
</html>
`;
}

/** A group of the menu. @param {string} group @param {Page[]} pages @param {Page} current */
function menu(group, pages, current) {
  const item = (/** @type {Page} */ page) => {
    const marked = page === current ? ' aria-current="page"' : '';
    return `<li><a href="${page.name}.html"${marked}>${escape(page.title)}</a></li>`;
  };
  return `<h2>${group}</h2>\n<ul>${pages.map(item).join('')}</ul>`;
}

/** The sections of a long page. @param {Rendered['headings']} headings */
function contents(headings) {
  const sections = headings.filter(({ level }) => level === 2);
  if (sections.length < LISTED) return '';
  const items = sections.map(({ id, text }) => `<li><a href="#${id}">${escape(text)}</a></li>`);
  return `<details class="contents" open><summary>On this page</summary><ul>${items.join('')}</ul></details>\n`;
}

/** Links to the page before and the page after. @param {Page} page */
function neighbours(page) {
  const at = PAGES.indexOf(page);
  const link = (/** @type {Page | undefined} */ to, /** @type {string} */ rel, /** @type {string} */ label) =>
    to ? `<a rel="${rel}" href="${to.name}.html">${label}: ${escape(to.title)}</a>` : '<span></span>';
  return `<nav class="neighbours" aria-label="Next pages">${link(PAGES[at - 1], 'prev', 'Previous')}${link(PAGES[at + 1], 'next', 'Next')}</nav>`;
}
