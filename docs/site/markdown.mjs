// From a document to HTML that needs neither scripts nor inline styles.

import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import css from 'highlight.js/lib/languages/css';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import nginx from 'highlight.js/lib/languages/nginx';
import rust from 'highlight.js/lib/languages/rust';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import MarkdownIt from 'markdown-it';
import anchor from 'markdown-it-anchor';

for (const [name, language] of Object.entries({ bash, css, javascript, json, nginx, rust, typescript, xml })) {
  hljs.registerLanguage(name, language);
}

/**
 * @typedef {object} Rendered
 * @property {string} html
 * @property {{level: number, id: string, text: string}[]} headings
 */

/**
 * Translates a link of a document to one on the site; null for a file without a page: its text stays, without a link.
 * @typedef {(href: string) => string | null} Resolve
 */

/** Returns a heading's id as GitHub makes it, so that a link works both there and here. @param {string} text */
export const slug = (text) => text.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replace(/\s/g, '-');

/** The head of a table that has no words in it. */
const NO_HEADERS = /<thead>\s*<tr>\s*(?:<td[^>]*><\/td>\s*)+<\/tr>\s*<\/thead>\n/g;

/**
 * Renders a document.
 * @param {string} text in Markdown
 * @param {Resolve} resolve
 * @returns {Rendered}
 */
export function render(text, resolve) {
  /** @type {Rendered['headings']} */
  const headings = [];
  // TypeDoc marks the properties in its tables by `<a id>`; documents are the repository's own.
  const markdown = new MarkdownIt({ html: true, highlight });
  markdown.use(anchor, {
    slugify: slug,
    // GitHub numbers repeated headings from 1.
    uniqueSlugStartIndex: 1,
    tabIndex: false,
    callback: ({ tag }, { slug: id, title }) => headings.push({ level: Number(tag.slice(1)), id, text: title }),
  });
  markdown.core.ruler.push('site', ({ tokens }) => {
    for (const [at, token] of tokens.entries()) {
      if (token.children) rewrite(token.children, resolve);
      // The pages' policy refuses inline styles of cells.
      const side = /^text-align:(\w+)$/.exec(String(token.attrGet('style')))?.[1];
      if (side) token.attrs = [['class', side]];
      // Screen readers announce headers, so an empty one becomes a plain cell.
      if (token.type === 'th_open' && !tokens[at + 1].content) token.tag = tokens[at + 2].tag = 'td';
    }
  });
  // Elements that may be wider than a phone scroll by themselves, also by keyboard.
  markdown.renderer.rules.table_open = () => '<div class="scroll" tabindex="0"><table>\n';
  markdown.renderer.rules.table_close = () => '</table></div>\n';
  const block = markdown.renderer.rules.code_block;
  markdown.renderer.rules.code_block = (...args) => block?.(...args).replace('<pre>', '<pre tabindex="0">') ?? '';
  return { html: markdown.render(text).replaceAll(NO_HEADERS, ''), headings };
}

/**
 * Translates the targets of links and pictures.
 * @param {import('markdown-it').Token[]} tokens of a line
 * @param {Resolve} resolve
 */
function rewrite(tokens, resolve) {
  /** @type {boolean[]} */
  const dropped = [];
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const target = resolve(String(token.attrGet('href')));
      dropped.push(target === null);
      if (target === null) token.hidden = true;
      else token.attrSet('href', target);
    } else if (token.type === 'link_close') {
      token.hidden = dropped.pop() ?? false;
    } else if (token.type === 'image') {
      token.attrSet('src', resolve(String(token.attrGet('src'))) ?? '');
      token.attrSet('loading', 'lazy');
    }
    if (token.hidden) token.type = 'html_inline';
  }
}

/** Renders a fenced block, with classes for its colours. @param {string} code @param {string} language */
function highlight(code, language) {
  const html = hljs.getLanguage(language)
    ? hljs.highlight(code, { language }).value
    : code.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<pre tabindex="0"><code>${html}</code></pre>`;
}
