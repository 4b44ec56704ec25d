// Links between documents become links between pages, and every link must have a target.

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { PAGES } from './pages.mjs';

/** @import { Page } from './pages.mjs' */

/** Files of the clone whose content is part of a larger page. @type {Record<string, string>} */
const SHOWN = {
  'README.md': 'index.html',
  'examples/README.md': 'examples.html',
  'docs/hosting/_headers': 'hosting.html#the-file-_headers',
  'docs/hosting/nginx.conf': 'hosting.html#the-file-nginxconf',
  'www/reslens.d.ts': 'api.html',
  'www/answers.d.ts': 'api.html',
};

/** Pictures are copied beside the pages, unchanged. */
const COPIED = /\.(?:png|svg)$/;

/** The links of all pages, and the files that must be copied beside the pages. */
export class Links {
  /** @type {{page: string, target: string}[]} */
  #found = [];
  /** The source of each file, by its name on the site. @type {Map<string, string>} */
  files = new Map();
  #root;

  /** @param {string} root the clone */
  constructor(root) {
    this.#root = root;
  }

  /**
   * Returns the function that translates the links of a page.
   * @param {Page} page
   * @returns {import('./markdown.mjs').Resolve}
   */
  of(page) {
    const folder = path.posix.dirname(page.source ?? (page.name === 'examples' ? 'examples/README.md' : 'docs/api.md'));
    return (href) => {
      if (/^[a-z]+:/.test(href)) return href;
      const [file, hash = ''] = href.split('#');
      const target = file ? this.#place(path.posix.join(folder, decodeURIComponent(file)), page) : `${page.name}.html`;
      if (target === null) return null;
      const full = hash ? `${target}#${hash}` : target;
      this.#found.push({ page: page.name, target: full });
      return full;
    };
  }

  /** Returns the address of a file of the clone on the site, or null. @param {string} file @param {Page} page */
  #place(file, page) {
    const name = PAGES.find(({ source }) => source === file)?.name;
    if (name) return `${name}.html`;
    if (file in SHOWN) return SHOWN[file];
    const [, example] = /^examples\/([\w-]+)\//.exec(file) ?? [];
    if (example) return `examples.html#${example}`;
    const full = path.join(this.#root, file);
    if (!existsSync(full)) throw new Error(`${page.source ?? page.name}: there is no ${file}`);
    if (!COPIED.test(file) || !statSync(full).isFile()) return null;
    const copy = path.posix.basename(file);
    if ((this.files.get(copy) ?? full) !== full) throw new Error(`two files want to be ${copy} beside the pages`);
    this.files.set(copy, full);
    return copy;
  }

  /**
   * Checks that each link has a target.
   * @param {Map<string, Set<string>>} places the ids on each page, by the page's file name
   * @throws {Error} that names every dead link
   */
  check(places) {
    const dead = this.#found.filter(({ target }) => {
      const [file, hash] = target.split('#');
      if (this.files.has(file)) return false;
      const ids = places.get(file);
      return !ids || (hash && !ids.has(decodeURIComponent(hash)));
    });
    if (dead.length > 0) throw new Error(dead.map(({ page, target }) => `${page}: the link to ${target} leads nowhere`).join('\n'));
  }
}
