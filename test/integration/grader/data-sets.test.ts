import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { type CompiledGold, compileGold, grade, isGoldError } from '../../../src/grader/grade.ts';

/** All golds of the local data sets: WHENCODE_DATA_DIR. */
const { dataDirectory } = readEnvironment();
const files =
  dataDirectory !== undefined && existsSync(dataDirectory)
    ? readdirSync(dataDirectory).filter((name) => name.endsWith('.jsonl') && !name.startsWith('grader-'))
    : [];

function golds(name: string): string[] {
  const lines = readFileSync(join(dataDirectory ?? '', name), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => (JSON.parse(line) as { answer: string }).answer);
}

function bare(gold: string): string {
  return gold.replace(/^\$|\$$/g, '');
}

const REWRITES: readonly (readonly [name: string, rewrite: (gold: string) => string])[] = [
  ['itself', (gold) => gold],
  ['boxed', (gold) => `\\boxed{${bare(gold)}}`],
  ['in dollars', (gold) => `$${bare(gold)}$`],
  ['dfrac', (gold) => gold.replaceAll('\\frac', '\\dfrac')],
  ['in a sentence', (gold) => `We simplify. The final answer is $\\boxed{${bare(gold)}}$.`],
  ['spaced', (gold) => (/\\!|\{,\}/.test(gold) || /\d,\d{3}/.test(gold) ? gold : gold.replace(/([+=<>,])/g, ' $1 '))],
];

/** Changed digits and signs; undefined where the change means nothing (`-0`, words). */
const CHANGES: readonly (readonly [name: string, change: (gold: string) => string | undefined])[] = [
  [
    'a digit changed',
    (gold) => (/\d/.test(gold) ? gold.replace(/\d/, (digit) => String((Number(digit) + 1) % 10)) : undefined),
  ],
  [
    'the sign turned',
    (gold) =>
      /^\$?-/.test(gold)
        ? gold.replace('-', '')
        : /^\$?(?:[1-9]|\\frac|\\sqrt)/.test(gold) && !/[=<>]/.test(gold)
          ? gold.replace(/^\$?/, (dollar) => `${dollar}-`)
          : undefined,
  ],
  ['the bracket changed', (gold) => (/^\$?(?:\\left)?\[[^\]]*,/.test(gold) ? gold.replace('[', '(') : undefined)],
];

/** Golds whose mathematics is broken or about which the change says nothing. */
function isFit(gold: string): boolean {
  return (gold.match(/\$/g)?.length ?? 0) % 2 === 0 && !gold.includes('where');
}

describe.skipIf(files.length === 0)('golds of', () => {
  it.each(files)('%s compile, match their rewrites and none of their changes', (name) => {
    const all = golds(name).filter((gold) => gold !== '');
    const compiled = all.map((gold): [string, CompiledGold] => {
      const result = compileGold(gold);
      if (isGoldError(result)) throw new Error(`${gold}: ${result.error}`);
      return [gold, result];
    });
    const texts = compiled.filter(([, { kind }]) => kind === 'text');
    expect(texts.length / all.length).toBeLessThanOrEqual(0.02);
    const wrong: string[] = [];
    for (const [gold, compiledGold] of compiled) {
      if (!isFit(gold)) continue;
      for (const [how, rewrite] of REWRITES) {
        const answer = rewrite(gold);
        if (grade(compiledGold, answer).verdict !== 'correct') wrong.push(`${gold} ${how}: ${answer}`);
      }
      for (const [how, change] of CHANGES) {
        const answer = change(gold);
        if (answer === undefined || answer === gold) continue;
        const { verdict } = grade(compiledGold, answer);
        if (verdict !== 'incorrect') wrong.push(`${gold} with ${how}: ${answer} is ${verdict}`);
      }
    }
    // `$(-\infty,0)$.` in dollars again isn't LaTeX.
    expect(wrong.filter((line) => !line.includes('$.$'))).toEqual([]);
  });
});
