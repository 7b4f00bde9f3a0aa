/** Unicode characters and broken escapes brought to plain LaTeX, one linear pass. */

const GREEK =
  'αalpha βbeta γgamma δdelta εepsilon ϵepsilon ζzeta ηeta θtheta ϑtheta ιiota κkappa λlambda μmu µmu νnu ξxi ρrho σsigma τtau υupsilon φphi ϕphi χchi ψpsi ωomega ΓGamma ΔDelta ΘTheta ΛLambda ΞXi ΠPi ΣSigma ΦPhi ΨPsi ΩOmega ℏhbar ∂partial';

const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  ...GREEK.split(' ').map((entry): [string, string] => [entry.slice(0, 1), `\\${entry.slice(1)} `]),
  ...Object.entries({
    '−': '-',
    '–': '-',
    '—': '-',
    '﹣': '-',
    '‐': '-',
    '‑': '-',
    '×': '\\times ',
    '⋅': '\\cdot ',
    '·': '\\cdot ',
    '∙': '\\cdot ',
    '∗': '*',
    '÷': '/',
    '∕': '/',
    '⁄': '/',
    '√': '\\sqrt ',
    '∛': '\\cbrt ',
    '∜': '\\sqrt[4] ',
    π: '\\pi ',
    '∞': '\\infty ',
    '≤': '\\le ',
    '⩽': '\\le ',
    '≦': '\\le ',
    '≥': '\\ge ',
    '⩾': '\\ge ',
    '≧': '\\ge ',
    '≠': '\\ne ',
    '≈': '\\approx ',
    '≃': '\\approx ',
    '≅': '\\cong ',
    '≡': '\\equiv ',
    '∼': '\\sim ',
    '±': '\\pm ',
    '∓': '\\mp ',
    '∪': '\\cup ',
    '∩': '\\cap ',
    '∈': '\\in ',
    '∉': '\\notin ',
    '∅': '\\emptyset ',
    '⊂': '\\subset ',
    '⊆': '\\subseteq ',
    '∖': '\\setminus ',
    '∀': '\\forall ',
    '∃': '\\exists ',
    '∧': '\\land ',
    '∨': '\\lor ',
    '∣': '|',
    '∥': '\\parallel ',
    '⊥': '\\perp ',
    '∠': '\\angle ',
    '△': '\\triangle ',
    '°': '^\\circ ',
    º: '^\\circ ',
    '˚': '^\\circ ',
    '′': "'",
    '’': "'",
    '‘': "'",
    '″': "''",
    '“': '"',
    '”': '"',
    '⟨': '\\langle ',
    '〈': '\\langle ',
    '⟩': '\\rangle ',
    '〉': '\\rangle ',
    '⌊': '\\lfloor ',
    '⌋': '\\rfloor ',
    '⌈': '\\lceil ',
    '⌉': '\\rceil ',
    ℝ: '\\mathbb{R}',
    ℤ: '\\mathbb{Z}',
    ℕ: '\\mathbb{N}',
    ℚ: '\\mathbb{Q}',
    ℂ: '\\mathbb{C}',
    '→': '\\to ',
    '⇒': '\\Rightarrow ',
    '⟹': '\\Rightarrow ',
    '…': '\\ldots ',
    '⋯': '\\ldots ',
    '½': '\\frac{1}{2}',
    '⅓': '\\frac{1}{3}',
    '⅔': '\\frac{2}{3}',
    '¼': '\\frac{1}{4}',
    '¾': '\\frac{3}{4}',
    '⅕': '\\frac{1}{5}',
    '⅛': '\\frac{1}{8}',
    '∑': '\\sum ',
    '∏': '\\prod ',
    '∫': '\\int ',
    '、': ',',
    '，': ', ',
    '،': ', ',
    '；': '; ',
    '؛': '; ',
    '：': ': ',
    '∶': ':',
    '﹕': ':',
    '꞉': ':',
    '。': '. ',
    '．': '.',
    '٫': '.',
    '٬': ',',
    '٪': '%',
    '【': '[',
    '】': ']',
    '「': '',
    '」': '',
    '\u00a0': ' ',
    '\u2009': ' ',
    '\u202f': ' ',
    '\u3000': ' ',
    '\u200b': '',
    '\u2061': '',
    '\ufeff': '',
    '\u200e': '',
    '\u200f': '',
    '〜': '\\sim ',
    '∘': '\\circ ',
    '〖': '',
    '〗': '',
  }),
]);

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ';
const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉₊₋ₙ';
const SCRIPT_VALUES = '0123456789+-n';

/** Zeros of the decimal digit blocks of Arabic, Persian, Devanagari, Bengali, Thai and full width. */
const DIGIT_ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10] as const;

function digitValue(code: number): number | undefined {
  for (const zero of DIGIT_ZEROS) if (code >= zero && code <= zero + 9) return code - zero;
  return undefined;
}

const FOREIGN_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\uff10-\uff19]/g;

/** Digits of other scripts as 0 to 9. */
export function plainDigits(text: string): string {
  return text.replace(FOREIGN_DIGITS, (digit) => String(digitValue(digit.charCodeAt(0)) ?? digit));
}

function replaceCharacter(character: string): string {
  const known = REPLACEMENTS.get(character);
  if (known !== undefined) return known;
  const code = character.charCodeAt(0);
  const digit = digitValue(code);
  if (digit !== undefined) return String(digit);
  // Full-width ASCII.
  if (code > 0xff00 && code < 0xff5f) return String.fromCharCode(code - 0xfee0);
  // Circled numbers, as statements are numbered in Chinese problems.
  if (code >= 0x2460 && code <= 0x2473) return `, ${code - 0x2460 + 1}, `;
  // Mathematical alphanumerics are surrogate pairs: NFKC gives their plain letters.
  return character.length > 1 ? character.normalize('NFKC') : character;
}

function script(run: string, alphabet: string, mark: string): string {
  return `${mark}{${Array.from(run, (c) => SCRIPT_VALUES[alphabet.indexOf(c)] ?? '').join('')}}`;
}

export function plainCharacters(raw: string): string {
  let text = raw;
  if (text.includes('</'))
    text = text
      .replace(/<sup>([^<>]{1,80})<\/sup>/gi, '^{$1}')
      .replace(/<sub>([^<>]{1,80})<\/sub>/gi, '_{$1}')
      .replace(/<(i|b|em|strong)>([^<>]{1,200})<\/\1>/gi, '$2');
  // `\f`, `\t`, `\b`, `\r`, `\v` that a careless string literal turned into control characters.
  if (/[\b\f\v\t\r]/.test(text)) {
    text = text
      .replace(/\\?\f(?=[a-z])/g, '\\f')
      .replace(/\\?[\b](?=[a-z])/g, '\\b')
      .replace(/\\?\v(?=[a-z])/g, '\\v')
      .replace(/\\?\t(?=(?:ext|imes|frac|heta|an|o|au|riangle)(?![a-z]|$)|ext)/g, '\\t')
      .replace(/\\?\r(?=(?:ight|ho|angle|floor|ceil)(?![a-z]))/g, '\\r')
      .replace(/[\b\f\v\t\r]/g, ' ');
  }
  if (!/[\u0080-\uffff]/.test(text)) return text;
  text = text
    // `³√5` at the start of a factor is a cube root; `2³√5` is a power.
    .replace(
      /(?<![\p{L}\p{N})\]}])([³⁴⁵⁶⁷⁸⁹])√/gu,
      (_, degree: string) => `\\sqrt[${SCRIPT_VALUES[SUPERSCRIPTS.indexOf(degree)]}] `,
    )
    .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+/g, (run) => script(run, SUPERSCRIPTS, '^'))
    .replace(/[₀₁₂₃₄₅₆₇₈₉₊₋ₙ]+/g, (run) => script(run, SUBSCRIPTS, '_'));
  let result = '';
  for (const character of text) result += character <= '\x7f' ? character : replaceCharacter(character);
  return result;
}
