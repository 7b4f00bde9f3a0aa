/** Displays of several rows: what they end with. */

const ENVIRONMENT =
  /^(?:\\\[|\$\$|\s)*\\begin\{(equation|align|alignat|flalign|gather|multline|eqnarray|aligned|alignedat|gathered|split|array|displaymath|math)\*?\}/;
const MARKS =
  /\\(?:begin|end)\{(?:equation|align|alignat|flalign|gather|multline|eqnarray|aligned|alignedat|gathered|split|displaymath|math|array)\*?\}(?:\[[tbc]\])?(?:\{[\d|rcl@!{}\s:.]{0,40}\})?|\\(?:hline|nonumber|notag|intertext\{[^{}]*\}|label\{[^{}]*\}|tag\*?\{[^{}]*\})/g;
const NAME = /^\s*(\\?[A-Za-z](?:_\{?\w{1,3}\}?|\([a-z]\))?)\s*=/;

/**
 * The result of a display: its last row, or all rows where each gives a value to another name. Anything else as it is.
 *
 * @example lastRow('\\begin{align*}x &= 6\\cdot 7\\\\ &= 42\\end{align*}') // '= 42'
 */
export function lastRow(content: string): string {
  if (!ENVIRONMENT.test(content)) return content;
  if (/\\begin\{(?:[pbvBV]?matrix|cases)/.test(content)) return content;
  const rows = content
    .replace(MARKS, ' ')
    .split(/\\\\(?:\[[^\]]{0,10}\])?|\\cr\b/)
    .map((row) => row.replace(/&/g, ' ').replace(/\s+/g, ' ').trim())
    .filter((row) => row !== '');
  // Columns without an equals sign are a matrix or a table.
  if (/\\begin\{array\}/.test(content) && content.includes('&') && !content.includes('=')) return content;
  const names = rows.map((row) => NAME.exec(row)?.[1]);
  const isSystem = rows.length > 1 && names.every((name) => name !== undefined) && new Set(names).size === rows.length;
  return (isSystem ? rows.map((row) => row.replace(/[.,;]$/, '')).join(', ') : rows.at(-1)) ?? content;
}
