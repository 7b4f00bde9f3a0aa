/** The stage `plan-evaluation`: cuts the problems of an evaluation into shards. */
import { z } from 'zod';
import { json, readJson } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { readJsonLines } from '../formats/json-lines.ts';
import type { SamplingPlan, ShardJob } from '../protocol/activities.ts';
import { ARMS, type Problem } from '../rollout/types.ts';
import type { EvaluationSpec } from './describe-evaluation.ts';
import { countByArm, cutShards, storeShards } from './shard-plan.ts';
import { countsSchema } from './step-facts.ts';

const planEvaluationStep = defineStep({
  stage: 'plan-evaluation',
  version: 2,
  /** Blob of an EvaluationSpec. */
  inputs: z.object({ spec: digestSchema }),
  outputs: { shards: json<readonly ShardJob[]>() },
  facts: z.object({ problems: z.number(), rolloutsByArm: countsSchema }),
});

export async function planEvaluation(store: ArtifactStore, specDigest: Digest): Promise<SamplingPlan> {
  const at = { inputs: { spec: specDigest }, config: null };
  const { key, outputs, facts } = await planEvaluationStep.run(store, at, async () => {
    const spec = await readJson<EvaluationSpec>(store, specDigest);
    const problems = readJsonLines<Problem>(await store.readBlob(spec.problems), 'evaluation problems');
    const {
      template,
      temperature,
      maxNewTokens,
      maxTurns,
      limits,
      showValue,
      grading,
      gradesViolations,
      seed,
      samples,
    } = spec;
    const arms = ARMS.flatMap((arm) => {
      const limit = spec.arms[arm];
      return limit === undefined ? [] : [{ arm, samples, limit }];
    });
    const values = {
      ...(showValue === undefined ? {} : { showValue }),
      ...(grading === undefined ? {} : { grading }),
      ...(gradesViolations === undefined ? {} : { gradesViolations }),
    };
    const rest = { template, temperature, maxNewTokens, maxTurns, limits, ...values, seed };
    const plans = cutShards(problems, spec.problemsPerShard, arms, rest);
    return {
      outputs: { shards: await storeShards(store, plans) },
      facts: { problems: problems.length, rolloutsByArm: countByArm(plans) },
    };
  });
  return { manifest: key, shards: await outputs.shards.read(), rolloutsByArm: facts.rolloutsByArm };
}
