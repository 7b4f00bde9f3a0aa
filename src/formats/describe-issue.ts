/** What zod finds wrong, in plain words and without the value, which may be a secret. */
import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a section of settings',
  record: 'a section of settings',
};

const MISSING = 'is missing';

/**
 * The sentence that follows the name of what is wrong: `is missing`, `must be a number`, `allowed are em, rl, rft, sft`.
 *
 * @example describeIssue(error.issues[0])
 */
export function describeIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `allowed are ${issue.values.map(String).join(', ')}`;
    case 'invalid_type':
      if (/received undefined$/.test(issue.message)) return MISSING;
      return KINDS[issue.expected] === undefined ? issue.message : `must be ${KINDS[issue.expected]}`;
    case 'invalid_union': {
      const reasons = [...new Set(issue.errors.flat().map(describeIssue))];
      const others = reasons.filter((reason) => reason !== MISSING).join('; or ');
      return reasons.includes(MISSING) ? `${MISSING}; ${others}` : others;
    }
    default:
      return issue.message;
  }
}
