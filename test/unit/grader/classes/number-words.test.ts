import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readForeignNumber } from '../../../../src/grader/normalise/foreign-numbers.ts';
import { verdict } from '../extract/arbitraries.ts';

const WORDS: readonly (readonly [number, readonly string[]])[] = [
  [7, ['sieben', 'sept', 'siete', 'sette', 'sete', 'семь']],
  [16, ['sechzehn', 'seize', 'dieciséis', 'sedici', 'dezesseis', 'шестнадцать']],
  [21, ['einundzwanzig', 'vingt-et-un', 'vingt et un', 'veintiuno', 'ventuno', 'vinte e um', 'двадцать один']],
  [24, ['vierundzwanzig', 'vingt-quatre', 'veinticuatro', 'ventiquattro', 'vinte e quatro', 'двадцать четыре']],
  [35, ['fünfunddreißig', 'trente-cinq', 'treinta y cinco', 'trentacinque', 'trinta e cinco', 'тридцать пять']],
  [78, ['achtundsiebzig', 'soixante-dix-huit', 'setenta y ocho', 'settantotto', 'setenta e oito', 'семьдесят восемь']],
  [93, ['dreiundneunzig', 'quatre-vingt-treize', 'noventa y tres', 'novantatré', 'noventa e três', 'девяносто три']],
  [100, ['hundert', 'einhundert', 'cien', 'cento', 'сто']],
];

const ANNOUNCED: readonly ((words: string) => string)[] = [
  (words) => words,
  (words) => `\\boxed{\\text{${words}}}`,
  (words) => `Antwort: ${words}`,
  (words) => `La réponse est ${words}.`,
  (words) => `Ответ: ${words}.`,
];

describe('a number in words of another language', () => {
  it('answers its digits and no others', () => {
    fc.assert(
      fc.property(fc.constantFrom(...WORDS), fc.constantFrom(...ANNOUNCED), ([n, all], announce) => {
        for (const words of all) {
          const response = announce(words);
          expect([response, verdict(`${n}`, response), verdict(`${n + 1}`, response)]).toEqual([
            response,
            'correct',
            'incorrect',
          ]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has its sign', () => {
    expect(verdict('-35', 'minus fünfunddreißig')).toBe('correct');
    expect(verdict('35', 'minus fünfunddreißig')).toBe('incorrect');
    expect(verdict('-35', 'The answer is negative thirty-five.')).toBe('correct');
  });

  it('is none where the word means something else', () => {
    for (const word of ['once', 'null', 'cent', 'un', 'elf', 'vingtaine'])
      expect(readForeignNumber(word)).toBeUndefined();
  });
});
