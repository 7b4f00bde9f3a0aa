import { lastRow } from './displays.ts';

/** Mathematics set off from the text around it. */

/** Number of characters from the end that are searched. */
const WINDOW = 20_000;
const SPAN =
  /\$\$([^$]{1,2000}?)\$\$|\$((?:\\\$|[^$\n]){1,2000}?)\$|\\\[([\s\S]{1,2000}?)\\\]|\\\(([\s\S]{1,2000}?)\\\)|(\\begin\{(equation|align|alignat|flalign|gather|multline|eqnarray|aligned|gathered|split|array|displaymath|math)\*?\}[\s\S]{1,2000}?\\end\{\6\*?\})/g;

export interface Span {
  readonly content: string;
  readonly start: number;
  readonly end: number;
}

/** `$…$`, `$$…$$`, `\(…\)` and `\[…\]` in order. */
export function mathSpans(text: string): Span[] {
  const offset = Math.max(0, text.length - WINDOW);
  const tail = offset === 0 ? text : text.slice(offset);
  const spans: Span[] = [];
  for (const match of tail.matchAll(SPAN)) {
    const content = (match[1] ?? match[2] ?? match[3] ?? match[4] ?? match[5] ?? '').trim();
    // `$5 and $7`, `$100/50 = $2`: currency, not mathematics.
    if (
      content === '' ||
      (match[2] !== undefined && /^\d[^=\\]*=$/.test(content)) ||
      (match[2] !== undefined && /^\d[\d,.]*\s+[a-z]{2,}/i.test(content) && !content.includes('\\'))
    )
      continue;
    spans.push({ content, start: offset + match.index, end: offset + match.index + match[0].length });
  }
  return spans;
}

/** The last spans, joined when only `,`, `and` or `or` stand between; with a percent sign after them. */
export function lastSpans(text: string, spans: readonly Span[] = mathSpans(text)): string | undefined {
  const last = spans.at(-1);
  if (last === undefined) return undefined;
  const parts = [lastRow(last.content)];
  for (let k = spans.length - 2; k >= 0; k--) {
    const [span, next] = [spans[k], spans[k + 1]];
    if (!span || !next || !/^\s*(?:,|;|and|or|, and|, or|et|ou|和|或|、)\s*$/.test(text.slice(span.end, next.start)))
      break;
    parts.unshift(span.content);
  }
  if (parts.length > 1) return parts.join(', ');
  return /^\s*(?:\\?%|pct\b|percent\b)/.test(text.slice(last.end, last.end + 12))
    ? `${last.content}\\%`
    : lastRow(last.content);
}

/** The lookahead keeps it from matching nothing at every place. */
const NUMBER =
  /(?<![\w.])(?=[-+−]?(?:[$€£¥]\s?)?(?:[.,]?\d|\/\d))[-+−]?(?:[$€£¥]\s?)?(?:\d{1,3}(?:[, ]\d{3})+(?![\d])|\d+)?(?:[.,]?\d+)*(?:\/\d+)?(?:\s?%)?/g;

/** The last numeral of a text, with sign, separators, fraction and percent sign. */
export function lastNumber(text: string): string | undefined {
  let found: string | undefined;
  for (const match of text.slice(-4000).matchAll(NUMBER)) {
    if (/\d/.test(match[0])) found = match[0].trim();
  }
  return found?.replace(/[.,]$/, '');
}

/** `**858**`: the last emphasised piece, if it stands in the last line or sentence. */
export function lastEmphasis(text: string): string | undefined {
  let found: string | undefined;
  for (const match of text.slice(-WINDOW).matchAll(/\*\*([^*\n]{1,200})\*\*/g)) found = match[1]?.trim();
  const rest = found === undefined ? '' : text.slice(text.lastIndexOf('**') + 2);
  return rest.length > 120 || /\n\s*\S/.test(rest) ? undefined : found;
}
