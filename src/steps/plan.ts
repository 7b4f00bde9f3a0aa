/** The stage `plan`: takes the curriculum's next problems for an iteration, and cuts them into shards. */

import { z } from 'zod';
import { json, jsonLines } from '../artifacts/codecs.ts';
import { defineStep } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import { gradesViolations, gradingOf, showsValue, templateOf } from '../config/defaults.ts';
import { limitsOf } from '../config/execution-limits.ts';
import { readJsonLines } from '../formats/json-lines.ts';
import { deriveSeed } from '../formats/seeds.ts';
import type { Curriculum, CurriculumState } from '../methods/curriculum.ts';
import { METHODS } from '../methods/methods.ts';
import { permutation } from '../methods/permutation.ts';
import type { IterationPlan, PlanIterationInput, ShardJob } from '../protocol/activities.ts';
import type { Problem } from '../rollout/types.ts';
import { readConfig } from './read-config.ts';
import { countByArm, cutShards, storeShards } from './shard-plan.ts';
import { countsSchema } from './step-facts.ts';

const CURRICULUM: Curriculum = permutation;

export const planStep = defineStep({
  stage: 'plan',
  version: 2,
  /** Blob of the campaign's training problems. */
  inputs: z.object({ problems: digestSchema }),
  outputs: {
    /** Those that this iteration samples. */
    problems: jsonLines<Problem>(),
    shards: json<readonly ShardJob[]>(),
  },
  facts: z.object({
    problems: z.number(),
    nextCursor: z.custom<CurriculumState>((state) => state !== undefined, 'absent: where does the next plan begin?'),
    rolloutsByArm: countsSchema,
  }),
});

export async function planIteration(store: ArtifactStore, input: PlanIterationInput): Promise<IterationPlan> {
  const config = await readConfig(store, input.config);
  const { problemsPerIteration, sampling, method, seed } = config;
  const execution = { limits: limitsOf(config), ...(showsValue(config) ? { showValue: true as const } : {}) };
  const grading = { ...gradingOf(config), ...gradesViolations(config) };
  // 0 is left out: configurations of earlier versions lack it, and the step's key stays the same.
  const { autoSamples, ...others } = sampling;
  const sampled = autoSamples > 0 ? sampling : others;
  const slice = {
    problemsPerIteration,
    sampling: sampled,
    method,
    template: templateOf(config),
    ...execution,
    ...grading,
  };
  const at = {
    inputs: { problems: input.problems },
    config: { ...slice, cursor: input.cursor, iteration: input.iteration },
    seed: deriveSeed(seed),
  };
  const { key, outputs, facts } = await planStep.run(store, at, async () => {
    const all = readJsonLines<Problem>(await store.readBlob(input.problems), 'training problems');
    const request = { size: all.length, count: problemsPerIteration, seed: deriveSeed(seed) };
    const taken = CURRICULUM.take(input.cursor, request);
    const problems = taken.problems.flatMap((index) => all[index] ?? []);
    const plans = cutShards(
      problems,
      sampling.problemsPerShard,
      METHODS[method].arms(sampling.samplesPerArm, autoSamples),
      {
        template: slice.template,
        temperature: sampling.temperature,
        maxNewTokens: sampling.maxNewTokens,
        maxTurns: sampling.maxTurns,
        ...execution,
        ...grading,
        ...(sampling.compute === 'fp32' ? {} : { compute: sampling.compute }),
        seed: deriveSeed(seed, input.iteration),
      },
    );
    return {
      outputs: { problems, shards: await storeShards(store, plans) },
      facts: { problems: problems.length, nextCursor: taken.state, rolloutsByArm: countByArm(plans) },
    };
  });
  const { nextCursor, rolloutsByArm } = facts;
  return { manifest: key, shards: await outputs.shards.read(), nextCursor, rolloutsByArm };
}
