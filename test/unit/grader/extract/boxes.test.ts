import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBoxes } from '../../../../src/grader/extract/boxed.ts';
import { preamble, signedNumber, twoIntegers, verdict } from './arbitraries.ts';

const BOX = fc.constantFrom('\\boxed', '\\fbox', '\\framebox', '\\\\boxed', '\\bbox[5px]', 'boxed');

describe('a box', () => {
  it('gives its value under every name and spacing', () => {
    fc.assert(
      fc.property(
        preamble,
        BOX,
        signedNumber,
        fc.constantFrom('', ' '),
        (before, name, { gold, written, other }, space) => {
          for (const response of [
            `${before}So $${name}{${space}${written}${space}}$.`,
            `${before}$$\n${name}{${written}}\n$$`,
            `${before}**${name}{${written}}**`,
            `${before}${name}{\\text{Answer: }${written}}`,
            `${before}${name}{\\therefore ${written}}`,
            `${before}${name}{\\Huge\\text{${written}}}`,
            `${before}${name}{\\begin{array}{c}${written}\\end{array}}`,
          ]) {
            const verdicts = [verdict(gold, response), verdict(other, response)];
            expect([response, ...verdicts]).toEqual([response, 'correct', 'incorrect']);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('that is cut off or empty at the end leaves no answer', () => {
    const rest = fc.constantFrom('', '7', '\\frac{1}{2', '\\text{No', '(1,', '\\{5');
    fc.assert(
      fc.property(BOX, rest, fc.integer({ min: 8, max: 999 }), (name, cut, n) => {
        for (const response of [
          `\\boxed{${n}}. Recounting gives ${name}{${cut}`,
          `The answer is ${n}, that is $${name}{${cut}`,
          `\\boxed{${n}}\n\n**Final answer:** ${name}{}`,
          `\\boxed{${n}}. So the answer is $${name}{ }$.`,
        ])
          expect([response, verdict(`${n}`, response)]).toEqual([response, 'incorrect']);
      }),
      { numRuns: 150 },
    );
  });

  it('that is only talked about changes nothing', () => {
    const talk = fc.constantFrom(
      '(I have put the final answer within \\boxed{} as requested.)',
      'Remember to put your answer in \\boxed{}.',
      'I used the \\boxed{...} format.',
      '答案放在\\boxed{}中。',
    );
    fc.assert(
      fc.property(talk, fc.integer({ min: 2, max: 999 }), (words, n) => {
        expect(verdict(`${n}`, `\\boxed{${n}}\n\n${words}`)).toBe('correct');
        expect(verdict(`${n}`, `${words}\n\nSo \\boxed{${n}}`)).toBe('correct');
      }),
      { numRuns: 60 },
    );
  });

  it('counts with the boxes that words join to it', () => {
    const joint = fc.constantFrom(
      ' and ',
      ' or ',
      ', ',
      '; ',
      ', and ',
      '$ and $',
      '\\quad\\text{or}\\quad ',
      '\\text{ and }',
      ' et ',
      ' y ',
      ' und ',
      ' и ',
      '和',
      '或',
      '、',
      ' \\\\ ',
    );
    fc.assert(
      fc.property(joint, twoIntegers, fc.constantFrom('', 'x = ', 'x_1='), (words, [a, b], name) => {
        const response = `So $${name}\\boxed{${a}}${words}${name.replace('1', '2')}\\boxed{${b}}$.`;
        const verdicts = [`${b}, ${a}`, `${a}`, `${b}`].map((gold) => verdict(gold, response));
        expect([response, ...verdicts]).toEqual([response, 'correct', 'incorrect', 'incorrect']);
      }),
      { numRuns: 200 },
    );
  });

  it('of an earlier step gives way to the last one', () => {
    fc.assert(
      fc.property(twoIntegers, ([a, b]) => {
        const response = `First \\boxed{${a}} is reached. Then we get \\boxed{${b}}`;
        expect([verdict(`${b}`, response), verdict(`${a}`, response)]).toEqual(['correct', 'incorrect']);
        const worded = `We get \\boxed{${a}} first. So the final answer is ${b}.`;
        expect([verdict(`${b}`, worded), verdict(`${a}`, worded)]).toEqual(['correct', 'incorrect']);
      }),
      { numRuns: 60 },
    );
  });

  it('is found in linear time', () => {
    const text = '\\boxed{'.repeat(100_000);
    expect(findBoxes(text)).toEqual({ boxes: [], isLastVoid: true });
    expect(findBoxes(`${text}5}`).boxes).toHaveLength(1);
  });
});
