/** The second scorer: SymPy in the sandbox, for what the rules leave undecided. */
import { GRADER_FINGERPRINT } from '../grader/fingerprint.ts';
import { compileGold, isGoldError } from '../grader/grade.ts';
import { settleUndecided, type UndecidedPair } from '../grader/sympy-fallback.ts';
import { type Attempt, type LaterScorer, lossOf } from './scorer.ts';

export const sympy: LaterScorer = {
  name: 'sympy',
  async open({ openSandbox }) {
    const sandbox = await openSandbox();
    return {
      name: 'sympy',
      fingerprint: { grader: GRADER_FINGERPRINT, sandbox: sandbox.fingerprint },
      wants: (score) => score?.verdict === 'undecided' && lossOf(score) === undefined,
      score: (attempts) => settleUndecided(attempts.flatMap(pairOf), sandbox.run),
    };
  },
};

/** No request if the rules found no answer or can't read the gold. */
function pairOf({ id, problem, score, conventions }: Attempt): UndecidedPair[] {
  if (score?.answer === undefined) return [];
  const gold = compileGold(problem.answer, conventions);
  return isGoldError(gold) ? [] : [{ id, gold, answer: score.answer }];
}
