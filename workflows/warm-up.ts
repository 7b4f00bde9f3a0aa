/** SFT before the first iteration: demonstrations in both forms, their code really run, then training. */
import type { Trained } from '../activities/types.ts';
import type { Digest } from '../src/artifacts/types.ts';
import { admit } from './admission.ts';
import { sandbox, training } from './policies.ts';

export interface WarmUpWorkflowInput {
  readonly config: Digest;
  readonly base: Digest;
}

// The sandbox worker runs one batch at a time over all its slots; a second is ready when the first ends.
const BATCHES_IN_FLIGHT = 2;

export async function warmUp(input: WarmUpWorkflowInput): Promise<Trained> {
  const { config, base } = input;
  const prepared = await training.prepareWarmUp({ config, base });
  const executions = await admit(
    prepared.batches,
    BATCHES_IN_FLIGHT,
    () => true,
    async (batch) => (await sandbox.campaigns.executeBatch({ config, batch })).manifest,
  );
  return training.warmUp({ config, base, demonstrations: prepared.manifest, executions });
}
