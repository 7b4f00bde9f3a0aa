import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { twoIntegers, verdict } from './arbitraries.ts';

/** Ways to take an announced value back without naming it, in the same sentence or the next. */
const takenBack = fc.constantFrom(
  ', which contradicts the bound',
  ', however this overcounts by one',
  ', but that is wrong',
  ', though it can’t be since n is even',
  '. Hmm, that doesn’t satisfy the second condition',
  '. This contradicts the bound',
  '. [This is false.]',
  ', up to sign',
  ' or so',
  ' 不对',
);

const disowned = fc.constantFrom(
  (n: number) => `n = ${n} leads to a contradiction.`,
  (n: number) => `We reject x = ${n}.`,
  (n: number) => `x = ${n} is extraneous.`,
  (n: number) => `${n} has to be rejected.`,
  (n: number) => `Then n = ${n}, absurd.`,
  (n: number) => `The naive answer is ${n}.`,
  (n: number) => `Without the constraint the answer would be ${n}.`,
  (n: number) => `${n} no es solución.`,
  (n: number) => `${n} n'est pas solution.`,
  (n: number) => `${n} ist keine Lösung.`,
  (n: number) => `${n} не является решением.`,
  (n: number) => `${n}不是解。`,
  (n: number) => `k不能等于${n}。`,
  (n: number) => `${n}は解ではない。`,
);

const unstated = fc.constantFrom(
  (n: number) => `Perhaps one should try n = ${n} next.`,
  (n: number) => `Every integer past ${n} works.`,
  (n: number) => `So far I have checked ${n} numbers.`,
  (n: number) => `TODO: check ${n}`,
  (n: number) => `I shall skip this one (worth ${n} points).`,
  (n: number) => `Use the formula with n = ${n}.`,
  (n: number) => `我不会，这里有${n}个人。`,
  (n: number) => `Non ho idea, ci sono ${n} casi.`,
  (n: number) => `Me rindo, son ${n} ecuaciones.`,
  (n: number) => `J'abandonne après ${n} essais.`,
  (n: number) => `Answer: ${n}+`,
);

const stated = fc.constantFrom(
  (n: number) => `That makes ${n}.`,
  (n: number) => `Guests who did not respond are ${n + 3} - 3 = ${n}.`,
  (n: number) => `Then add both to find the total: ${n - 1} boxes + 1 box = ${n} boxes`,
  (n: number) => `x is not negative, so x = ${n}.`,
  (n: number) => `The answer is ${n}. It does not depend on k.`,
  (n: number) => `The answer is ${n}; there is no contradiction with the first condition.`,
  (n: number) => `The answer is ${n}, but there are other ways to get it.`,
);

describe('a value', () => {
  it('that is announced and taken back is no answer', () => {
    fc.assert(
      fc.property(takenBack, fc.integer({ min: 2, max: 999 }), (behind, n) => {
        const response = `The answer is ${n}${behind}.`;
        expect([response, verdict(`${n}`, response)]).toEqual([response, 'incorrect']);
      }),
      { numRuns: 150 },
    );
  });

  it('that a sentence rejects, tries or only mentions is no answer', () => {
    fc.assert(
      fc.property(fc.oneof(disowned, unstated), fc.integer({ min: 2, max: 999 }), (say, n) => {
        expect([say(n), verdict(`${n}`, say(n))]).toEqual([say(n), 'incorrect']);
      }),
      { numRuns: 250 },
    );
  });

  it('that a sentence states is the answer, whatever else it denies', () => {
    fc.assert(
      fc.property(stated, fc.integer({ min: 2, max: 999 }), (say, n) => {
        expect([say(n), verdict(`${n}`, say(n))]).toEqual([say(n), 'correct']);
      }),
      { numRuns: 150 },
    );
  });

  it('that replaces another one is the answer', () => {
    const replaced = fc.constantFrom(
      (a: number, b: number) => `The answer ${a} is incorrect; the correct one is ${b}.`,
      (a: number, b: number) => `Ответ ${a} неверен, правильно ${b}.`,
      (a: number, b: number) => `La réponse est ${a}, non, ${b}.`,
      (a: number, b: number) => `The naive answer is ${a}, but the correct value is ${b}.`,
    );
    fc.assert(
      fc.property(replaced, twoIntegers, (say, [a, b]) => {
        const response = say(a, b);
        expect([response, verdict(`${a}`, response), verdict(`${b}`, response)]).toEqual([
          response,
          'incorrect',
          'correct',
        ]);
      }),
      { numRuns: 100 },
    );
  });
});
