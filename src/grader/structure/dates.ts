/** Dates as answers write them: `May 5`, `5 May 2024`, `5th of May`. */
const MONTHS = 'january february march april may june july august september october november december'.split(' ');

const SHORT = /^(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)$/;

function fullMonth(word: string): string {
  return SHORT.test(word) ? (MONTHS.find((month) => month.startsWith(word.slice(0, 3))) ?? word) : word;
}

/** A full English month name, capitalised: `may` is a word. */
export function isMonth(word: string): boolean {
  return /^[A-Z]/.test(word) && MONTHS.includes(word.toLowerCase());
}

/** `5 may`, with the year if there is one; undefined for anything but a day of a month. */
export function readDate(text: string): string | undefined {
  const words = text
    .toLowerCase()
    .split(/[\s,.]+/)
    .filter((word) => word !== '' && word !== 'of' && word !== 'the' && word !== 'on')
    .map(fullMonth);
  const month = words.find((word) => MONTHS.includes(word));
  const numbers = words.filter((word) => word !== month).map((word) => /^(\d{1,4})(?:st|nd|rd|th)?$/.exec(word)?.[1]);
  if (month === undefined || numbers.length === 0 || numbers.length > 2 || numbers.includes(undefined))
    return undefined;
  const day = numbers.find((number) => Number(number) <= 31);
  const year = numbers.find((number) => Number(number) > 31);
  return day === undefined && numbers.length === 2
    ? undefined
    : [day, month, year].filter((part) => part !== undefined).join(' ');
}
