/** The stage `sample`: one turn of a shard's rollouts. What a turn does is in `sample-turn.ts`. */
import { z } from 'zod';
import { bytes, jsonLines } from '../artifacts/codecs.ts';
import { defineStep, StoredOutput } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { DecisionPair } from '../methods/prior.ts';
import { type RolloutSummary, type RolloutTexts, readRolloutFiles, writeRolloutFiles } from '../rollout/file.ts';
import type { Rollout } from '../rollout/types.ts';
import type { Tokenizer } from '../sampler/types.ts';
import type { ExecutionRequest } from '../sandbox/types.ts';

/** log π(g_c|x) of both prefixes, by problem: the prior is computed from them. */
export interface PriorLine {
  readonly problemId: string;
  readonly logProbs: DecisionPair;
}

export const sampleStep = defineStep({
  stage: 'sample',
  version: 3,
  inputs: z.object({
    checkpoint: digestSchema,
    /** Blob of the shard's plan. */
    plan: digestSchema,
    /** Manifests of the previous turn and of the executions that it requested; absent in turn 0. */
    turn: digestSchema.exactOptional(),
    executions: digestSchema.exactOptional(),
  }),
  outputs: {
    tokens: bytes(),
    summary: jsonLines<RolloutSummary>(),
    texts: jsonLines<RolloutTexts>(),
    prior: jsonLines<PriorLine>(),
    /** Executions that the rollouts wait for. */
    snippets: jsonLines<ExecutionRequest>(),
  },
  /** How the rollouts ended; `awaiting` an execution. */
  facts: z.object({ rollouts: z.number(), awaiting: z.number() }).catchall(z.number()),
});

export type SampledStep = Awaited<ReturnType<typeof sampleStep.read>>;

/** Outputs of a turn that hold the rollouts. */
export async function storeRollouts(store: ArtifactStore, rollouts: readonly Rollout[], tokenizer: Tokenizer) {
  const files = writeRolloutFiles(rollouts, tokenizer);
  return {
    summary: new StoredOutput(await store.putBlob(files.summary)),
    tokens: new StoredOutput(await store.putBlob(files.tokens)),
    texts: new StoredOutput(await store.putBlob(files.texts)),
  };
}

export async function loadRollouts(store: ArtifactStore, { outputs }: SampledStep): Promise<Rollout[]> {
  return readRolloutFiles({
    summary: await store.readBlob(outputs.summary.digest),
    tokens: await store.readBlob(outputs.tokens.digest),
    texts: await store.readBlob(outputs.texts.digest),
  });
}
