/**
 * A page of docs/ with a generated part between `<!-- NAME: … -->` and `<!-- end of NAME -->`.
 *
 * @param {string} page - Markdown with both marks.
 * @param {string} name - e.g. `alarms`
 * @param {string} part - Markdown to put between them.
 * @returns {string} the page with the part
 */
export function withPart(page, name, part) {
  const marks = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[\\s\\S]*(\\n<!-- end of ${name} -->)`);
  if (!marks.test(page)) throw new Error(`the page has no part "${name}"`);
  return page.replace(marks, (_, begin, end) => `${begin}\n${part}\n${end}`);
}
