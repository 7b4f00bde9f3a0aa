/** Options that many commands have, and how the values of options are read. */
import { InvalidArgumentError } from 'commander';

export interface JsonOption {
  readonly json?: boolean;
}

export const JSON_OPTION = ['--json', 'print the answer as JSON'] as const;

/** Parser of a whole number in decimal digits. @example .option('--n <n>', 'samples', wholeNumber(1, 100)) */
export const wholeNumber =
  (least: number, most?: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= (most ?? Number.MAX_SAFE_INTEGER)) return value;
    throw new InvalidArgumentError(
      `allowed are whole numbers ${most === undefined ? `of at least ${least}` : `from ${least} to ${most}`}`,
    );
  };

export const parseCount = wholeNumber(1);
export const parseIndex = wholeNumber(0);
export const parsePort = wholeNumber(1, 65_535);

/** Parser of a sampling temperature; 0 is greedy. */
export const temperature =
  (most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= 0 && value <= most) return value;
    throw new InvalidArgumentError(`allowed are 0 (greedy) to ${most}`);
  };

/** A probability mass, above 0 and below 1. */
export function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < 1) return value;
  throw new InvalidArgumentError('allowed are numbers from above 0 to below 1');
}

export function parseHttpUrl(text: string): string {
  if (URL.canParse(text) && /^https?:/i.test(text)) return text;
  throw new InvalidArgumentError('give an address such as http://127.0.0.1:8000');
}

/** Parser of a list with commas between. @param what - How the message calls an item, e.g. `arm` */
export const listOf =
  <Name extends string>(what: string, allowed: readonly Name[]) =>
  (text: string): Name[] =>
    text.split(',').map((item) => {
      const found = allowed.find((name) => name === item.trim());
      if (found !== undefined) return found;
      throw new InvalidArgumentError(`${what} "${item}": allowed are ${allowed.join(', ')}, with commas between`);
    });

/** Parser of an option that may be given several times. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];
