/** Elements of a drawing. */

/**
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string|number>} attributes
 * @param {string} [content]
 * @returns {SVGElementTagNameMap[Name]}
 */
export function shape(name, attributes, content) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (content) made.textContent = content;
  return made;
}

/**
 * Makes a mark that can be pointed at and focused, with a description. Of each series the first one is reached with
 * Tab and the others with arrow keys (`chart-figure.js`).
 * @param {'circle'|'rect'} name
 * @param {Record<string, string|number>} attributes
 * @param {string} words
 * @param {boolean} first of its series
 */
export function datum(name, attributes, words, first) {
  const made = shape(name, { ...attributes, class: `datum ${attributes.class ?? ''}`, tabindex: first ? 0 : -1, role: 'img', 'aria-label': words });
  made.append(shape('title', {}, words));
  return made;
}
