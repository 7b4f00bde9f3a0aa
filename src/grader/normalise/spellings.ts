import { readFractionWords, spellOutHan } from './number-words.ts';

/** Spellings of plain text that stand for LaTeX; applied to a whole answer, one linear pass each. */

const BASES: Readonly<Record<string, string>> = {
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
  twelve: '12',
  sixteen: '16',
};

/** `0.272727…` is 0.(27), if the period is written out at least twice. */
function repeating(whole: string, digits: string): string {
  const match = /^(-?\d*\.\d*?)(\d{1,6}?)\2+(\d*)$/.exec(digits);
  const [, before = '', period = '', rest = ''] = match ?? [];
  return match && period.startsWith(rest) ? `${before}\\overline{${period}}` : whole;
}

const CLOCK_TIME =
  /^(?:at\s+)?(\d{1,2})(?:\s*[:.]\s*(\d{2}))?\s*(?:o['’]?clock\s*)?(?:\\(?:,|;|:| |quad|text|mathrm|textrm)|[~{}\s])*([ap])\.?\s?m\.?(?:[}\s.]|\\,)*$/i;

/** `5 a.m.`, `5:30\text{ p.m.}`: hours, minutes and half of the day. */
function spellOutTime(text: string): string {
  const [, hours, minutes = '00', half] = CLOCK_TIME.exec(text) ?? [];
  return hours === undefined ? text : `${hours}:${minutes} ${half?.toLowerCase()}m`;
}

const PART_OF_DAY =
  /^(?:at\s+)?(\d{1,2})(?:\s*[:.]\s*(\d{2}))?(?:\s*o['’]?clock)?\s+in\s+the\s+(morning|afternoon|evening)\.?$/i;
const HAN_TIME =
  /^(上午|早上|下午|晚上)\s*(\d{1,2})(?:\s*[:：]\s*(\d{2})|\s*[点點时時](?:(\d{1,2})\s*分|([半整]))?)[。.]?$/;
/** Only hours behind noon: `3:30 Uhr` is no 3:30 p.m. */
const FULL_DAY = /^(?:at\s+)?(1[3-9]|2[0-3])(?::(\d{2})\s*Uhr|\s?h\s?(\d{2}))\.?$/;

/** `10 o'clock in the morning`, `下午3点半`, `15h30`, `15:30 Uhr`. */
function spellOutPartOfDay(text: string): string {
  const [, hours, minutes = '00', part] = PART_OF_DAY.exec(text) ?? [];
  if (hours !== undefined) return `${hours}:${minutes} ${part?.toLowerCase() === 'morning' ? 'am' : 'pm'}`;
  const [, half, hour, digital, counted, word] = HAN_TIME.exec(text) ?? [];
  // Twelve in the night is midnight.
  if (hour !== undefined && !(half === '晚上' && hour === '12')) {
    const past = digital ?? counted?.padStart(2, '0') ?? (word === '半' ? '30' : '00');
    return `${hour}:${past} ${half === '上午' || half === '早上' ? 'am' : 'pm'}`;
  }
  const [, afterNoon, german, french] = FULL_DAY.exec(text) ?? [];
  return afterNoon === undefined ? text : `${afterNoon}:${german ?? french}`;
}

/** `minus 3`, `0.333…`, `3 x 10^8`, `101 base 2`, `all reals except 3`; anything else as it is. */
export function spellOut(text: string): string {
  let result = text;
  if (/[一二两三四五六七八九十百千零〇]/.test(text) && text.length <= 20) result = spellOutHan(text);
  const parts = / and an? |half/i.test(text) && text.length <= 60 ? readFractionWords(text) : undefined;
  if (parts) result = `\\frac{${parts[0]}}{${parts[1]}}`;
  // `5 a.m.` is 5:00.
  if (/[ap]\.?\s?m\b/i.test(result) && result.length <= 60) result = spellOutTime(result);
  if (text.length <= 40 && /^(?:at\s|\d|[上下早晚])/.test(text)) result = spellOutPartOfDay(result);
  if (/^(?:minus|negative)\s/i.test(result)) result = result.replace(/^(?:minus|negative)\s+(?=[\d\\$])/i, '-');
  if (/(?:\.\.|\\[lc]?dots)\s*$/.test(result))
    result = result.replace(/^(-?\d*\.\d{2,60})\s*(?:\.{2,3}|\\[lc]?dots)\s*$/, repeating);
  if (/\d\s*[xX]\s*10\s*\^/.test(result)) result = result.replace(/(\d)\s*[xX]\s*(?=10\s*\^)/g, '$1\\times ');
  if (/\bbase\b/i.test(result))
    result = result.replace(
      /(\d)\s*\\?,?\s*(?:\\text\s*\{\s*)?\(?(?:in\s+)?base[\s-]*(\d{1,2}|[a-z]+)\)?\s*\}?$/i,
      (_whole, digit: string, base: string) => `${digit}_{${BASES[base.toLowerCase()] ?? base}}`,
    );
  // `858（颗）`, `7 (seven)`.
  if (result.endsWith(')')) result = result.replace(/(?<=[\d}])\s*\((?:\p{Script=Han}{1,6}|[a-z]{4,12}s?)\)$/u, '');
  if (/\breals?\b/i.test(result))
    result = result.replace(
      /^(?:x\s+can\s+be\s+)?(?:all|any|every)\s+reals?(?:\s+numbers?)?(?:\s+x)?,?\s+(?:except|other than|excluding|but not)\s+(?:for\s+)?(?:x\s*=\s*)?(\S.{0,60})$/i,
      '\\mathbb{R} \\setminus \\{ $1 \\}',
    );
  return result;
}

/**
 * Other ways to read marks that mean something else in most answers: `C_{10}^3`, `10C3` and `C(10,3)` as binomials, `A_5^2` as a number of arrangements,
 * `10\frac{m}{s}` as a unit. undefined if there are none.
 */
export function otherSpelling(text: string): string | undefined {
  // `(1)(3)(4)` and `1 3 4`: statements by their numbers.
  if (/^(?:\(\d\)[\s,]*){2,9}$/.test(text) || /^\d(?: \d){1,8}$/.test(text))
    return text
      .replace(/[()\s,]+/g, ' ')
      .trim()
      .replaceAll(' ', ', ');
  let result = text;
  if (/[CAP]/.test(text))
    result = result
      .replace(
        /(?<![A-Za-z}])(?:\{\}\s*_\s*\{?(\d{1,4})\}?\s*|(\d{1,4})\s*)C\s*_?\s*\{?(\d{1,4})\}?/g,
        '\\binom{$1$2}{$3}',
      )
      .replace(/\\(?:mathrm|text|rm)\s*\{?([CAP])\}?/g, '$1')
      .replace(/(?<![A-Za-z])C\s*_\s*\{?(\w{1,4})\}?\s*\^\s*\{?(\w{1,4})\}?/g, '\\binom{$1}{$2}')
      .replace(/(?<![A-Za-z])C\s*\(\s*(\w{1,4})\s*,\s*(\w{1,4})\s*\)/g, '\\binom{$1}{$2}')
      .replace(/(?<![A-Za-z])[AP]\s*_\s*\{?(\d{1,3})\}?\s*\^\s*\{?(\d{1,3})\}?/g, '\\frac{$1!}{($1-$2)!}')
      .replace(/(?<![A-Za-z])P\s*\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)/g, '\\frac{$1!}{($1-$2)!}');
  if (text.includes('frac'))
    result = result.replace(
      /(\d)\s*\\frac\s*\{\s*([a-z]{1,3})\s*\}\s*\{\s*([a-z]{1,3}(?:\^\{?[23]\}?)?)\s*\}$/,
      '$1\\text{ $2/$3}',
    );
  // `1,000.99m²`: a decimal glued to a unit. `5m²` may be a product.
  result = result.replace(
    /^([-−]?\d[\d,]*\.\d+)\s*([ckm]?m)(?:([²³])|\^\{?([23])\}?)$/,
    (_whole, number: string, unit: string, mark?: string, digit?: string) =>
      `${number}\\text{ ${unit}}^${digit ?? (mark === '²' ? '2' : '3')}`,
  );
  return result === text ? undefined : result;
}
