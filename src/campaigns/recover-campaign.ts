import { ifAny } from '../protocol/decode-journal.ts';
import { describeSkipped, type SkippedEntry } from '../protocol/skipped-entries.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import type { CampaignDeps } from './deps.ts';
import { record, requireCampaign } from './known-campaigns.ts';
import { readRecovery } from './recovery.ts';
import { UseCaseError } from './use-case-error.ts';

export interface Recovered {
  readonly id: string;
  readonly iterationsDone: number;
  readonly paused: boolean;
  /** Entries of the journal that this version can't read; absent if there are none. */
  readonly skipped?: readonly SkippedEntry[];
}

/**
 * Resumes a campaign that the orchestrator has lost, from the artifact store. No finished step runs again.
 *
 * @param by - The actor, for the journal
 * @throws UseCaseError `conflict` for a campaign that runs, has ended, or was never configured
 */
export async function recoverCampaign(
  deps: Pick<CampaignDeps, 'db' | 'store' | 'gateway'>,
  id: string,
  by: string | undefined,
): Promise<Recovered> {
  const { status } = await requireCampaign(deps, id);
  const run = await deps.gateway.readRunState(id);
  if (run === 'running') throw new UseCaseError('conflict', `campaign "${id}" runs; there is nothing to recover`);
  if (!isOpenStatus(status) || run === 'completed')
    throw new UseCaseError('conflict', `campaign "${id}" has ended (${status}); \`campaign extend\` goes on with it`);
  const { input, skipped } = await readRecovery(deps.store, id);
  if (input === undefined)
    throw new UseCaseError(
      'conflict',
      `the journal of campaign "${id}" holds no configuration; start a new one${skipped.length === 0 ? '' : ` (${describeSkipped(skipped)})`}`,
    );
  const iterationsDone = input.state?.iterationsDone ?? 0;
  const details = { ...(by === undefined ? {} : { by }), iterationsDone, paused: input.paused === true };
  // Recorded before the start, so that it is older than every fact of the new run.
  const at = new Date().toISOString();
  await deps.gateway.startCampaign({ ...input, begunBy: { kind: 'recovered', details } });
  await record(deps, [{ kind: 'campaign', id, status: input.paused === true ? 'paused' : 'running', at }]);
  return { id, iterationsDone, paused: input.paused === true, ...ifAny(skipped) };
}
