import { describe, expect, it } from 'vitest';
import { type CompiledGold, compileGold, explainGrade, grade, isGoldError } from '../../../src/grader/grade.ts';
import { DEFAULT_OPTIONS, type GradeOptions } from '../../../src/grader/options.ts';

function compiled(gold: string, options: Partial<GradeOptions> = {}): CompiledGold {
  const result = compileGold(gold, options);
  if (isGoldError(result)) throw new Error(result.error);
  return result;
}

describe('extraction `box-only`', () => {
  const gold = compiled('6', { extraction: 'box-only' });
  it.each([
    ['so \\boxed{6}', 'correct', 'integer-equal'],
    ['so \\boxed{none}', 'incorrect', 'kind-differs'],
    ['the answer is 6', 'incorrect', 'no-answer'],
    ['\\boxed{7} no, \\boxed{6}', 'correct', 'integer-equal'],
    ['\\boxed{\\text{6}}', 'correct', 'integer-equal'],
    ['\\boxed{6', 'incorrect', 'cut-off-box'],
    ['', 'incorrect', 'no-answer'],
  ])('%s is %s by %s', (response, verdict, reason) => {
    expect(grade(gold, response)).toMatchObject({ verdict, reason });
  });

  it('returns the answer it found', () => {
    expect(grade(gold, 'a \\boxed{ x = \\frac{12}{2} } b').answer).toBe(' x = \\frac{12}{2} ');
  });
});

describe('golds', () => {
  it.each(['', '  ', '\\boxed{}', '$$'])('that hold nothing are named: %j', (gold) => {
    expect(compileGold(gold)).toHaveProperty('error');
  });

  it('that are whole solutions count by their answer', () => {
    expect(grade(compiled('We add and get \\boxed{12}.'), '12').verdict).toBe('correct');
  });

  it('carry the options they were compiled with', () => {
    expect(compiled('1', { listOrder: 'fixed' }).options).toEqual({ ...DEFAULT_OPTIONS, listOrder: 'fixed' });
  });
});

describe('conventions', () => {
  it.each<[Partial<GradeOptions>, string, string, string, string]>([
    [{ listOrder: 'fixed' }, '1,2', '2,1', 'incorrect', 'correct'],
    [{ decimals: 'exact' }, '1/3', '0.3333', 'incorrect', 'correct'],
    [{ percent: 'strict' }, '28\\%', '28', 'incorrect', 'correct'],
    [{ units: 'required' }, '5 cm', '5', 'incorrect', 'correct'],
    [{ integerGold: 'literal' }, '4', '2+2', 'incorrect', 'correct'],
    [{ minSignificantDigits: 2 }, '1/3', '0.33', 'correct', 'incorrect'],
    [{ relativeTolerance: 0.01 }, '100', '100.5', 'correct', 'incorrect'],
    [{ choices: { A: '5', B: '7' } }, 'B', '7', 'correct', 'incorrect'],
  ])('%j: %s for %s is %s, by default %s', (options, answer, response, changed, usual) => {
    const [gold, pred] = [answer, response];
    expect(grade(compiled(gold, options), pred).verdict).toBe(changed);
    expect(grade(compiled(gold), pred).verdict).toBe(usual);
  });
});

describe('work', () => {
  const bombs: readonly [string, string][] = [
    ['power tower', '10^{10^{10^{10}}}'],
    ['nested power', `${'2^{'.repeat(400)}2${'}'.repeat(400)}`],
    ['brackets', `${'('.repeat(500)}1${')'.repeat(500)}`],
    ['long integer', '7'.repeat(1_000_000)],
    ['factorials', '9'.repeat(6).concat('!!!!!!')],
    ['big factorial', '100000!'],
    ['factorial beside an integral', '-3000!*\\int_0^1123456'],
    ['long sum', Array.from({ length: 3000 }, (_, k) => k).join('+')],
    ['many products', '(x+1)(x+2)'.repeat(150)],
    ['100 KB of text', 'the answer is '.repeat(7000)],
    ['100 KB of dollars', '$'.repeat(100_000)],
    ['100 KB of boxes', '\\boxed{'.repeat(14_000)],
    ['100 KB of numbers', '1, '.repeat(33_000)],
    ['digits and commas', '1,'.repeat(1900)],
    ['spaces', `answer${' '.repeat(100_000)}is 77`],
    ['fractions', `${'\\frac{1}{1+'.repeat(200)}1${'}'.repeat(200)}`],
    ['equation of high degree', '(x+y)^{64}=(x-y)^{63}+x^{61}y^{60}'],
    ['long list', Array.from({ length: 190 }, (_, k) => `${k}+\\sqrt{${k}}`).join(', ')],
    ['broken surrogates', '\ud83d'.repeat(1000)],
    ['controls', '\u0000\u0007\u001b['.repeat(500)],
  ];

  it.each(bombs)('on %s is bounded', (_name, bomb) => {
    for (const gold of ['5', 'x^2+1', '\\frac{1}{2}, 3', 'x+y=2', '(1,2)']) {
      const compiledGold = compiled(gold);
      grade(compiledGold, bomb);
      const before = process.cpuUsage();
      const result = grade(compiledGold, bomb);
      const used = process.cpuUsage(before);
      expect(result.verdict).not.toBe('correct');
      expect((used.user + used.system) / 1000).toBeLessThan(50);
    }
  });

  it('on golds is bounded as well', () => {
    for (const [, bomb] of bombs) expect(compileGold(bomb)).toBeDefined();
  });
});

describe('explanations', () => {
  it('name where the answer stood and how both sides were read', () => {
    const trace: string[] = [];
    explainGrade(compiled('x+1'), 'The answer is $1 + x$.', trace);
    expect(trace[0]).toBe('answer (phrase): $1 + x$');
    expect(trace[1]).toContain("gold (+'x 1)");
  });
});
