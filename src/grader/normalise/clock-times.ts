import { readForeignNumber } from './foreign-numbers.ts';
import { readHan, readNumberWords } from './number-words.ts';

/** Times of the day in words and in the writings of several languages, as `3:30 pm`. Only for problems whose answer is a time. */

type Half = 'am' | 'pm';

/** Words for the half of the day, before or behind the time. */
const HALVES: Readonly<Record<Half, string>> = {
  am: 'a\\.?\\s?m\\.?|in the morning|(?:early |late )?morning|morgens|vormittags|(?:am|des) (?:morgens|vormittags?|morgen)|du matin|de la mañana|(?:di|del) mattin[ao]|da manhã|утра|上午|早上|早晨|凌晨|清晨|午前|朝の?|오전|아침',
  pm: "p\\.?\\s?m\\.?|in the (?:afternoon|evening)|at night|nachmittags|abends|am (?:nachmittag|abend)|de l[’']après-midi|du soir|de la (?:tarde|noche)|(?:di|del) (?:pomeriggio|sera)|da (?:tarde|noite)|дня|вечера|下午|晚上|傍晚|午後|夕方の?|夜の?|오후|저녁",
};
const HALF = `(?:${HALVES.am}|${HALVES.pm})`;

const halfOf = (words: string | undefined, hours: number): Half | undefined => {
  if (words === undefined) return undefined;
  const half = new RegExp(`^(?:${HALVES.am})$`, 'iu').test(words.trim()) ? 'am' : 'pm';
  // Twelve at night is midnight, twelve in the morning too.
  return half === 'pm' && hours === 12 && /night|noche|noite|soir|sera|abend|晚|夜/iu.test(words) ? 'am' : half;
};

/** The hours and minutes that may stand in words. */
const WORDS =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|ein|eins|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|une|deux|trois|quatre|cinq|sept|huit|neuf|dix|onze|una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|undici|dodici|uma|duas|três|quatro|sete|oito|dez|doze';
const HAN = '[一二两三四五六七八九十]{1,3}';
const HAN_NUMBER = `(?:\\d{1,2}|${HAN})`;

/** Hours of a language in the genitive or the feminine. */
const INFLECTED: Readonly<Record<string, number>> = { ein: 1, une: 1, una: 1, uma: 1, duas: 2, once: 11, elf: 11 };

function numberOf(words: string): number | undefined {
  if (/^\d+$/.test(words)) return Number(words);
  const plain = words.toLowerCase();
  return INFLECTED[plain] ?? readNumberWords(plain) ?? readForeignNumber(plain) ?? readHan(plain);
}

/** `3:30 pm`; hours behind noon say their half. As it was where that is no time. */
function written(
  whole: string,
  hours: number | undefined,
  minutes: number | undefined,
  half: Half | undefined,
): string {
  if (hours === undefined || minutes === undefined || hours > 24 || minutes > 59) return whole;
  const past = String(minutes).padStart(2, '0');
  if (hours > 12) return hours === 24 ? `12:${past} am` : `${hours - 12}:${past} pm`;
  if (hours === 0) return `12:${past} am`;
  return `${hours}:${past}${half === undefined ? '' : ` ${half}`}`;
}

const LETTER = '[\\p{L}\\p{M}]';
const bounded = (pattern: string): RegExp => new RegExp(`(?<![\\p{L}\\p{M}\\d:.,])${pattern}(?!${LETTER}|\\d)`, 'giu');

const NUMBER = `(?:\\d{1,2}|${WORDS})`;
const O_CLOCK = "(?:\\s*o['’]?clock)?";
const BEHIND = `(?:,?\\s*(?<half>${HALF}))?`;

const NOON = bounded(
  '(?:(?:12(?::00)?|twelve)\\s+)?(?:noon|midday)|(?:12 uhr )?mittags?|midi|mediod[ií]a|mezzogiorno|meio-dia|полдень',
);
const MIDNIGHT = bounded(
  '(?:(?:12(?::00)?|twelve)\\s+)?midnight|mitternacht|minuit|medianoche|mezzanotte|meia-noite|полночь',
);
const HAN_NOON = /中午12点|(?<!上|下)正午|(?<!상)정오/gu;
const HAN_MIDNIGHT = /午夜|자정/gu;

/** `half past three`, `ten minutes to four`, `quarter past 3 pm`. */
const PAST = bounded(
  `(?:an? )?(?<past>half|quarter|${NUMBER})(?:\\s+min(?:ute)?s?)?\\s+(?<side>past|after|to|before|till)\\s+(?<hours>${NUMBER})${O_CLOCK}${BEHIND}`,
);
/** `halb vier`, `Viertel nach drei`, `zehn vor vier`. */
const GERMAN_PAST = bounded(
  `(?<past>halb|viertel|${NUMBER})(?:\\s+minuten)?(?:\\s+(?<side>nach|vor))?\\s+(?<hours>${NUMBER})(?:\\s+uhr)?${BEHIND}`,
);
/** `trois heures et demie`, `las tres y media`, `le tre e mezza`, `três e meia`, `3 y cuarto`. */
const ROMANCE_PAST = bounded(
  `(?:(?:à|a|as|às|las|la|le|alle)\\s+)?(?<hours>${NUMBER})(?:\\s+(?:heures?|horas?|ore))?\\s+(?:et|y|e)\\s+(?<past>demie?|quart|media|cuarto|mezza|mezzo|un quarto|meia)${BEHIND}`,
);
/** `three o'clock in the afternoon`, `3:30 de la tarde`, `15.30 Uhr`, `15 Uhr 30`, `15 h 30`, `16:45`. */
const CLOCK = bounded(
  `(?:(?<hours>\\d{1,2})(?:\\s*[:.]\\s*(?<minutes>\\d{2}))?\\s*(?:uhr|o['’]?clock|${HALF})(?:\\s+(?<german>\\d{1,2}))?|(?<worded>${WORDS})(?:\\s*(?:uhr|o['’]?clock|heures?)|(?=,?\\s+${HALF}))|(?<french>\\d{1,2})\\s?(?:h|heures?)\\s?(?<frenchMinutes>\\d{2})|(?<=в\\s)(?<russian>\\d{1,2})\\s?(?:ч|час(?:а|ов)?)\\.?\\s?(?<russianMinutes>\\d{1,2})\\s?мин(?:ут[аы]?)?|(?<plainHours>\\d{1,2}):(?<plainMinutes>\\d{2})(?!:))\\.?${BEHIND}`,
);
const HAN_CLOCK = new RegExp(
  `(?:(?<half>${HALF})\\s*的?)?(?<![\\d:])(?<hours>${HAN_NUMBER})(?:\\s*[点點时時시]钟?(?!间|間|간|半?钟头)(?:\\s*(?<half2>半|반)|(?<quarters>[一三])刻|\\s*(?<minutes>${HAN_NUMBER})\\s*[分분]?|整)?|\\s*[:：]\\s*(?<digital>\\d{2}))`,
  'giu',
);

/** Times in a text as `3:30 pm`; `3:30` where it doesn't say the half of the day. One linear pass for each kind of writing. */
export function plainTimes(text: string): string {
  if (text.length > 20_000) return text;
  let result = text.replace(/(?<=\d)\s*\\text(?:rm|bf)?\s*\{\s*([^{}]{1,24})\}/g, ' $1').replace(/\{:\}/g, ':');
  result = result
    .replace(HAN_NOON, ' 12:00 pm ')
    .replace(HAN_MIDNIGHT, ' 12:00 am ')
    .replace(NOON, '12:00 pm')
    .replace(MIDNIGHT, '12:00 am');
  result = replaced(result, PAST, (groups, whole) => fromParts(whole, groups, /^(?:to|before|till)$/i));
  if (/halb|viertel|(?<!\p{L})(?:nach|vor)(?!\p{L})/iu.test(result)) result = replaced(result, GERMAN_PAST, germanPast);
  result = replaced(result, ROMANCE_PAST, (groups, whole) => fromParts(whole, groups, /^$/));
  if (/[点點时時시:：]/u.test(result)) result = replaced(result, HAN_CLOCK, hanClock);
  return replaced(result, CLOCK, clock);
}

type Groups = Readonly<Record<string, string | undefined>>;

function replaced(text: string, pattern: RegExp, write: (groups: Groups, whole: string) => string): string {
  return text.replace(pattern, (...parts: unknown[]) => write(parts.at(-1) as Groups, String(parts[0])));
}

/** Minutes in words of their own. */
function minutesOf(past: string): number | undefined {
  if (/^(?:half|halb|demie?|media|mezz[ao]|meia)$/i.test(past)) return 30;
  return /^(?:quarter|viertel|quart|cuarto|un quarto)$/i.test(past) ? 15 : numberOf(past);
}

function fromParts(whole: string, { hours, past, side, half }: Groups, before: RegExp): string {
  const [named, minutes] = [numberOf(hours ?? ''), minutesOf(past ?? '')];
  if (named === undefined || minutes === undefined || minutes === 0) return whole;
  const isBefore = before.test(side ?? '-');
  const hour = isBefore ? (named === 1 ? 12 : named - 1) : named;
  return written(whole, hour, isBefore ? 60 - minutes : minutes, halfOf(half, hour));
}

function germanPast(groups: Groups, whole: string): string {
  const isHalf = /^halb$/i.test(groups.past ?? '');
  if (isHalf ? groups.side !== undefined : groups.side === undefined) return whole;
  return fromParts(whole, isHalf ? { ...groups, side: 'vor' } : groups, /^vor$/i);
}

function hanClock({ half, hours, half2, quarters, minutes, digital }: Groups, whole: string): string {
  if (digital !== undefined && half === undefined) return whole;
  const hour = numberOf(hours ?? '');
  if (hour === undefined) return whole;
  const quarter = quarters === undefined ? undefined : quarters === '一' ? 15 : 45;
  const past = digital ?? minutes;
  const minute = half2 === undefined ? (quarter ?? (past === undefined ? 0 : numberOf(past))) : 30;
  return ` ${written(whole, hour, minute, halfOf(half, hour))}`;
}

function clock(groups: Groups, whole: string): string {
  const { hours, minutes, german, worded, french, frenchMinutes, russian, russianMinutes } = groups;
  const { plainHours, plainMinutes, half } = groups;
  const hour = numberOf(hours ?? worded ?? french ?? russian ?? plainHours ?? '');
  const minute = Number(minutes ?? german ?? frenchMinutes ?? russianMinutes ?? plainMinutes ?? 0);
  if (hour === undefined) return whole;
  const said = half ?? new RegExp(HALF, 'iu').exec(whole)?.[0];
  // `3:30 Uhr` counts to 24: it is no 3:30 pm.
  const isFullDay = said === undefined && hours !== undefined && /uhr/i.test(whole) && hour < 12;
  return written(whole, hour, minute, isFullDay ? 'am' : halfOf(said, hour));
}

/** A gold that is nothing but a time, in the same writing; undefined for anything else. */
export function wholeTime(text: string): string | undefined {
  if (text.length > 40 || !/[\p{L}:]/u.test(text)) return undefined;
  const time = plainTimes(text.replace(/^\s*\\text\s*\{([^{}]*)\}\s*$/, '$1').replace(/\$/g, '')).replace(
    /^\s*(?:at\s+)?|[\s.]+$/g,
    '',
  );
  return /^\d{1,2}:\d{2} [ap]m$/.test(time) ? time : undefined;
}
