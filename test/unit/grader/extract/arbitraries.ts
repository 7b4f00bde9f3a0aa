import fc from 'fast-check';
import { compileGold, grade, isGoldError } from '../../../../src/grader/grade.ts';

/** The verdict on a response; a gold that can't be read fails the test. */
export function verdict(gold: string, response: string): string {
  const compiled = compileGold(gold);
  if (isGoldError(compiled)) throw new Error(`${gold}: ${compiled.error}`);
  return grade(compiled, response).verdict;
}

export interface Value {
  /** As a data set has it. */
  readonly gold: string;
  /** As plain text has it. */
  readonly written: string;
  /** A gold that the written value must not answer. */
  readonly other: string;
}

const positive = fc.integer({ min: 2, max: 999 });

/** Integers, decimals and fractions of either sign; the other gold has the other sign. */
export const signedNumber: fc.Arbitrary<Value> = fc.oneof(
  fc.tuple(fc.boolean(), positive).map(([isNegative, n]): Value => {
    const [value, other] = isNegative ? [`-${n}`, `${n}`] : [`${n}`, `-${n}`];
    return { gold: value, written: value, other };
  }),
  fc.tuple(fc.boolean(), positive, fc.integer({ min: 1, max: 9 })).map(([isNegative, n, digit]): Value => {
    const sign = isNegative ? '-' : '';
    return {
      gold: `${sign}${n}.${digit}`,
      written: `${sign}${n}.${digit}`,
      other: `${isNegative ? '' : '-'}${n}.${digit}`,
    };
  }),
  fc.tuple(fc.boolean(), positive, positive).map(([isNegative, above, below]): Value => {
    const [sign, other] = isNegative ? ['-', ''] : ['', '-'];
    return {
      gold: `${sign}\\frac{${above}}{${below}}`,
      written: `${sign}${above}/${below}`,
      other: `${other}\\frac{${above}}{${below}}`,
    };
  }),
);

/** Values that are no plain number. */
export const structuredValue: fc.Arbitrary<Value> = fc
  .tuple(positive, positive, fc.integer({ min: 1, max: 9 }), fc.constantFrom('x', 'n', 't'))
  .chain(([a, b, k, x]) =>
    fc.constantFrom<Value>(
      { gold: `(${a},-${b})`, written: `(${a}, -${b})`, other: `(-${b},${a})` },
      { gold: `[-${a},${b}]`, written: `[-${a}, ${b}]`, other: `(-${a},${b})` },
      { gold: `\\{${a},${a + b}\\}`, written: `{${a}, ${a + b}}`, other: `\\{${a},${a + b + 1}\\}` },
      { gold: `${x}^2-${a}`, written: `${x}^2 - ${a}`, other: `${x}^2+${a}` },
      { gold: `-${k}${x}+${a}`, written: `-${k}${x} + ${a}`, other: `${k}${x}+${a}` },
      { gold: `${a}+${b}i`, written: `${a} + ${b}i`, other: `${a}-${b}i` },
      { gold: `${a}\\pi`, written: `${a}π`, other: `${a + 1}\\pi` },
      { gold: `y=${a}${x}-${b}`, written: `y = ${a}${x} - ${b}`, other: `y=${a}${x}+${b}` },
      { gold: `-${a},${b}`, written: `-${a}, ${b}`, other: `${a},${b}` },
    ),
  );

export const integerText = positive.map(String);

/** Two different positive integers. */
export const twoIntegers = fc.tuple(positive, positive).filter(([a, b]) => a !== b);

/** A line of a solution before its end. */
export const preamble = fc.constantFrom(
  '',
  'We set up the equations and solve them.\n\n',
  'Let us count carefully. There are 3 cases and 5 subcases.\n',
  '**Step 1.** Write $a+b=17$.\n\n**Step 2.** Then $ab = 60$.\n\n',
  '由题意，先列方程 $2x+1=9$。\n',
  'First, note that 2 + 3 = 5.\n\n',
);
