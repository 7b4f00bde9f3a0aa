import type { ExecutionRequest, ExecutionResult } from '../sandbox/types.ts';
import { readAnswer } from './compile.ts';
import type { Expression } from './expression/expression.ts';
import { sympySource } from './expression/sympy-source.ts';
import type { CompiledGold } from './grade.ts';
import type { Answer } from './structure/structure.ts';
import type { GradeResult } from './types.ts';

/**
 * Pairs that our own rules leave undecided, asked of SymPy inside the sandbox: one snippet each, so that one that hangs or
 * eats its memory affects no other snippet. A failure stays `undecided`, with its cause; one of the sandbox has a reason of its own.
 */
export interface UndecidedPair {
  /** Unique in a call; comes back with the result. */
  readonly id: string;
  readonly gold: CompiledGold;
  /** The answer that `grade` found in the response. */
  readonly answer: string;
}

/** `left - right` of an equation, or the expression itself. */
function subject(answer: Answer | undefined): { readonly of: Expression; readonly isEquation: boolean } | undefined {
  if (answer?.kind === 'scalar') return { of: answer.expression, isEquation: false };
  const [left, right] =
    answer?.kind === 'relation' && answer.signs.length === 1 && answer.signs[0] === '=' ? answer.sides : [];
  if (left?.kind !== 'scalar' || right?.kind !== 'scalar') return undefined;
  return { of: { kind: 'add', terms: [left.expression, { kind: 'negate', of: right.expression }] }, isEquation: true };
}

const PROGRAM = `
def settle():
    from sympy import (Rational, pi, E, I, oo, sin, cos, tan, cot, sec, csc, asin, acos, atan, acot, sinh, cosh, tanh, coth, asinh,
        acosh, atanh, exp, log, Abs, floor, ceiling, factorial, factorial2, binomial, gamma, Max, Min, gcd, lcm, sign, Mod, re, im, arg,
        cbrt, sqrt, root, limit, summation, product, integrate, Symbol, simplify, together, nsimplify)
    symbols_ = [Symbol('s%d' % k, real=True) for k in range(COUNT)]
    gold = GOLD
    answer = ANSWER
    if EQUATION:
        a, b = (together(side).as_numer_denom()[0] for side in (gold, answer))
        if not (a.free_symbols and b.free_symbols):
            return 'unknown'
        ratio = simplify(a / b)
        return 'equal' if ratio.is_number and ratio.is_finite and ratio != 0 else 'unknown'
    difference = simplify(gold - answer)
    if difference == 0:
        return 'equal'
    if difference.is_number:
        value = difference.evalf(40)
        return 'different' if value.is_number and value.is_finite and abs(value) > Rational(1, 10**25) else 'unknown'
    return {True: 'equal', False: 'different'}.get(difference.equals(0), 'unknown')

print('verdict:' + settle())
`;

/** The program for one pair; undefined if the pair has no translation (texts, sets, prose). */
function sympyProgram(gold: Answer | undefined, answer: Answer | undefined): string | undefined {
  const [a, b] = [subject(gold), subject(answer)];
  if (a === undefined || b === undefined || a.isEquation !== b.isEquation) return undefined;
  const names: string[] = [];
  const [left, right] = [sympySource(a.of, names), sympySource(b.of, names)];
  if (left === undefined || right === undefined) return undefined;
  return PROGRAM.replace('COUNT', String(names.length))
    .replace('GOLD', () => left)
    .replace('ANSWER', () => right)
    .replace('EQUATION', a.isEquation ? 'True' : 'False');
}

/** One request for the sandbox; undefined if SymPy can't be asked. */
export function sympyRequest(pair: UndecidedPair): ExecutionRequest | undefined {
  const code = sympyProgram(pair.gold.answer.readings[0], readAnswer(pair.answer)?.readings[0]);
  return code === undefined ? undefined : { id: pair.id, previousBlocks: [], code, seed: 0 };
}

/** A reason that begins so says that SymPy was never asked: the sandbox failed, which says nothing about the pair. */
const SYMPY_LOST = 'sympy-lost';

const CAUSE_CHARACTERS = 120;

function sympyLost(cause: string): GradeResult {
  return { verdict: 'undecided', reason: `${SYMPY_LOST}: ${cause.slice(0, CAUSE_CHARACTERS)}` };
}

/** The verdict in a finished snippet's output. */
export function readSympyResult(result: ExecutionResult): GradeResult {
  if (result.end === 'infrastructure') return sympyLost(result.cause ?? 'no cause given');
  if (result.end !== 'ok') {
    const cause = (result.exception ?? result.end).slice(0, CAUSE_CHARACTERS);
    return { verdict: 'undecided', reason: `sympy-failed: ${cause}` };
  }
  const said = /verdict:(equal|different|unknown)\s*$/.exec(result.stdout)?.[1];
  if (said === 'equal') return { verdict: 'correct', reason: 'sympy-equal' };
  if (said === 'different') return { verdict: 'incorrect', reason: 'sympy-different' };
  return { verdict: 'undecided', reason: said === undefined ? 'sympy-failed: no verdict' : 'sympy-unknown' };
}

/** Asks SymPy about undecided pairs; every pair comes back, by id. */
export async function settleUndecided(
  pairs: readonly UndecidedPair[],
  run: (requests: readonly ExecutionRequest[]) => Promise<readonly ExecutionResult[]>,
): Promise<ReadonlyMap<string, GradeResult>> {
  const settled = new Map<string, GradeResult>();
  const requests: ExecutionRequest[] = [];
  for (const pair of pairs) {
    const request = sympyRequest(pair);
    if (request) requests.push(request);
    else settled.set(pair.id, { verdict: 'undecided', reason: 'sympy-no-translation', answer: pair.answer });
  }
  const results = requests.length === 0 ? [] : await run(requests);
  const answers = new Map(pairs.map((pair) => [pair.id, pair.answer]));
  for (const result of results)
    settled.set(result.id, { ...readSympyResult(result), answer: answers.get(result.id) ?? '' });
  for (const { id } of requests)
    if (!settled.has(id)) settled.set(id, { ...sympyLost('no result'), answer: answers.get(id) ?? '' });
  return settled;
}
