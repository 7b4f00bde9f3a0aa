/** Options that many commands have, and how their values are read. */
import { InvalidArgumentError } from 'commander';

export interface JsonOption {
  readonly json?: boolean;
}

export const JSON_OPTION = ['--json', 'print the answer as JSON'] as const;

/** A whole number of at least 1, as an option's parser. */
export function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('give a whole number of at least 1');
  return value;
}

/** A whole number of at least 0, as an option's parser. */
export function parseIndex(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < 0) {
    throw new InvalidArgumentError('give a whole number of at least 0');
  }
  return value;
}
