import { startChild } from '@temporalio/workflow';
import type { Fact } from '../src/db/facts.ts';
import type { CampaignControls } from './campaign-controls.ts';
import type { CampaignInput, CampaignState } from './campaign-state.ts';
import { evaluateCheckpoint } from './evaluate-checkpoint.ts';
import type { IterationResult, iteration } from './iteration.ts';
import { iterationWorkflowId } from './messages.ts';
import { stepRecords } from './policies.ts';

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
  const { settings } = controls;
  const number = state.iterationsDone + 1;
  const from = state.head ?? state.base;
  const fact = (
    rest: Partial<Extract<Fact, { kind: 'iteration' }>> & { status: 'running' | 'completed' | 'failed' | 'no-signal' },
  ): Fact => ({
    kind: 'iteration',
    campaignId,
    iteration: number,
    from,
    config: settings.now().digest,
    at: new Date().toISOString(),
    ...rest,
  });
  settings.begin(number);
  controls.update({ iteration: number, stage: 'plan', shardsDone: 0, shards: 0 });
  const result = await controls.attempt(
    `iteration ${number}`,
    async (attempt): Promise<IterationResult> => {
      await stepRecords.recordFacts({ facts: [fact({ status: 'running' })] });
      return await runAttempt(input, controls, state, number, attempt);
    },
    (reason) => [fact({ status: 'failed', reason })],
  );
  const after = { ...state, cursor: result.nextCursor };
  if (result.kind === 'no-signal') {
    const reason = `iteration ${number}: none of ${result.counts.problems ?? 0} problems carries a signal; nothing is left to learn from them`;
    await controls.attempt(`recording iteration ${number}`, () =>
      stepRecords.recordFacts({ facts: [fact({ status: 'no-signal', reason })] }),
    );
    return { kind: 'no-signal', state: after, reason };
  }
  const head = result.checkpoint;
  return controls.attempt(`the evaluation after iteration ${number}`, async (): Promise<IterationOutcome> => {
    const at = new Date().toISOString();
    await stepRecords.recordFacts({
      facts: [
        { kind: 'checkpoint', digest: head, campaignId, iteration: number, parent: from, at },
        fact({ status: 'completed', to: head, metrics: result.metrics }),
      ],
    });
    controls.update({ head, stage: 'evaluate' });
    await evaluateCheckpoint({ campaignId, iteration: number, config: settings.now().digest, checkpoint: head });
    const done: CampaignState = {
      ...after,
      config: (settings.next() ?? settings.now()).digest,
      head,
      iterationsDone: number,
      iterationsPlanned: controls.view().iterationsPlanned,
    };
    controls.update({ iterationsDone: number });
    await stepRecords.recordFacts({ facts: [controls.fact({ head, iterationsDone: number })] });
    const details = { ...done };
    await stepRecords.writeJournal({ campaignId, at: new Date().toISOString(), kind: 'state', details });
    return { kind: 'completed', state: done };
  });
}

async function runAttempt(
  input: CampaignInput,
  controls: CampaignControls,
  state: CampaignState,
  number: number,
  attempt: number,
): Promise<IterationResult> {
  const { config, digest } = controls.settings.now();
  return controls.follow((paused) =>
    startChild<typeof iteration>('iteration', {
      workflowId: iterationWorkflowId(input.campaignId, number, attempt),
      args: [
        {
          campaignId: input.campaignId,
          iteration: number,
          attempt,
          config: digest,
          problems: state.problems,
          checkpoint: state.head ?? state.base,
          cursor: state.cursor,
          shardsInFlight: config.sampling.shardsInFlight,
          paused,
        },
      ],
    }),
  );
}
