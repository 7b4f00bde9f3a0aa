/** What an iteration samples: the next problems of the campaign's order, cut into shards. */

import { outputOf, runStep } from '../artifacts/step.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { showsValue, templateOf } from '../config/defaults.ts';
import { limitsOf } from '../config/execution-limits.ts';
import { readJsonLines, writeJsonLines } from '../formats/json-lines.ts';
import type { Curriculum, CurriculumState } from '../methods/curriculum.ts';
import { METHODS } from '../methods/methods.ts';
import { permutation } from '../methods/permutation.ts';
import type { IterationPlan, PlanIterationInput, ShardJob } from '../protocol/activities.ts';
import type { Counts } from '../protocol/counts.ts';
import type { Problem } from '../rollout/types.ts';
import { countByArm, cutShards, readJson, storeShards } from './shard-plan.ts';

const STAGE = { stage: 'plan', version: 2 } as const;

const CURRICULUM: Curriculum = permutation;

export async function planIteration(store: ArtifactStore, input: PlanIterationInput): Promise<IterationPlan> {
  const config = await readJson<CampaignConfig>(store, input.config);
  const { problemsPerIteration, sampling, method, seed } = config;
  const execution = { limits: limitsOf(config), ...(showsValue(config) ? { showValue: true as const } : {}) };
  const slice = { problemsPerIteration, sampling, method, template: templateOf(config), ...execution };
  const step = {
    ...STAGE,
    inputs: { problems: input.problems },
    config: { ...slice, cursor: input.cursor, iteration: input.iteration },
    seed: `${seed}`,
  };
  const manifest = await runStep(store, step, async () => {
    const all = readJsonLines<Problem>(await store.readBlob(input.problems), 'training problems');
    const request = { size: all.length, count: problemsPerIteration, seed: `${seed}` };
    const taken = CURRICULUM.take(input.cursor, request);
    const problems = taken.problems.flatMap((index) => all[index] ?? []);
    const shards = cutShards(problems, sampling.problemsPerShard, METHODS[method].arms(sampling.samplesPerArm), {
      template: slice.template,
      temperature: sampling.temperature,
      maxNewTokens: sampling.maxNewTokens,
      maxTurns: sampling.maxTurns,
      ...execution,
      ...(sampling.compute === 'fp32' ? {} : { compute: sampling.compute }),
      seed: `${seed}/${input.iteration}`,
    });
    const jobs = await storeShards(store, shards);
    return {
      outputs: {
        problems: await store.putBlob(writeJsonLines(problems)),
        shards: await store.putBlob(Buffer.from(JSON.stringify(jobs))),
      },
      facts: {
        problems: problems.length,
        nextCursor: taken.state,
        rolloutsByArm: countByArm(shards),
      },
    };
  });
  const nextCursor = manifest.facts.nextCursor as CurriculumState | undefined;
  if (nextCursor === undefined) throw new Error(`plan ${manifest.key} does not say where the next one begins`);
  const shards = await readJson<ShardJob[]>(store, outputOf(manifest, 'shards').digest);
  return { manifest: manifest.key, shards, nextCursor, rolloutsByArm: manifest.facts.rolloutsByArm as Counts };
}
