import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GRADER_FINGERPRINT } from '../../../src/grader/fingerprint.ts';
import { graderFor } from '../../../src/grader/grader-for.ts';
import type { ExecutionRequest, ExecutionResult } from '../../../src/sandbox/types.ts';
import { createGrading, createRegrader, type Grading, rulesScorer } from '../../../src/scoring/rules-scorer.ts';
import { type Attempt, applyScorer, lossOf, type Score, type Scorer } from '../../../src/scoring/scorer.ts';
import { LATER_SCORER_NAMES } from '../../../src/scoring/scorers.ts';
import { sympy } from '../../../src/scoring/sympy-scorer.ts';

const context = { signal: new AbortController().signal, report: () => undefined };

const attempt = (id: string, answer: string, response: string, score?: Score): Attempt => ({
  id,
  problem: { id: `p-${answer}`, problem: '', answer },
  response,
  ...(score === undefined ? {} : { score }),
});
const withScores = (attempts: readonly Attempt[], scores: readonly (Score & { readonly id: string })[]): Attempt[] =>
  attempts.map((item) => {
    const found = scores.find(({ id }) => id === item.id);
    return found === undefined ? item : { ...item, score: found };
  });

/** A third scorer, as one that asks a model would be: decides by a mark in the response, and fails at another. */
const judge: Scorer = {
  name: 'judge',
  fingerprint: { judge: 'model and prompt' },
  wants: (score) => score?.verdict === 'undecided' && lossOf(score) === undefined,
  score: async (attempts) =>
    new Map(
      attempts.map(({ id, response }): [string, Score] => [
        id,
        response.includes('away')
          ? { verdict: 'undecided', reason: 'judge-lost: no route to host' }
          : { verdict: 'correct', reason: 'judge-equal' },
      ]),
    ),
};

const openSympy = (run: (requests: readonly ExecutionRequest[]) => Promise<readonly ExecutionResult[]>) =>
  sympy.open({ openSandbox: async () => ({ fingerprint: 'image', run }) });
const sandboxThat =
  (result: (request: ExecutionRequest) => Partial<ExecutionResult>) => (requests: readonly ExecutionRequest[]) =>
    Promise.resolve(
      requests.map(
        (request) => ({ id: request.id, end: 'ok', stdout: '', stderr: '', ...result(request) }) as ExecutionResult,
      ),
    );

// Beyond the rules: undecided by them, and translated for SymPy.
const GOLD = '\\sum_{k=1}^{n} k';
const ANSWER = '\\boxed{\\int_0^{n} (x + \\frac12) dx}';

describe('the chain of scorers', () => {
  test('rules, SymPy and a third one decide in turn; each is asked only for what is left to it', async () => {
    const attempts = [
      attempt('right', '2', '\\boxed{2}'),
      attempt('wrong', '2', '\\boxed{3}'),
      attempt('open', GOLD, ANSWER),
    ];
    const ruled = await applyScorer(rulesScorer(createGrading()), attempts, false, context);
    expect(ruled.map(({ verdict }) => verdict)).toEqual(['correct', 'incorrect', 'undecided']);
    const asked: string[] = [];
    const settled = await applyScorer(
      await openSympy(
        sandboxThat(({ id }) => {
          asked.push(id);
          return { stdout: 'verdict:unknown\n' };
        }),
      ),
      withScores(attempts, ruled),
      false,
      context,
    );
    expect(asked).toEqual(['open']);
    expect(settled.slice(0, 2)).toEqual(ruled.slice(0, 2));
    expect(settled[2]).toMatchObject({ id: 'open', verdict: 'undecided', reason: 'sympy-unknown' });
    const judged = await applyScorer(judge, withScores(attempts, settled), false, context);
    expect(judged.slice(0, 2)).toEqual(ruled.slice(0, 2));
    expect(judged[2]).toEqual({ id: 'open', verdict: 'correct', reason: 'judge-equal' });
  });

  test('a retry asks again for what the scorer itself lost, and leaves everything else', async () => {
    const undecided = (reason: string): Score => ({ verdict: 'undecided', reason });
    const attempts = [
      attempt('own', '1', 'now', undecided('judge-lost: no route to host')),
      attempt('sympys', '1', 'now', undecided('sympy-lost: no container')),
      attempt('graders', '1', 'now', { ...undecided('grader-failed'), cause: 'RangeError' }),
      attempt('open', '1', 'now', undecided('sympy-unknown')),
      attempt('decided', '1', 'now', { verdict: 'incorrect', reason: 'number-differs' }),
    ];
    const again = await applyScorer(judge, attempts, true, context);
    expect(again).toEqual(
      attempts.map(({ id, score }) =>
        id === 'own' ? { id, verdict: 'correct', reason: 'judge-equal' } : { id, ...score },
      ),
    );
  });

  test('what a scorer lost goes by its name, and nothing else is a loss', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]+$/), fc.string(), (name, cause) => {
        expect(lossOf({ reason: `${name}-lost` })).toBe(name);
        expect(lossOf({ reason: `${name}-lost: ${cause}` })).toBe(name);
        for (const end of ['failed', 'equal', 'losthing', 'lost-not'])
          expect(lossOf({ reason: `${name}-${end}` })).toBe(
            `${name}-${end}` === 'grader-failed' ? 'grader' : undefined,
          );
      }),
    );
    expect(lossOf({ reason: 'number-differs' })).toBeUndefined();
  });
});

describe('the rules', () => {
  test('a grader that throws, or can not be made, leaves its rollouts undecided with what it threw', async () => {
    const grading: Grading = {
      fingerprint: 'f',
      graderOf: ({ answer }) => {
        if (answer === 'unmakeable') throw new Error('no grader');
        return (response) => {
          if (response === 'throws') throw new RangeError('lost its way');
          return { verdict: 'correct', reason: 'equal' };
        };
      },
    };
    const attempts = [attempt('a', '1', 'throws'), attempt('b', 'unmakeable', 'x'), attempt('c', '1', 'fine')];
    expect(await applyScorer(rulesScorer(grading), attempts, false, context)).toEqual([
      { id: 'a', verdict: 'undecided', reason: 'grader-failed', cause: 'lost its way' },
      { id: 'b', verdict: 'undecided', reason: 'grader-failed', cause: 'no grader' },
      { id: 'c', verdict: 'correct', reason: 'equal' },
    ]);
  });

  test('read the gold of a problem once', async () => {
    let read = 0;
    const grading: Grading = {
      fingerprint: 'f',
      graderOf: ({ answer }) => {
        read += 1;
        return graderFor(answer);
      },
    };
    const attempts = ['1', '2'].flatMap((gold) => [0, 1, 2].map((k) => attempt(`${gold}#${k}`, gold, '\\boxed{1}')));
    await applyScorer(rulesScorer(grading), attempts, false, context);
    expect(read).toBe(2);
  });

  test('have the fingerprint of the grader and its conventions', () => {
    expect(rulesScorer(createGrading()).fingerprint).toEqual({ grader: GRADER_FINGERPRINT });
  });
});

describe('SymPy', () => {
  test.each(['\\boxed{}', 'x'.repeat(5000), '   '])(
    'is never asked where the gold can not be read: %.12s',
    async (gold) => {
      const scorer = await openSympy(() => Promise.reject(new Error('asked')));
      const open = attempt('a', gold, 'x', { verdict: 'undecided', reason: 'not-proven', answer: 'x' });
      expect(await applyScorer(scorer, [open], false, context)).toEqual([{ id: 'a', ...open.score }]);
    },
  );

  test('has grader and sandbox in its fingerprint, since both change its verdicts', async () => {
    const { fingerprint } = await openSympy(sandboxThat(() => ({})));
    expect(fingerprint).toEqual({ grader: GRADER_FINGERPRINT, sandbox: 'image' });
  });
});

describe('grading again', () => {
  const regrade = createRegrader({}, LATER_SCORER_NAMES);
  const open = { id: 'p', answer: GOLD };

  test('keeps what the grader threw at, and the verdict of a later scorer where the rules are still undecided', () => {
    for (const before of [
      { verdict: 'undecided', reason: 'grader-failed' },
      { verdict: 'correct', reason: 'sympy-equal' },
      { verdict: 'incorrect', reason: 'sympy-different' },
    ] as const)
      expect(regrade(open, ANSWER, before)).toBe(before);
  });

  test('takes the verdict of the rules everywhere else', () => {
    const two = { id: 'two', answer: '2' };
    expect(regrade(two, '\\boxed{2}', { verdict: 'incorrect', reason: 'sympy-different' }).verdict).toBe('correct');
    expect(regrade(two, '\\boxed{3}', { verdict: 'correct', reason: 'equal' }).verdict).toBe('incorrect');
  });

  test('reads golds by the conventions that it is given', () => {
    const fixed = createRegrader({ listOrder: 'fixed' }, LATER_SCORER_NAMES);
    const list = { id: 'list', answer: '1, 2' };
    const before = { verdict: 'correct', reason: 'equal' } as const;
    expect(regrade(list, '\\boxed{2, 1}', before).verdict).toBe('correct');
    expect(fixed(list, '\\boxed{2, 1}', before).verdict).toBe('incorrect');
  });
});
