import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saidBoolean } from '../../../../src/grader/compare/booleans.ts';
import { verdict } from '../extract/arbitraries.ts';

const YES = ['Yes', 'True', 'Oui', 'Ja', 'Sí', 'Sim', 'Sì', 'Да', 'Tak', 'Evet', '是的', '네', 'نعم', 'हाँ'];
const NO = ['No', 'False', 'Non', 'Nein', 'Não', 'Нет', 'Nie', 'Hayır', '不是', 'いいえ', '아니요', 'لا', 'नहीं'];
/** What may follow a word of either kind. */
const REASONS = [
  '',
  '.',
  ', f is continuous.',
  ', car f est continue.',
  '. This follows from the lemma.',
  ', denn f ist stetig.',
];
const FRAMES = ['@', 'Indeed, @', 'The answer is @', '**@**', '\\boxed{\\text{@}}', 'So, @'];

describe('a question of yes or no', () => {
  it('is answered in many languages, with a reason behind the word', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...YES, ...NO),
        fc.constantFrom(...REASONS),
        fc.constantFrom(...FRAMES),
        (word, reason, frame) => {
          // `is 是的` has a copula of two languages.
          fc.pre(!(/^[是は]/.test(word) && frame.includes('is @')));
          const isYes = YES.includes(word);
          const response = frame.replace('@', word) + (frame.startsWith('\\') ? '' : reason);
          const [right, wrong] = isYes ? ['Yes', 'No'] : ['No', 'Yes'];
          expect([response, verdict(`\\text{${right}}`, response), verdict(`\\text{${wrong}}`, response)]).toEqual([
            response,
            'correct',
            'incorrect',
          ]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is not answered by both words, in any order', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...YES),
        fc.constantFrom(...NO),
        fc.constantFrom(' and ', ' or ', '/', '. ', ', '),
        fc.boolean(),
        (yes, no, joint, isYesFirst) => {
          const response = isYesFirst ? `${yes}${joint}${no}` : `${no}${joint}${yes}`;
          expect([response, verdict('\\text{Yes}', response), verdict('\\text{No}', response)]).toEqual([
            response,
            'incorrect',
            'incorrect',
          ]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['Yes, there are no exceptions.', 'yes'],
    ['Yes, no matter how they are placed.', 'yes'],
    ['No such function exists.', 'no'],
    ['It holds for all n, so yes.', 'yes'],
    ['It is not possible, so no.', 'no'],
    ['The question is whether the answer is yes.', undefined],
    ["I can't say that it is true.", undefined],
    ['Non-negative', undefined],
    ['If yes, then n is even.', undefined],
    ['はい、そうです。', 'yes'],
    ['Jacob', undefined],
    ['Si x > 0, x est positif', undefined],
  ] as const)('%s says %s', (text, said) => {
    expect(saidBoolean(text)).toBe(said);
  });

  it('is answered by the last sentence of a long response', () => {
    const reasons = 'We know that f is continuous on the interval. '.repeat(12);
    expect(verdict('\\text{Yes}', `${reasons}So yes, a fixed point exists.`)).toBe('correct');
    expect(verdict('\\text{No}', `${reasons}So yes, a fixed point exists.`)).toBe('incorrect');
    expect(verdict('\\text{Yes}', `${reasons}The answer is yes. No further checks are needed.`)).toBe('correct');
  });
});
