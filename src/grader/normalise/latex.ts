import { plainCharacters } from './characters.ts';
import { withoutDecoration } from './decoration.ts';
import { spellOut } from './spellings.ts';

/** Presentation that carries no meaning; replaced by a space or by nothing. */
const SIZES = /\\(?:left|right|bigg?[lrm]?|Bigg?[lrm]?|middle)(?![a-zA-Z])\s*\.?/g;
const STYLE =
  /\\(?:displaystyle|textstyle|scriptstyle|limits|nolimits|noindent|centering|allowbreak|hfill|hline|nonumber|tiny|small|large|Large|quad|qquad|enspace|thinspace|rm|bf|it|mit|phantom|strut|mathstrut|ensuremath)(?![a-zA-Z])/g;
const FONT =
  /\\(?:mathbf|mathit|mathsf|mathtt|mathcal|mathscr|mathfrak|boldsymbol|bm|pmb|bold|emph|underline|mathop|mathord|mathrel|mathbin|displaylines)(?![a-zA-Z])/g;

/** `v^2_0` is `v_0^2`. */
const POWER_BEFORE_INDEX =
  /([A-Za-z}])\s*\^\s*(\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z\d])\s*_\s*(\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z\d])/g;

/** Wrappers around a whole answer: `$…$`, `\(…\)`, `**…**`, quotes, a trailing full stop. */
function unwrap(text: string): string {
  let inner = text.trim();
  for (let round = 0; round < 6; round++) {
    const before = inner;
    if (inner.startsWith('$$') && inner.endsWith('$$') && inner.length > 4) inner = inner.slice(2, -2);
    else if (
      inner.startsWith('$') &&
      inner.endsWith('$') &&
      inner.length > 2 &&
      inner.indexOf('$', 1) === inner.length - 1
    )
      inner = inner.slice(1, -1);
    else if (/^\\\(.*\\\)$/s.test(inner) && inner.indexOf('\\(', 1) < 0) inner = inner.slice(2, -2);
    else if (/^\\\[.*\\\]$/s.test(inner) && inner.indexOf('\\[', 1) < 0) inner = inner.slice(2, -2);
    else if (/^(?:\*\*[^*]+\*\*|__[^_]+__)$/.test(inner)) inner = inner.slice(2, -2);
    else if (/^(["'`])[^"'`]+\1$/.test(inner)) inner = inner.slice(1, -1);
    else if (/[.,;:。]$/.test(inner) && !inner.endsWith('..') && !/\\[,;:]$/.test(inner) && !/\\right\.$/.test(inner))
      inner = inner.slice(0, -1);
    inner = inner.trim();
    if (inner === before) break;
  }
  return inner;
}

/** A dollar sign is a currency sign where it doesn't pair up and stands at a number; a stray one means nothing. */
function dollars(text: string): string {
  if (!text.includes('$')) return text;
  const marked = text.replace(/\\\$/g, '\\dollar ');
  const count = marked.match(/\$/g)?.length ?? 0;
  if (count % 2 === 0) return marked.replace(/\$/g, ' ');
  return marked.replace(/\$(?=\s*[\d.])|(?<=\d\s?)\$(?=\s*$)/g, '\\dollar ').replace(/\$/g, ' ');
}

/** Double-escaped LaTeX (`\\frac`) where no row separators can be meant. */
function singleBackslashes(text: string): string {
  if (!/\\\\[a-zA-Z({[]/.test(text)) return text;
  const isDoubled = /\\\\begin/.test(text) || !/\\begin/.test(text);
  return isDoubled
    ? text.replace(/\\\\(?=[a-zA-Z(){}[\]|,;!%$])/g, '\\').replace(/\\{3,4}(?=\s|\d|-|$)/g, '\\\\')
    : text;
}

/** An answer as plain LaTeX without presentation: what the tokenizer reads. Linear in the length. */
export function normaliseLatex(raw: string): string {
  let text = spellOut(unwrap(plainCharacters(raw))).replace(/(?<![A-Za-z])(?:np|numpy|math|sympy|sp)\.(?=[a-z])/g, '');
  if (!/[\\$~&{^→⇒∴]/.test(text)) return text;
  text = singleBackslashes(text);
  text = unwrap(dollars(text));
  text = withoutDecoration(text);
  text = text.replace(/(?<!\\)[\^_\s]+$/, '');
  if (text.includes('_') && text.includes('^')) text = text.replace(POWER_BEFORE_INDEX, '$1_$3^$2');
  if (!/[\\~{]/.test(text)) return text;
  text = text
    .replace(/\\textcircled\s*\{\s*(?:\\\w+\s*)?(\d+)\s*\}/g, ', $1, ')
    .replace(/\\(?:text)?color\s*\{[^}]*\}/g, ' ')
    .replace(/\\surd(?![a-zA-Z])/g, '\\sqrt')
    .replace(/\\(?:dots|cdots|dotsc|dotsb|dotso)(?![a-zA-Z])/g, '\\ldots')
    .replace(/\\([ZRNQC])(?![a-zA-Z])/g, '\\mathbb{$1}')
    .replace(/(?<!\\)\\[()[\]]/g, ' ')
    .replace(/\\left\s*\\\{\s*\\begin\s*\{(?:array|aligned|matrix|gathered)\}(?:\s*\{[^}]*\})?/g, '\\begin{cases}')
    .replace(/\\end\s*\{(?:array|aligned|matrix|gathered)\}\s*\\right\s*\./g, '\\end{cases}')
    .replace(/\{([:;<>=+-])\}/g, '$1')
    .replace(SIZES, ' ')
    .replace(STYLE, ' ')
    .replace(FONT, ' ')
    .replace(/\\(?:dfrac|tfrac|cfrac|sfrac|nicefrac|xfrac)(?![a-zA-Z])/g, '\\frac')
    .replace(/\\(?:dbinom|tbinom)(?![a-zA-Z])/g, '\\binom')
    .replace(/(\d)\s*(?:,\\!|\{,\\!\}|\\!,|\{,\}\s*\\!)\s*(?=\d{3})/g, '$1')
    .replace(/(\d)\s*\{\s*,\s*\}\s*(?=\d{3}(?!\d))/g, '$1')
    .replace(/\^\s*(?:\{\s*((?:\\prime\s*)+)\}|(\\prime)(?![a-zA-Z]))/g, (_, many?: string, one?: string) =>
      (many ?? one ?? '').replace(/\\prime\s*/g, "'"),
    )
    .replace(/(\d)\{[,.]\}(?=\d)/g, '$1.')
    .replace(/(\d)(?:\\[,;: ]|~|\\thinspace)(?=\d{3}(?!\d))/g, '$1')
    .replace(/\\hspace\*?\{[^}]*\}|\\vspace\*?\{[^}]*\}|\\label\{[^}]*\}|\\tag\*?\{[^}]*\}/g, ' ')
    .replace(/(?<!\\)\\[,;:!>]|~/g, ' ')
    .replace(/\\\\\s*\[[\d.]+\s*(?:pt|em|ex|cm|mm)\]/g, '\\\\ ')
    .replace(/(?<!\\)\\\s/g, ' ')
    .replace(/(?<!\\)(?:\\|[\^_\s])+$/, '');
  return text.trim();
}
