/** Conventions of the grader on the command line: `--set listOrder=fixed`, repeatable. */
import { InvalidArgumentError } from 'commander';
import { conventionFields, DEFAULT_OPTIONS, type GradeOptions } from '../grader/options.ts';

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
  const parsed = conventionFields.safeParse({
    [key]: typeof current === 'number' && value !== '' ? Number(value) : value,
  });
  if (!parsed.success) throw new InvalidArgumentError(`${key}: ${parsed.error.issues[0]?.message ?? 'is not allowed'}`);
  return { ...before, ...(parsed.data as Partial<GradeOptions>) };
}
