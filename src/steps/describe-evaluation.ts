/** What an evaluation measures, and under which id. */

import { putJson } from '../artifacts/codecs.ts';
import { digestOfJson, shortDigest } from '../artifacts/digest.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import {
  type CampaignConfig,
  type EvaluationConfig,
  type ProblemsConfig,
  VALIDATION_SUITE,
} from '../config/campaign.ts';
import { gradesViolations, gradingOf, showsValue, templateOf } from '../config/defaults.ts';
import { limitsOf } from '../config/execution-limits.ts';
import { findPinned, problemsInput } from '../config/pinned-inputs.ts';
import { checkProblems } from '../datasets/check-problems.ts';
import { readJsonLines, writeJsonLines } from '../formats/json-lines.ts';
import { deriveSeed } from '../formats/seeds.ts';
import { GRADER_FINGERPRINT } from '../grader/fingerprint.ts';
import type { Conventions } from '../grader/options.ts';
import type { EvaluationRequest } from '../protocol/activities.ts';
import { failurePolicyOf } from '../protocol/failure-budget.ts';
import type { RolloutTemplate } from '../rollout/template.ts';
import type { Arm, Problem } from '../rollout/types.ts';
import { readSandboxImageName } from '../sandbox/image-name.ts';
import type { ExecutionLimits } from '../sandbox/types.ts';

/** Everything that an evaluation's result depends on, except the checkpoint, the grader and the sandbox. */
export interface EvaluationSpec {
  /** Blob of the problems, a JSON line each: a suite is identified by its content, not by its name. */
  readonly problems: Digest;
  readonly arms: Readonly<Partial<Record<Arm, number>>>;
  readonly samples: number;
  readonly temperature: number;
  readonly maxNewTokens: number;
  readonly maxTurns: number;
  readonly problemsPerShard: number;
  readonly template: RolloutTemplate;
  readonly limits: ExecutionLimits;
  /** As in a shard's plan. */
  readonly showValue?: true;
  readonly grading?: Partial<Conventions>;
  readonly gradesViolations?: true;
  readonly seed: string;
}

export type ResolveProblems = (problems: readonly ProblemsConfig[], seed: number) => Promise<readonly Problem[]>;

export interface EvaluationDeps {
  readonly store: ArtifactStore;
  readonly resolveProblems: ResolveProblems;
}

/** How a model is prompted and what its code may use: a campaign's settings, or a campaign file's defaults. */
export interface EvaluationSettings
  extends Pick<CampaignConfig, 'template' | 'sampling' | 'execution' | 'failures' | 'grading' | 'strategy' | 'pinned'> {
  /** Of generated problems, and of the order that a limit cuts. */
  readonly seed: number;
  /** Of the rollouts; default: `seed`. */
  readonly rolloutSeed?: number;
}

/**
 * Stores what an evaluation measures and derives its id: equal requests get equal ids.
 *
 * @throws ConfigError for problems that can't be evaluated on
 */
export async function describeEvaluation(
  deps: EvaluationDeps,
  config: EvaluationSettings,
  checkpoint: Digest,
  suite: EvaluationConfig,
): Promise<EvaluationRequest> {
  const { store } = deps;
  const problems = await resolvePinned(deps, config, suite.problems);
  checkProblems(`evaluation ${suite.suite}`, problems);
  const stored = { digest: await storeProblems(store, problems), count: problems.length };
  return describeSuite(store, config, checkpoint, suite, stored);
}

/** What the campaign's start has stored of the source, else what is there now. */
export async function resolvePinned(
  { store, resolveProblems }: EvaluationDeps,
  config: Pick<EvaluationSettings, 'seed' | 'pinned'>,
  source: ProblemsConfig,
): Promise<readonly Problem[]> {
  const pinned = findPinned(config, problemsInput(source, config.seed));
  if (pinned === undefined) return resolveProblems([source], config.seed);
  return readJsonLines<Problem>(await store.readBlob(pinned), 'problems');
}

/** The evaluation on the validation problems of a campaign: greedily, in all arms. */
export async function describeValidation(
  store: ArtifactStore,
  config: EvaluationSettings,
  checkpoint: Digest,
  problems: Digest,
): Promise<EvaluationRequest> {
  const { length: count } = readJsonLines<Problem>(await store.readBlob(problems), 'validation problems');
  const suite = { suite: VALIDATION_SUITE, samples: 1, temperature: 0 };
  return describeSuite(store, config, checkpoint, suite, { digest: problems, count });
}

/** Stores problems as a blob, without what no stage reads. */
export async function storeProblems(store: ArtifactStore, problems: readonly Problem[]): Promise<Digest> {
  const lines = writeJsonLines(problems.map(({ id, problem, answer }) => ({ id, problem, answer })));
  return (await store.putBlob(lines)).digest;
}

async function describeSuite(
  store: ArtifactStore,
  config: EvaluationSettings,
  checkpoint: Digest,
  suite: Omit<EvaluationConfig, 'problems'>,
  { digest, count: all }: { readonly digest: Digest; readonly count: number },
): Promise<EvaluationRequest> {
  const arms = suite.arms ?? { auto: all, cot: all, code: all };
  const spec: EvaluationSpec = {
    problems: digest,
    arms: Object.fromEntries(Object.entries(arms).filter(([, limit]) => limit !== undefined)),
    samples: suite.samples,
    temperature: suite.temperature,
    maxNewTokens: suite.maxNewTokens ?? config.sampling.maxNewTokens,
    maxTurns: config.sampling.maxTurns,
    problemsPerShard: config.sampling.problemsPerShard,
    template: templateOf(config),
    limits: limitsOf(config),
    ...(showsValue(config) ? { showValue: true as const } : {}),
    ...gradingOf(config),
    ...gradesViolations(config),
    seed: deriveSeed('evaluation', config.rolloutSeed ?? config.seed),
  };
  const blob = await putJson(store, spec);
  // The id leaves out the versions of images and grader: the keys of the steps contain them.
  const identity = { spec, checkpoint, grader: GRADER_FINGERPRINT, sandbox: readSandboxImageName() };
  return {
    workflowId: `eval/${shortDigest(checkpoint)}/${suite.suite}/${shortDigest(digestOfJson(identity))}`,
    suite: suite.suite,
    checkpoint,
    spec: blob.digest,
    failures: failurePolicyOf(config),
  };
}
