/**
 * Replays steps and compares them with the stored ones. Each step gets the original inputs, so that a difference is
 * reported at the step that causes it. A replayed step stores only a record of the comparison, from which a killed
 * replay resumes.
 */

import { CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import { putJson, readJson } from '../artifacts/codecs.ts';
import { defineStep, requireManifest } from '../artifacts/define-step.ts';
import { digestSchema } from '../artifacts/step-inputs.ts';
import { StoreError } from '../artifacts/store-error.ts';
import type { ArtifactStore, Digest, Manifest } from '../artifacts/types.ts';
import { applySettings } from '../config/settings.ts';
import type { OpenedReplay, OpenReplayInput, ReplayShardInput, ReplayStepInput } from '../protocol/activities.ts';
import { failurePolicyOf } from '../protocol/failure-budget.ts';
import type { StepComparison, StoredIteration, StoredShard } from '../protocol/replay-report.ts';
import type { ReplayStage } from '../protocol/stages.ts';
import { readConfig } from '../steps/read-config.ts';
import { StepFailure } from '../steps/step-failure.ts';
import { createComparingStore, type Outcome } from './comparing-store.ts';
import { findIteration, NoSuchIteration } from './find-iteration.ts';

/** The input of a replay: the stored iteration, and its settings with the requested changes. */
export interface ReplayPlan extends StoredIteration {
  readonly patienceMs: number;
}

/** The comparison of a replayed step with the stored one. */
const replayRecord = defineStep({
  stage: 'replay',
  version: 1,
  inputs: z.object({
    /** Blob of the replay's plan. */
    plan: digestSchema,
    /** Manifest of the step as stored. */
    original: digestSchema.exactOptional(),
  }),
  outputs: {},
  facts: z.custom<Outcome & Readonly<Record<string, unknown>>>(
    (facts) => typeof facts === 'object' && facts !== null && 'verdict' in facts,
    'no verdict',
  ),
});

export async function openReplay(store: ArtifactStore, input: OpenReplayInput): Promise<OpenedReplay> {
  const stored = await findIteration(store, input.campaignId, input.iteration).catch((error: unknown) => {
    throw error instanceof NoSuchIteration ? new StepFailure('bad-input', error.message) : error;
  });
  const config = await readConfig(store, stored.config);
  const changed = applySettings(config, input.settings);
  const isChanged = Object.keys(input.settings).length > 0;
  const digest = isChanged ? (await putJson(store, changed)).digest : stored.config;
  const { patienceMs } = failurePolicyOf(changed);
  const plan: ReplayPlan = { ...stored, config: digest, patienceMs };
  const { digest: blob } = await putJson(store, plan);
  return { plan: blob, shards: stored.shards.length, patienceMs };
}

export const readReplayPlan = (store: ArtifactStore, { plan }: ReplayStepInput): Promise<ReplayPlan> =>
  readJson<ReplayPlan>(store, plan);

export async function readReplayedShard(
  store: ArtifactStore,
  input: ReplayShardInput,
): Promise<{ readonly plan: ReplayPlan; readonly shard: StoredShard }> {
  const plan = await readReplayPlan(store, input);
  const shard = plan.shards[input.shard];
  if (shard === undefined) throw new Error(`replay ${input.replay} has no shard ${input.shard}`);
  return { plan, shard };
}

export interface ReplayedStep {
  readonly stage: ReplayStage;
  readonly step: string;
  /** Manifest of the stored step; undefined if the iteration did not get there. */
  readonly original: Digest | undefined;
}

/** Replays the step in a comparing store and records the comparison. `redo` gets that store and the original manifest. */
export async function replayStep(
  store: ArtifactStore,
  { replay, plan }: ReplayStepInput,
  { stage, step, original }: ReplayedStep,
  redo: (comparing: ArtifactStore, original: Manifest | undefined) => Promise<unknown>,
): Promise<StepComparison> {
  const inputs = { plan, ...(original === undefined ? {} : { original }) };
  const { facts } = await replayRecord.run(store, { inputs, config: { stage, step }, seed: replay }, async () => {
    const manifest = original === undefined ? undefined : await requireManifest(store, original);
    return { outputs: {}, facts: { ...(await compareOnce(store, manifest, redo)) } };
  });
  return { stage, step, ...facts };
}

async function compareOnce(
  store: ArtifactStore,
  original: Manifest | undefined,
  redo: (comparing: ArtifactStore, original: Manifest | undefined) => Promise<unknown>,
): Promise<Outcome> {
  const comparing = createComparingStore(store, original);
  try {
    await redo(comparing, original);
  } catch (error) {
    const outcome = comparing.outcome();
    if (error instanceof CancelledFailure || outcome?.verdict !== 'unreadable') throw error;
    return outcome;
  }
  const outcome = comparing.outcome();
  if (outcome === undefined) throw new Error('a replayed step ended without a result');
  return outcome;
}

/** The record of a step that is not stored and therefore not replayed. */
export const notStored = (stage: ReplayStage, step: string): StepComparison => ({ stage, step, verdict: 'not-stored' });

/** The shards whose turns, executions or grades are damaged, so that a later step can't read them. */
export async function findDamage(store: ArtifactStore, input: ReplayStepInput): Promise<number[]> {
  const { shards } = await readReplayPlan(store, input);
  const found: number[] = [];
  for (const [at, { turns, executions, grades }] of shards.entries()) {
    const keys = [...turns, ...executions.map(({ execution }) => execution), ...(grades === undefined ? [] : [grades])];
    if (await isDamaged(store, keys)) found.push(at);
  }
  return found;
}

async function isDamaged(store: ArtifactStore, keys: readonly Digest[]): Promise<boolean> {
  for (const key of keys) {
    for (const { digest } of Object.values((await requireManifest(store, key)).outputs)) {
      try {
        await store.readBlob(digest);
      } catch (error) {
        if (error instanceof StoreError && (error.code === 'blob-damaged' || error.code === 'blob-missing'))
          return true;
        throw error;
      }
    }
  }
  return false;
}
