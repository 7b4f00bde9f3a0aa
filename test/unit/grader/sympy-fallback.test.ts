import { describe, expect, it } from 'vitest';
import { type CompiledGold, compileGold, grade, isGoldError } from '../../../src/grader/grade.ts';
import { readSympyResult, settleUndecided, sympyRequest } from '../../../src/grader/sympy-fallback.ts';
import type { ExecutionRequest, ExecutionResult } from '../../../src/sandbox/types.ts';

function compiled(gold: string): CompiledGold {
  const result = compileGold(gold);
  if (isGoldError(result)) throw new Error(result.error);
  return result;
}

function result(change: Partial<ExecutionResult>): ExecutionResult {
  return { id: 'a', end: 'ok', stdout: '', stderr: '', cpuMs: 1, memoryBytes: 1, queueMs: 0, cached: false, ...change };
}

describe('the SymPy program', () => {
  it('holds nothing of the answer but numerals', () => {
    const request = sympyRequest({
      id: 'a',
      gold: compiled('\\sum_{k=1}^{n} k'),
      answer: '\\frac{x_{import}(n+1)}{2}',
    });
    expect(request?.code).toContain('summation(symbols_[0], (symbols_[0], Rational(1, 1), symbols_[1]))');
    expect(request?.code).not.toContain('x_');
  });

  it.each(['a text of words', '(1,2)', '\\{1\\}', '10^{10^{10}}'])('is not made for %s', (answer) => {
    expect(sympyRequest({ id: 'a', gold: compiled('x+1'), answer })).toBeUndefined();
  });
});

describe('the output', () => {
  it.each<[Partial<ExecutionResult>, string, string]>([
    [{ stdout: 'verdict:equal\n' }, 'correct', 'sympy-equal'],
    [{ stdout: 'verdict:different\n' }, 'incorrect', 'sympy-different'],
    [{ stdout: 'verdict:unknown\n' }, 'undecided', 'sympy-unknown'],
    [{ stdout: 'verdict:' }, 'undecided', 'sympy-failed: no verdict'],
    [{ end: 'cpu-timeout' }, 'undecided', 'sympy-failed: cpu-timeout'],
    [{ end: 'error', exception: 'TypeError: x' }, 'undecided', 'sympy-failed: TypeError: x'],
    [{ end: 'infrastructure', cause: 'no Docker' }, 'undecided', 'sympy-lost: no Docker'],
  ])('%j is %s', (change, verdict, reason) => {
    expect(readSympyResult(result(change))).toMatchObject({ verdict, reason });
  });
});

it('a sandbox that loses a result leaves the pair undecided', async () => {
  const run = async (requests: readonly ExecutionRequest[]) =>
    requests.slice(1).map(({ id }) => result({ id, stdout: 'verdict:equal\n' }));
  const gold = compiled('\\int_0^t x\\,dx');
  expect(grade(gold, '\\frac{t^2}{2}').verdict).toBe('undecided');
  const settled = await settleUndecided(
    ['a', 'b'].map((id) => ({ id, gold, answer: '\\frac{t^2}{2}' })),
    run,
  );
  expect(settled.get('a')).toMatchObject({ verdict: 'undecided', reason: 'sympy-lost: no result' });
  expect(settled.get('b')?.verdict).toBe('correct');
});
