import { CancellationScope, isCancellation, startChild } from '@temporalio/workflow';
import type { Fact } from '../src/db/facts.ts';
import type { CampaignControls } from './campaign-controls.ts';
import type { CampaignInput, CampaignState } from './campaign-state.ts';
import { evaluateCheckpoint } from './evaluate-checkpoint.ts';
import { describeFailure } from './failures.ts';
import type { IterationResult, iteration } from './iteration.ts';
import { iterationWorkflowId } from './messages.ts';
import { control } from './policies.ts';

export type IterationOutcome =
  | { readonly kind: 'completed'; readonly state: CampaignState }
  | { readonly kind: 'no-signal'; readonly state: CampaignState; readonly reason: string };

/** The next iteration of a campaign with its evaluations: from a state to the next. */
export async function runIteration(
  input: CampaignInput,
  controls: CampaignControls,
  state: CampaignState,
): Promise<IterationOutcome> {
  const { campaignId } = input;
  const number = state.iterationsDone + 1;
  const from = state.head ?? state.base;
  const fact = (
    rest: Partial<Extract<Fact, { kind: 'iteration' }>> & { status: 'running' | 'completed' | 'failed' | 'no-signal' },
  ): Fact => ({
    kind: 'iteration',
    campaignId,
    iteration: number,
    from,
    at: new Date().toISOString(),
    ...rest,
  });
  controls.update({ iteration: number, stage: 'plan', shardsDone: 0, shards: 0 });
  const result = await controls.attempt(`iteration ${number}`, async (attempt): Promise<IterationResult> => {
    await control.recordFacts({ facts: [fact({ status: 'running' })] });
    try {
      return await runAttempt(input, controls, state, number, attempt);
    } catch (error) {
      const reason = isCancellation(error) ? 'stopped by a person' : describeFailure(error).message;
      await CancellationScope.nonCancellable(() =>
        control.recordFacts({ facts: [fact({ status: 'failed', reason })] }),
      );
      throw error;
    }
  });
  const after = { ...state, cursor: result.nextCursor };
  if (result.kind === 'no-signal') {
    const reason = `iteration ${number}: none of ${result.counts.problems ?? 0} problems carries a signal; nothing is left to learn from them`;
    await control.recordFacts({ facts: [fact({ status: 'no-signal', reason })] });
    return { kind: 'no-signal', state: after, reason };
  }
  const head = result.checkpoint;
  await control.recordFacts({
    facts: [
      { kind: 'checkpoint', digest: head, campaignId, iteration: number, parent: from, at: new Date().toISOString() },
      fact({ status: 'completed', to: head, metrics: result.metrics }),
    ],
  });
  controls.update({ head, stage: 'evaluate' });
  await evaluateCheckpoint({ campaignId, iteration: number, config: state.config, checkpoint: head });
  const done: CampaignState = {
    ...after,
    head,
    iterationsDone: number,
    iterationsPlanned: controls.view().iterationsPlanned,
  };
  controls.update({ iterationsDone: number });
  await controls.tell(controls.view().status, { head, iterationsDone: number });
  await control.writeJournal({ campaignId, at: new Date().toISOString(), kind: 'state', details: { ...done } });
  return { kind: 'completed', state: done };
}

async function runAttempt(
  input: CampaignInput,
  controls: CampaignControls,
  state: CampaignState,
  number: number,
  attempt: number,
): Promise<IterationResult> {
  const child = await startChild<typeof iteration>('iteration', {
    workflowId: iterationWorkflowId(input.campaignId, number, attempt),
    args: [
      {
        campaignId: input.campaignId,
        iteration: number,
        attempt,
        config: state.config,
        problems: state.problems,
        checkpoint: state.head ?? state.base,
        cursor: state.cursor,
        shardsInFlight: input.config.sampling.shardsInFlight,
        paused: controls.view().paused,
      },
    ],
  });
  return controls.follow(child, () => child.result());
}
