import { withPlainMatrices } from './matrix-writings.ts';

/** Ways to write numbers, marks and units that carry over from web pages, keyboards and typesetting; brought to plain LaTeX. */

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  le: '\\le ',
  leq: '\\le ',
  ge: '\\ge ',
  geq: '\\ge ',
  ne: '\\ne ',
  amp: '&',
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  quot: '"',
  apos: "'",
  minus: '-',
  ndash: '-',
  plusmn: '\\pm ',
  times: '\\times ',
  divide: '/',
  middot: '\\cdot ',
  sdot: '\\cdot ',
  frasl: '/',
  radic: '√',
  pi: '\\pi ',
  theta: '\\theta ',
  alpha: '\\alpha ',
  beta: '\\beta ',
  infin: '\\infty ',
  deg: '^\\circ ',
  cup: '\\cup ',
  cap: '\\cap ',
  isin: '\\in ',
  empty: '\\emptyset ',
  frac12: '\\frac{1}{2}',
  frac14: '\\frac{1}{4}',
  frac34: '\\frac{3}{4}',
  sup2: '^{2}',
  sup3: '^{3}',
}; // prettier-ignore

/** `x &lt; 3`, `5&nbsp;cm`, `&#8722;5`; twice, for entities that were escaped again. */
function withoutEntities(text: string): string {
  const once = (from: string) =>
    from.replace(/&(?:#(\d{2,6})|#x([0-9a-f]{2,5})|([a-z]{2,6}\d{0,2}));/gi, (whole, decimal, hex, name) => {
      if (typeof name === 'string') return ENTITIES[name] ?? whole;
      const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
      return code >= 32 && code < 0x10ffff ? String.fromCodePoint(code) : ' ';
    });
  const first = once(text);
  return first.includes('&') ? once(first) : first;
}

const TAG =
  /<\/?(?:p|br|div|span|b|i|em|strong|u|code|li|ul|ol|td|tr|center|font|math|mn|mo|mi|mrow)(?:\s[^<>]{0,80})?\s*\/?>/gi;

const UNIT_NAME = String.raw`\\(?:text|mathrm|textrm|rm|operatorname|mbox)\s*\{?\s*([A-Za-zμ]{1,14})\s*\}?(?:\s*\^\s*\{?\s*(\d)\s*\}?)?`;
/** `\frac{\text{km}}{\text{h}}`: letters set as text in a fraction are a unit. */
const UNIT_FRACTION = new RegExp(
  String.raw`\\[dt]?frac\s*\{\s*${UNIT_NAME}\s*\}\s*\{\s*${UNIT_NAME}\s*\}(?:\s*\^\s*\{?(\d)\}?)?`,
  'g',
);

const RING = String.raw`(?:o|°|\\circ|\\(?:text|mathrm|textrm)\s*\{\s*(?:o|°|\\circ)\s*\})`;
const DEGREES = new RegExp(String.raw`(?<=\d)\s*(?:\{\s*\})?\s*\^\s*(?:\{\s*${RING}\s*\}|${RING}(?![A-Za-z]))`, 'g');

const FONT_SWITCH =
  /\\(?:tt|sf|sc|em|cal|normalsize|footnotesize|huge|Huge|LARGE|bfseries|itshape|ttfamily)(?![a-zA-Z])/g;

/** Marks before a value that only point at it. */
const LEADING_MARK =
  /^\s*(?:\\(?:therefore|Rightarrow|implies|Longrightarrow|to|rightarrow|longrightarrow|hence)(?![a-zA-Z])|∴|⇒|→|⟹|=>|->|✓|✔|✅|:)\s*(?=\S)/;

/** A text without such writings comes back as it is. Linear in the length. */
export function plainWritings(raw: string): string {
  let text = withPlainMatrices(raw);
  if (text.includes('&') && text.includes(';')) text = withoutEntities(text);
  if (text.includes('<')) text = text.replace(TAG, ' ').trim();
  text = text.replace(LEADING_MARK, '');
  if (text.includes('\\')) text = text.replace(FONT_SWITCH, ' ');
  // `1'234'567`.
  if (/\d['’]\d{3}/.test(text))
    text = text.replace(/(?<![\d.])\d{1,3}(?:['’]\d{3})+(?!['’\d])/g, (digits) => digits.replace(/['’]/g, ''));
  if (text.includes('\\text{,}')) text = text.replace(/(\d)\\text\{,\}(?=\d{3})/g, '$1');
  if (text.includes('+') || /\bplus/i.test(text))
    text = text.replace(/\+\s*\/\s*-|\+\s*\/\s*−|\bplus or minus\b|\bplus-minus\b/gi, '\\pm ');
  text = text.replace(/^(?:#|No\.|Nr\.|№)\s*(?=\d)/, '').replace(/(?<=\d)-(?:st|nd|rd|th)$/, '');
  if (text.includes('\\'))
    text = text
      .replace(/\\(?:[hv]?phantom|footnote(?:mark|text)?|label|tag|vspace|hspace)\*?\{[^{}]*\}/g, ' ')
      .replace(/\\not\s*(?:=|\\?eq(?![a-zA-Z]))/g, '\\ne ')
      .replace(/\\[lr]brack(?![a-zA-Z])\s*/g, (bracket) => (bracket.startsWith('\\l') ? '[' : ']'));
  if (text.includes('frac'))
    text = text.replace(
      UNIT_FRACTION,
      (
        _,
        above: string,
        power: string | undefined,
        below: string,
        power2: string | undefined,
        power3: string | undefined,
      ) => {
        const exponent = power2 ?? power3;
        return `\\text{ ${above}${power === undefined ? '' : `^${power}`}/${below}${exponent === undefined ? '' : `^${exponent}`}}`;
      },
    );
  // `60^{o}`, `60{}^\circ`, `60\textdegree`, `60^{\text{o}}`.
  if (/\\textdegree|\\degree/.test(text))
    text = text.replace(/\s*\{?\\(?:text)?degree(?![a-zA-Z])(?:\{\})?\}?/g, '^\\circ ');
  if (/\d\s*(?:\{\s*\}\s*)?\^/.test(text)) text = text.replace(DEGREES, '^\\circ ');
  // `24^{\text{th}}`.
  if (/\^/.test(text))
    text = text.replace(
      /(?<=\d)\s*\^\s*(?:\{\s*)?(?:\\(?:text|mathrm|textrm|rm)\s*\{?\s*)?(?:st|nd|rd|th)(?![a-z])\s*\}?\s*\}?/g,
      '',
    );
  // `0.(3)` and `0.1(6)` repeat.
  if (/\d?\.\d*\(\d+\)/.test(text)) text = text.replace(/(\d*\.\d{0,20})\((\d{1,20})\)(?![\d^])/g, '$1\\overline{$2}');
  return text;
}

/** A second way to read what has a first one: `+-2` as ±2, `60^0` as an angle, `12,34,567` as grouped in India. */
export function otherWriting(text: string): string | undefined {
  const measure =
    /^(\d{1,3})\s*h(?:ours?|rs?)?\s*(\d{1,2})\s*m(?:in(?:utes?)?)?$/.exec(text) ??
    /^(\d{1,3})\s*'\s*(\d{1,2})\s*(?:"|'')$/.exec(text);
  if (measure)
    return /'/.test(text) ? `${measure[1]} feet ${measure[2]} inches` : `${measure[1]} hours ${measure[2]} minutes`;
  if (/^\d{1,2}(?:,\d{2})+,\d{3}$/.test(text)) return text.replaceAll(',', '');
  if (/^-?\d{1,3}(?:\.\d+)?\s*\^\s*\{?0\}?$/.test(text)) return text.replace(/\s*\^\s*\{?0\}?$/, '^\\circ');
  return /\+\s*-\s*[\d\\a-zA-Z(]/.test(text) ? text.replace(/\+\s*-(?=\s*[\d\\a-zA-Z(])/g, '\\pm ') : undefined;
}
