/** Whole numbers up to a hundred, and a thousand, in words of German, French, Spanish, Italian, Portuguese and Russian: a closed set. English and Chinese are read apart. */

type Compound = (tens: number, tensWord: string, units: number, unitWord: string) => string;

interface Numerals {
  /** 0 to 19, or up to where tens and units begin to be put together. */
  readonly small: string;
  /** 20, 30, … 90. */
  readonly tens: string;
  readonly hundred: string;
  readonly thousand: string;
  readonly put: Compound;
  /** Other spellings: `word=number`. */
  readonly also?: string;
}

const LANGUAGES: readonly Numerals[] = [
  {
    small:
      'null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn',
    tens: 'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig',
    hundred: 'hundert',
    thousand: 'tausend',
    put: (_, tens, units, unit) => `${units === 1 ? 'ein' : unit}und${tens}`,
    also: 'einhundert=100 eintausend=1000',
  },
  {
    small:
      'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf',
    tens: 'vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix',
    hundred: 'cent',
    thousand: 'mille',
    put: putFrench,
    also: 'septante=70 huitante=80 octante=80 nonante=90',
  },
  {
    small:
      'cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve',
    tens: 'veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa',
    hundred: 'cien',
    thousand: 'mil',
    put: (tens, word, units, unit) =>
      tens === 20 ? `veinti${['', '', 'dós', 'trés', '', '', 'séis'][units] || unit}` : `${word} y ${unit}`,
    also: 'veintiún=21',
  },
  {
    small:
      'zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove',
    tens: 'venti trenta quaranta cinquanta sessanta settanta ottanta novanta',
    hundred: 'cento',
    thousand: 'mille',
    put: (_, tens, units, unit) =>
      `${units === 1 || units === 8 ? tens.slice(0, -1) : tens}${units === 3 ? 'tré' : unit}`,
  },
  {
    small:
      'zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezesseis dezessete dezoito dezenove',
    tens: 'vinte trinta quarenta cinquenta sessenta setenta oitenta noventa',
    hundred: 'cem',
    thousand: 'mil',
    put: (_, tens, _units, unit) => `${tens} e ${unit}`,
    also: 'quatorze=14 dezasseis=16 dezassete=17 dezanove=19',
  },
  {
    small:
      'ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать',
    tens: 'двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто',
    hundred: 'сто',
    thousand: 'тысяча',
    put: (_, tens, _units, unit) => `${tens} ${unit}`,
    also: 'нуль=0',
  },
];

function putFrench(tens: number, word: string, units: number, unit: string): string {
  const base = tens === 80 ? 'quatre-vingt' : word;
  if (units === 1 && tens < 70) return `${base}-et-un`;
  return `${base}-${unit}`;
}

/** Accents, hyphens and double spaces make no difference. */
function plain(words: string): string {
  return words
    .toLowerCase()
    .normalize('NFD')
    .replace(/(?<=[a-z])\p{M}/gu, '')
    .normalize('NFC')
    .replaceAll('ß', 'ss')
    .replace(/[\s-]+/g, ' ')
    .trim();
}

function numeralsOf({ small, tens, hundred, thousand, put, also = '' }: Numerals): [string, number][] {
  const first = small.split(' ');
  const named = tens.split(' ');
  const numerals = first.map((word, n): [string, number] => [word, n]);
  for (const [k, word] of named.entries()) {
    const ten = 20 + 10 * k;
    numerals.push([word, ten]);
    // French counts on from 60 and 80 to 79 and 99.
    const most = put === putFrench && (ten === 60 || ten === 80) ? 19 : 9;
    for (let units = 1; units <= most; units++) numerals.push([put(ten, word, units, first[units] ?? ''), ten + units]);
  }
  numerals.push([hundred, 100], [thousand, 1000]);
  if (put === putFrench) numerals.push(['soixante-et-onze', 71]);
  for (const pair of also.split(' ')) {
    const [word, n] = pair.split('=');
    if (word && n) numerals.push([word, Number(n)]);
  }
  return numerals;
}

let table: ReadonlyMap<string, number> | undefined;

/** `vierundzwanzig`, `vingt-quatre`, `двадцать четыре` → 24; undefined for anything else, and for what is an English word or a name. */
export function readForeignNumber(text: string): number | undefined {
  if (text.length < 2 || text.length > 40 || /[^\p{L}\p{M}\s-]/u.test(text)) return undefined;
  table ??= new Map(LANGUAGES.flatMap(numeralsOf).map(([words, n]) => [plain(words), n]));
  const words = plain(text);
  return NOT_ONLY_NUMBERS.has(words) ? undefined : table.get(words);
}

/** They mean something else as well, in English or in mathematics. */
const NOT_ONLY_NUMBERS = new Set(['null', 'once', 'un', 'um', 'cent', 'elf']);
