/** The stages of grading over a chain with a scorer more than there is: what one more file and line have to give. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { ArtifactStore, Digest } from '../../../src/artifacts/types.ts';
import { canonicalJson } from '../../../src/formats/canonical-json.ts';
import type { RolloutEnd } from '../../../src/rollout/types.ts';
import type { ExecutionRequest, ExecutionResult, Sandbox } from '../../../src/sandbox/types.ts';
import type { Grading } from '../../../src/scoring/rules-scorer.ts';
import { type LaterScorer, lossOf, type Score } from '../../../src/scoring/scorer.ts';
import { sympy } from '../../../src/scoring/sympy-scorer.ts';
import { gradeShard } from '../../../src/steps/grade.ts';
import { sampleStep } from '../../../src/steps/sample.ts';
import { readGrades, settleGrades } from '../../../src/steps/settle.ts';

let folder: string;
let store: ArtifactStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scorers-'));
  store = await openStore(join(folder, 'store'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const context = { signal: new AbortController().signal, report: () => undefined };
const grading: Grading = {
  fingerprint: 'rules',
  graderOf:
    ({ answer }) =>
    (response) =>
      response.startsWith('open')
        ? { verdict: 'undecided', reason: 'no-rule', answer: response }
        : { verdict: response === answer ? 'correct' : 'incorrect', reason: 'text', answer: response },
};

/** A shard with one rollout a response, all of one problem. */
async function storeShard(
  responses: readonly string[],
  rules: { readonly gradesViolations?: true; readonly state?: RolloutEnd } = {},
): Promise<{ readonly plan: Digest; readonly rollouts: Digest }> {
  const { state = 'completed', ...ofPlan } = rules;
  const shard = { problems: [{ id: 'p', problem: '', answer: '2' }], limits: {}, ...ofPlan };
  const { digest: plan } = await store.putBlob(Buffer.from(canonicalJson(shard)));
  const rollout = (k: number) => ({ id: `p#code#${k}`, problemId: 'p', arm: 'code', sample: k, state });
  const at = { inputs: { checkpoint: plan, plan }, config: state };
  const done = await sampleStep.run(store, at, async () => ({
    outputs: {
      tokens: Buffer.alloc(0),
      summary: responses.map((_, k) => rollout(k) as never),
      texts: responses.map(
        (text, k) => ({ id: `p#code#${k}`, segments: [{ by: 'model', text }], blocks: [] }) as never,
      ),
      prior: [],
      snippets: [],
    },
    facts: { rollouts: responses.length, awaiting: 0 },
  }));
  return { plan, rollouts: done.key };
}

/** A sandbox that SymPy says nothing in. */
const sandbox = {
  fingerprint: 'image',
  run: (requests: readonly ExecutionRequest[]) =>
    Promise.resolve(requests.map(({ id }) => ({ id, end: 'ok', stdout: 'verdict:unknown\n' }) as ExecutionResult)),
} as unknown as Sandbox;

const judgeThat = (isAway: () => boolean): LaterScorer => ({
  name: 'judge',
  open: async () => ({
    name: 'judge',
    fingerprint: { judge: 'prompt 1' },
    wants: (score) => score?.verdict === 'undecided' && lossOf(score) === undefined,
    score: async (attempts) =>
      new Map(
        attempts.map(({ id, response }): [string, Score] => [
          id,
          isAway()
            ? { verdict: 'undecided', reason: 'judge-lost: no route to host' }
            : { verdict: response.endsWith('2') ? 'correct' : 'incorrect', reason: 'judge-said' },
        ]),
      ),
  }),
});

test('a third scorer decides what is left, counts what it lost by its name, and is asked for that again', async () => {
  const shard = await storeShard(['2', '3', 'open 2', 'open 3']);
  const graded = await gradeShard(store, grading, { ...shard, retriesFailed: false }, context);
  expect(graded.counts).toEqual({
    graded: 4,
    'grade.correct': 1,
    'grade.incorrect': 1,
    'grade.undecided': 2,
    'undecided.code': 2,
  });
  let isAway = true;
  const scorers = [sympy, judgeThat(() => isAway)];
  const settle = (retriesFailed: boolean, chain: readonly LaterScorer[] = scorers) =>
    settleGrades(
      { store, sandboxFor: async () => sandbox },
      { grades: graded.manifest, retriesFailed, patienceMs: 1000 },
      context,
      chain,
    );
  const lost = await settle(false);
  expect(lost).toMatchObject({ counts: { 'failed.code.judge': 2 }, cause: 'judge-lost: no route to host' });
  expect(lost.counts['undecided.code']).toBeUndefined();
  isAway = false;
  expect((await settle(false)).manifest).toBe(lost.manifest);
  const done = await settle(true);
  expect(done.counts).toEqual({ graded: 4, 'grade.correct': 2, 'grade.incorrect': 2 });
  const lines = await (await readGrades(store, done.manifest)).outputs.grades.read();
  expect(lines.map(({ verdict, reason }) => `${verdict} ${reason}`)).toEqual([
    'correct text',
    'incorrect text',
    'correct judge-said',
    'incorrect judge-said',
  ]);
  // The step of a scorer does not depend on those after it.
  const alone = await settle(false, [sympy]);
  const judged = await store.readManifest(done.manifest);
  expect(judged?.step.inputs.grades).toBe(alone.manifest);
});

test('violations are graded where the plan says so; truncated and lost rollouts never', async () => {
  const gradesOf = async (rules: { readonly gradesViolations?: true; readonly state: RolloutEnd }) => {
    const shard = await storeShard(['2', '3'], rules);
    const { manifest } = await gradeShard(store, grading, { ...shard, retriesFailed: false }, context);
    return (await (await readGrades(store, manifest)).outputs.grades.read()).map(({ verdict }) => verdict);
  };
  expect(await gradesOf({ state: 'violation' })).toEqual([]);
  expect(await gradesOf({ state: 'violation', gradesViolations: true })).toEqual(['correct', 'incorrect']);
  for (const state of ['truncated', 'infrastructure'] as const)
    expect(await gradesOf({ state, gradesViolations: true })).toEqual([]);
});
