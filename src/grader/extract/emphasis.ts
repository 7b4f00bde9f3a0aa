/** Markdown and HTML that sets text off and says nothing. */

const TAGS =
  /<\/?(?:b|strong|i|em|u|mark|small|big|tt|code|span|font|center|div|p|h[1-6]|kbd|q|ins)(?:\s[^<>]{0,120})?>/gi;
const BREAK = /<br\s*\/?>/gi;
const STRUCK = /~~[^~\n]{1,300}~~|<(del|s|strike)>[^<>]{0,300}<\/\1>/gi;
const PICTURES =
  /(?:\p{Extended_Pictographic}|[\u{1f1e6}-\u{1f1ff}\u2713\u2714\u2611\u25a0\u25a1\u220e]|\ufe0f|\u200d)/gu;
/** Marks of what is wrong. */
const CROSSES = /[✗✘❌❎]/u;
const CROSSED = new RegExp(CROSSES.source, 'gu');
const HAS_PICTURES = /[\u{1f000}-\u{1faff}\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\u220e]/u;
/** Headings, quotes and bullets; `> 24` and `- 24` may be a bound and a sign. */
const HEADING =
  /^[ \t]{0,3}#{1,6}[ \t]+|^[ \t]{0,3}>[ \t](?=\p{L}{2}|[*_`])|^[ \t]*[-*+•][ \t]+(?=\*\*|__|`|\$|\\[([])/gmu;
const RULE = /^[ \t]*(?:[-*_=][ \t]*){3,}$/gm;
const MARK = /\*{1,3}|_{1,3}|`+/g;

/** Searches for one character first: they are far faster than an expression. */
function mayHaveHeading(text: string): boolean {
  if (text.includes('#') || text.includes('>') || text.includes('•')) return true;
  return BULLET_FIRST.test(text) || (text.includes('\n') && BULLET.test(text));
}

const BULLET_FIRST = /^[ \t]*[-*+][ \t]/;
const BULLET = /[\n\r\u2028\u2029][ \t]*[-*+][ \t]/;

const isOutside = (c: string | undefined): boolean => c === undefined || !/[A-Za-z0-9)\]{}\\^_]/.test(c);

/**
 * A text without emphasis, headings, quotes, rules, emoji and struck-out parts. Stars of products and powers (`2*3`, `x**2`, `x^*`) and
 * underscores of indices stay. Linear.
 *
 * @example withoutEmphasis('✅ **Answer: (2, 3)**') // ' Answer: (2, 3)'
 */
export function withoutEmphasis(text: string): string {
  let plain = CROSSES.test(text) ? text.replace(CROSSED, ' wrong ') : text;
  if (plain.includes('<')) plain = plain.replace(STRUCK, ' ').replace(BREAK, '\n').replace(TAGS, '');
  else if (plain.includes('~~')) plain = plain.replace(STRUCK, ' ');
  if (HAS_PICTURES.test(plain)) plain = plain.replace(PICTURES, ' ');
  if (mayHaveHeading(plain)) plain = plain.replace(HEADING, '');
  if (!plain.includes('*') && !plain.includes('_') && !plain.includes('`')) return plain;
  return withoutMarks(plain.replace(RULE, ''));
}

function withoutMarks(text: string): string {
  const removed: { readonly at: number; readonly length: number }[] = [];
  /** Marks opened in this paragraph and not closed yet. */
  let open: { readonly mark: string; readonly at: number }[] = [];
  let paragraphEnd = -1;
  for (const match of text.matchAll(MARK)) {
    const [mark] = match;
    const at = match.index;
    if (at > paragraphEnd) {
      open = [];
      const blank = text.indexOf('\n\n', at);
      paragraphEnd = blank < 0 ? text.length : blank;
    }
    if (mark.startsWith('`')) {
      removed.push({ at, length: mark.length });
      continue;
    }
    const [before, after] = [text[at - 1], text[at + mark.length]];
    const opener = open.findLastIndex((other) => other.mark === mark);
    const isBetween = !isOutside(before) && after !== undefined && /[A-Za-z0-9({[\\-]/.test(after);
    const closes = opener >= 0 && before !== undefined && /\S/.test(before) && !isBetween;
    // `x**2 - 1**` within `**…**` closes at the end only; `**x**2` is a power.
    if (closes) {
      removed.push({ at: open[opener]?.at ?? at, length: mark.length }, { at, length: mark.length });
      open = open.slice(0, opener);
    } else if (isOutside(before) && after !== undefined && /[^\s*]/.test(after)) open.push({ mark, at });
    if (open.length > 20) open = open.slice(10);
  }
  if (removed.length === 0) return text;
  removed.sort((a, b) => a.at - b.at);
  let plain = '';
  let from = 0;
  for (const { at, length } of removed) {
    plain += text.slice(from, at);
    from = at + length;
  }
  return plain + text.slice(from);
}
