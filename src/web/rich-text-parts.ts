/** Divides text of data sets and models into prose, formulas and code. */

export type TextPart =
  | { readonly kind: 'prose'; readonly text: string }
  /** `source` is the formula with its delimiters: what is shown where it can't be rendered. */
  | { readonly kind: 'formula'; readonly tex: string; readonly isDisplay: boolean; readonly source: string }
  | { readonly kind: 'code'; readonly code: string; readonly source: string };

/**
 * A fenced Python block; or a formula in `$$…$$`, `\[…\]`, `\(…\)` or `$…$`. As in pandoc a single `$` opens only before a
 * character that is no space, and closes only after one and before no digit, so that prices are prose. No formula has an
 * empty line, and none is longer than 2000 characters, so that matching takes time linear in the text.
 */
const PARTS = new RegExp(
  [
    /```(?:python|py)[ \t]*\n(?<code>[^`]*?)```/,
    /\$\$(?<dollars>(?:[^$\n]|\n(?!\n)){1,2000})\$\$/,
    /\\\[(?<brackets>(?:[^\\\n]|\\[^[\]\n]|\n(?!\n)){1,2000})\\\]/,
    /\\\((?<parentheses>(?:[^\\\n]|\\[^()\n]|\n(?!\n)){1,2000})\\\)/,
    /(?<![\\$])\$(?<dollar>(?![\s$])(?:[^$\\\n]|\\[^\n]|\n(?!\n)){0,2000}(?<!\s))\$(?![\d$])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

/** @example textParts('so $x=1$') // [{ kind: 'prose', text: 'so ' }, { kind: 'formula', tex: 'x=1', isDisplay: false, source: '$x=1$' }] */
export function textParts(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let from = 0;
  for (const match of text.matchAll(PARTS)) {
    if (match.index > from) parts.push({ kind: 'prose', text: text.slice(from, match.index) });
    from = match.index + match[0].length;
    const { code, dollars, brackets, parentheses, dollar } = match.groups ?? {};
    const [source] = match;
    if (code !== undefined) parts.push({ kind: 'code', code, source });
    else {
      const display = dollars ?? brackets;
      const tex = display ?? parentheses ?? dollar ?? '';
      parts.push({ kind: 'formula', tex, isDisplay: display !== undefined, source });
    }
  }
  if (from < text.length) parts.push({ kind: 'prose', text: text.slice(from) });
  return parts;
}
