/** Units as answers write them: recognised, and converted where both sides name one. */

/** name → [dimension, factor to the base unit of the dimension]. */
const TABLE: Readonly<Record<string, readonly [dimension: string, factor: number]>> = {
  m: ['length', 1],
  meter: ['length', 1],
  metre: ['length', 1],
  cm: ['length', 0.01],
  centimeter: ['length', 0.01],
  centimetre: ['length', 0.01],
  mm: ['length', 0.001],
  millimeter: ['length', 0.001],
  millimetre: ['length', 0.001],
  dm: ['length', 0.1],
  km: ['length', 1000],
  kilometer: ['length', 1000],
  kilometre: ['length', 1000],
  nm: ['length', 1e-9],
  um: ['length', 1e-6],
  in: ['length', 0.0254],
  inch: ['length', 0.0254],
  ft: ['length', 0.3048],
  foot: ['length', 0.3048],
  feet: ['length', 0.3048],
  yd: ['length', 0.9144],
  yard: ['length', 0.9144],
  mi: ['length', 1609.344],
  mile: ['length', 1609.344],
  s: ['time', 1],
  sec: ['time', 1],
  second: ['time', 1],
  ms: ['time', 0.001],
  min: ['time', 60],
  minute: ['time', 60],
  h: ['time', 3600],
  hr: ['time', 3600],
  hour: ['time', 3600],
  day: ['time', 86400],
  week: ['time', 604800],
  month: ['month', 1],
  year: ['month', 12],
  yr: ['month', 12],
  g: ['mass', 1],
  gram: ['mass', 1],
  kg: ['mass', 1000],
  kilogram: ['mass', 1000],
  mg: ['mass', 0.001],
  lb: ['mass', 453.59237],
  pound: ['mass', 453.59237],
  oz: ['mass', 28.349523125],
  ounce: ['mass', 28.349523125],
  ton: ['mass', 1e6],
  tonne: ['mass', 1e6],
  l: ['volume', 1],
  liter: ['volume', 1],
  litre: ['volume', 1],
  ml: ['volume', 0.001],
  milliliter: ['volume', 0.001],
  gallon: ['gallon', 1],
  quart: ['gallon', 0.25],
  pint: ['gallon', 0.125],
  cup: ['gallon', 0.0625],
  degree: ['angle', 1],
  deg: ['angle', 1],
  rad: ['radian', 1],
  radian: ['radian', 1],
  dollar: ['dollar', 100],
  usd: ['dollar', 100],
  cent: ['dollar', 1],
  euro: ['euro', 1],
  eur: ['euro', 1],
  yuan: ['yuan', 1],
  rmb: ['yuan', 1],
  rupee: ['rupee', 1],
  rs: ['rupee', 1],
  yen: ['yen', 1],
  n: ['force', 1],
  newton: ['force', 1],
  kn: ['force', 1000],
  j: ['energy', 1],
  joule: ['energy', 1],
  kj: ['energy', 1000],
  ev: ['ev', 1],
  kev: ['ev', 1e3],
  mev: ['ev', 1e6],
  erg: ['erg', 1],
  w: ['power', 1],
  watt: ['power', 1],
  kw: ['power', 1000],
  v: ['voltage', 1],
  volt: ['voltage', 1],
  pa: ['pressure', 1],
  kpa: ['pressure', 1000],
  hz: ['frequency', 1],
  khz: ['frequency', 1000],
  mhz: ['frequency', 1e6],
  k: ['temperature', 1],
  kelvin: ['temperature', 1],
  mol: ['amount', 1],
  mole: ['amount', 1],
  ohm: ['resistance', 1],
  omega: ['resistance', 1],
  acre: ['acre', 1],
  unit: ['', 1],
}; // prettier-ignore

const SINGLE_LETTERS = /^[msghlLNJVWKACFMT]$/;

function singular(word: string): string {
  if (TABLE[word]) return word;
  if (word === 'inches') return 'inch';
  const stem = word.endsWith('s') ? word.slice(0, -1) : word;
  return stem;
}

/** A word of two letters or more that is a unit; single letters only where {@link isUnitLetter} is asked. */
export function isUnitWord(word: string): boolean {
  if (/^(?:mph|kph|kmh|pct|sq|cu)$/.test(word)) return true;
  return word.length > 1 && word !== 'in' && TABLE[singular(word.toLowerCase())] !== undefined;
}

export function isUnitLetter(word: string): boolean {
  return SINGLE_LETTERS.test(word);
}

export interface Unit {
  /** Product of dimensions in a fixed order, e.g. `length^2`; for unknown units the word itself. */
  readonly dimension: string;
  /** Numerator and denominator of the factor to the base unit. */
  readonly factor: readonly [number, number];
  readonly isKnown: boolean;
}

const IGNORED = /^(?:square|sq|cubic|per|of|the|a|an|each|total|about|exactly|only|units?|approximately)$/;

/** `square meters`, `cm^2`, `km/h`, `miles per hour`, `apples`. undefined for the neutral `units`. */
export function readUnit(written: string): Unit | undefined {
  const text = written
    .toLowerCase()
    .replace(/\\(?:cdot|times|,|dollar)/g, (c) => (c === '\\dollar' ? ' dollar ' : ' '))
    .replace(/\bmph\b/g, 'mile/hour')
    .replace(/\b(?:kph|kmh|kmph)\b/g, 'km/hour')
    .replace(/[{}()$~]/g, ' ')
    .replace(/[.,;]+$/g, '')
    .trim();
  if (/^(?:(?:square|sq\.?|cubic) )?units?(?: ?\^ ?[23])?$/.test(text)) return undefined;
  const counts = new Map<string, number>();
  let [above, below] = [1, 1];
  let isKnown = true;
  let direction = 1;
  let pending = 1;
  for (const match of text.matchAll(/(\/|\bper\b)|([a-z%°]+)\s*(?:\^\s*(-?\d))?/g)) {
    if (match[1] !== undefined) {
      direction = -1;
      continue;
    }
    const word = match[2] ?? '';
    if (word === 'square' || word === 'sq' || word === 'squared') pending = 2;
    else if (word === 'cubic' || word === 'cu') pending = 3;
    else if (!IGNORED.test(word)) {
      const entry = TABLE[singular(word)];
      const exponent = direction * (match[3] === undefined ? pending : Number(match[3]));
      pending = 1;
      if (entry === undefined) {
        isKnown = false;
        continue;
      }
      counts.set(entry[0], (counts.get(entry[0]) ?? 0) + exponent);
      if (exponent > 0) above *= entry[1] ** exponent;
      else below *= entry[1] ** -exponent;
    }
  }
  if (!isKnown || counts.size === 0) return { dimension: text, factor: [1, 1], isKnown: false };
  const dimension = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, power]) => `${name}^${power}`)
    .join(' ');
  return { dimension, factor: [above, below], isKnown: true };
}
