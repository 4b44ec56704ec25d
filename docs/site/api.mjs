// The reference of the library: TypeDoc reads the shipped types and writes them as Markdown.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Application } from 'typedoc';

/** Parts of TypeDoc's output that a page about one module does not need: titles of groups, and rules between them. */
const NOISE = /^(?:#+ (?:Properties|Methods)|\*\*\*)\n\n/gm;

/** The headings below those titles, which move up one level. */
const BELOW = /^#(?=#{3,4} )/gm;

/**
 * Returns the reference as Markdown.
 * @param {string} entry the path of a `.d.ts`
 * @returns {Promise<string>}
 * @throws {Error} if a type or a link in a comment has no target
 */
export async function reference(entry) {
  const folder = await mkdtemp(path.join(tmpdir(), 'reslens-api-'));
  try {
    const intentionallyNotExported = await imported(entry);
    const app = await Application.bootstrapWithPlugins({ ...OPTIONS, entryPoints: [entry], intentionallyNotExported, outputs: [{ name: 'markdown', path: folder }] }, []);
    const project = await app.convert();
    if (!project) throw new Error(`${entry}: TypeDoc cannot read it`);
    app.validate(project);
    await app.generateOutputs(project);
    if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error(`${entry}: TypeDoc complains, see above`);
    const text = await readFile(path.join(folder, 'README.md'), 'utf8');
    return text.replaceAll(NOISE, '').replaceAll(BELOW, '').replaceAll('| - |', '| |');
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The types that an entry re-exports from the main one, whose page describes them. @param {string} entry */
async function imported(entry) {
  const types = await readFile(entry, 'utf8');
  return [...types.matchAll(/^import type \{([^}]*)\} from '\.\/reslens\.js'/gm)].flatMap(([, names]) => names.split(',').map((name) => name.trim()));
}

/** @type {import('typedoc').Configuration.TypeDocOptions & import('typedoc-plugin-markdown').PluginOptions} */
const OPTIONS = {
  plugin: ['typedoc-plugin-markdown'],
  name: 'API',
  readme: 'none',
  logLevel: 'Warn',
  // `tsc` has checked these files.
  skipErrorChecking: true,
  compilerOptions: { target: 'es2023', lib: ['es2023', 'dom'], types: [], module: 'esnext', moduleResolution: 'bundler' },
  disableSources: true,
  excludePrivate: true,
  sort: ['source-order'],
  hideBreadcrumbs: true,
  hidePageHeader: true,
  hideGroupHeadings: true,
  outputFileStrategy: 'modules',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  parametersFormat: 'table',
  tableColumnSettings: { hideInherited: true, hideModifiers: true },
  expandObjects: true,
  useCodeBlocks: true,
};
