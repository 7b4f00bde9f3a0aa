/**
 * The training input of the testbed's tokenizer. Copying numbers is the bottleneck of a tiny model, so numbers are split
 * into chunks of two digits from the right, and every chunk is one token.
 */
import { generateDemonstrations } from './demonstrations.ts';

export interface TokenizerSpec {
  readonly vocabSize: number;
  /** Ids 0, 1, 2, ... in this order. */
  readonly specials: { readonly pad: string; readonly bos: string; readonly eos: string; readonly others: string[] };
  /** Texts that are always one token, but not special: a decoder keeps them. */
  readonly units: readonly string[];
  /** Alternatives of the pre-tokenization pattern; Oniguruma and JavaScript match them identically. */
  readonly split: string;
  readonly corpus: readonly string[];
}

/** A chunk of two digits that an even number of digits follows; the first chunk of a number may have one digit. */
const NUMBER = '[0-9]{1,2}(?=(?:[0-9]{2})*(?![0-9]))';
/** A word with the space before it and the bracket or, if a number follows, the space after it. */
const WORD = ' ?[A-Za-z_]+(?:\\(| (?=[0-9]))?';
/** Marks, with the space after them unless a word takes it. */
const MARKS = '[^A-Za-z_0-9 \\n]+(?: (?![A-Za-z_]))?';

/** Texts of the corpus besides the demonstrations: every chunk, and the texts of failures. */
const FAILURES = [
  'ValueError: Exceeds the limit (4300 digits) for ',
  'RecursionError: maximum recursion depth exceeded',
  "ModuleNotFoundError: No module named 'pendulum'",
  "ModuleNotFoundError: No module named 'pint'",
  "NameError: name 'shapes' is not defined",
  'code failed. none',
];

export function testbedTokenizerSpec(): TokenizerSpec {
  const demonstrations = generateDemonstrations({ count: 4000, seed: 0 });
  const chunks = Array.from({ length: 100 }, (_, i) => `${i}`.padStart(2, '0')).join(' ');
  return {
    vocabSize: 832,
    specials: {
      pad: '<|pad|>',
      bos: '<|bos|>',
      eos: '<|eos|>',
      others: ['<|sol|>', '<|cot|>', '<|code|>', '<|run|>', '<|out|>'],
    },
    units: ['\\boxed{'],
    split: [NUMBER, WORD, MARKS].join('|'),
    corpus: [
      ...demonstrations.flatMap(({ problem, cot, code }) => [problem, cot.text, code.code]),
      ...Array.from({ length: 400 }, () => FAILURES).flat(),
      ...Array.from({ length: 4000 }, () => chunks),
    ],
  };
}
