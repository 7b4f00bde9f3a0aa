/** Conventions of the grader on the command line: `--set listOrder=fixed`, repeatable. */
import { InvalidArgumentError } from 'commander';
import { DEFAULT_OPTIONS, type GradeOptions } from '../grader/options.ts';

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  extraction: ['any', 'box-only'],
  listOrder: ['free', 'fixed'],
  decimals: ['rounding', 'exact'],
  percent: ['marked', 'strict'],
  units: ['lenient', 'required'],
  integerGold: ['literal', 'any'],
};

export const GRADE_OPTION = [
  '--set <option=value>',
  `a convention, e.g. listOrder=fixed, repeatable; defaults: ${Object.entries(DEFAULT_OPTIONS)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')}`,
  readSetting,
  {},
] as const;

/** Only keys and values that exist. */
function readSetting(written: string, before: Partial<GradeOptions>): Partial<GradeOptions> {
  const [key = '', value = ''] = written.split('=', 2);
  const current = Object.entries(DEFAULT_OPTIONS).find(([name]) => name === key)?.[1];
  if (current === undefined)
    throw new InvalidArgumentError(`there is no option '${key}'; there are ${Object.keys(DEFAULT_OPTIONS).join(', ')}`);
  const allowed = ALLOWED[key];
  if (allowed && !allowed.includes(value)) throw new InvalidArgumentError(`${key} is ${allowed.join(' or ')}`);
  if (typeof current === 'number' && !(Number(value) >= 0 && value !== ''))
    throw new InvalidArgumentError(`${key} is a number of at least 0`);
  return { ...before, [key]: typeof current === 'number' ? Number(value) : value };
}
