/** SFT on demonstrations, whose code is really run: before the first iteration, or as an iteration of the method `sft`. */

import type { Digest } from '../src/artifacts/types.ts';
import type { Trained } from '../src/protocol/activities.ts';
import { admit } from './admission.ts';
import { createSignalledGate } from './gate.ts';
import { partsFor } from './parts.ts';

export interface WarmUpWorkflowInput {
  readonly config: Digest;
  readonly base: Digest;
  readonly patienceMs: number;
  readonly paused: boolean;
  /** Of the method `sft`; absent before the first iteration. */
  readonly iteration?: number;
}

// The sandbox worker runs one batch at a time over all its slots; the second batch is ready when the first ends.
const BATCHES_IN_FLIGHT = 2;

export async function warmUp(input: WarmUpWorkflowInput): Promise<Trained> {
  const { config, base, patienceMs } = input;
  const { sandbox, training } = partsFor('campaigns', patienceMs);
  const gate = createSignalledGate(input.paused);
  await gate.pass();
  const prepared = await training.prepareWarmUp({ config, base });
  const executions = await admit(
    prepared.batches,
    BATCHES_IN_FLIGHT,
    () => gate.isOpen,
    async (batch) => (await sandbox.executeBatch({ config, batch, patienceMs })).manifest,
  );
  await gate.pass();
  const at = input.iteration === undefined ? {} : { iteration: input.iteration };
  return training.warmUp({ config, base, demonstrations: prepared.manifest, executions, patienceMs, ...at });
}
