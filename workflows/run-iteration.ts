import { startChild } from '@temporalio/workflow';
import type { Digest } from '../src/artifacts/types.ts';
import type { CampaignConfig } from '../src/config/campaign.ts';
import type { CampaignState } from '../src/protocol/campaign-state.ts';
import type { Fact } from '../src/protocol/facts.ts';
import { failurePolicyOf } from '../src/protocol/failure-budget.ts';
import { iterationWorkflowId } from '../src/protocol/workflow-ids.ts';
import type { Attempt, CampaignRun } from './campaign-run.ts';
import { evaluateCheckpoint } from './evaluate-checkpoint.ts';
import type { IterationResult, iteration } from './iteration.ts';
import { control, stepRecords } from './policies.ts';
import type { warmUp } from './warm-up.ts';

export type IterationOutcome =
  | { readonly kind: 'completed'; readonly state: CampaignState }
  | { readonly kind: 'no-signal'; readonly state: CampaignState; readonly reason: string };

/** Runs the next iteration of a campaign with its evaluations, and returns the next state. */
export async function runIteration(run: CampaignRun, state: CampaignState): Promise<IterationOutcome> {
  const { campaignId, settings } = run;
  const number = state.iterationsDone + 1;
  const from = state.head ?? state.base;
  const fact = (
    rest: Partial<Extract<Fact, { kind: 'iteration' }>> & { status: 'running' | 'completed' | 'failed' | 'no-signal' },
  ): Fact => ({
    kind: 'iteration',
    campaignId,
    iteration: number,
    from,
    config: settings.now.digest,
    at: new Date().toISOString(),
    ...rest,
  });
  settings.begin(number);
  run.update({ iteration: number, stage: 'plan', shardsDone: 0, shards: 0 });
  const result = await run.attempt(
    `iteration ${number}`,
    async (attempt): Promise<IterationResult> => {
      await run.untilResumed();
      await stepRecords.recordFacts({ facts: [fact({ status: 'running' })] });
      return await runAttempt(run, state, number, attempt);
    },
    (reason) => [fact({ status: 'failed', reason })],
  );
  const after = (): CampaignState => ({ ...settings.carriedBy(state), cursor: result.nextCursor });
  run.probedWith = settings.now.digest;
  if (result.kind === 'no-signal') {
    const why = result.explanation ?? 'nothing is left to learn from them';
    const reason = `iteration ${number}: none of ${result.counts.problems ?? 0} problems carries a signal; ${why}`;
    return run.attempt(`recording iteration ${number}`, async (): Promise<IterationOutcome> => {
      await stepRecords.recordFacts({ facts: [fact({ status: 'no-signal', reason })] });
      const ended = after();
      await run.writeState(ended);
      return { kind: 'no-signal', state: ended, reason };
    });
  }
  const head = result.checkpoint;
  return run.attempt(
    `the evaluation after iteration ${number}`,
    async ({ acceptsFailures }): Promise<IterationOutcome> => {
      const at = new Date().toISOString();
      await stepRecords.recordFacts({
        facts: [
          { kind: 'checkpoint', digest: head, campaignId, iteration: number, parent: from, at },
          fact({ status: 'completed', to: head, metrics: result.metrics }),
        ],
      });
      run.update({ head, stage: 'evaluate' });
      await run.untilResumed();
      const config = settings.now.digest;
      const { validation } = state;
      const isEnd = number >= run.view.iterationsPlanned;
      const what = { campaignId, iteration: number, isEnd, config, checkpoint: head, validation, acceptsFailures };
      await evaluateCheckpoint(what, run.gate);
      const next = (await rollBack(run, number)) ?? head;
      const done: CampaignState = {
        ...after(),
        head: next,
        iterationsDone: number,
        iterationsPlanned: run.view.iterationsPlanned,
      };
      run.update({ head: next, iterationsDone: number });
      await stepRecords.recordFacts({ facts: [run.fact({ head: next, iterationsDone: number })] });
      await run.writeState(done);
      return { kind: 'completed', state: done };
    },
  );
}

/** The checkpoint to go on from where the iteration lost on the validation problems and the settings say so. */
async function rollBack(run: CampaignRun, iteration: number): Promise<Digest | undefined> {
  const { campaignId, settings } = run;
  if (settings.now.config.validation?.rollback !== true) return undefined;
  const rollback = await control.findRollback({ campaignId, iteration });
  if (rollback === null) return undefined;
  await run.note({ kind: 'rolled-back', details: { iteration, ...rollback } });
  return rollback.checkpoint;
}

async function runAttempt(
  run: CampaignRun,
  state: CampaignState,
  number: number,
  attempt: Attempt,
): Promise<IterationResult> {
  const { config, digest } = run.settings.now;
  if (trainsOnDemonstrations(config)) return trainOnDemonstrations(run, state, number, attempt);
  return run.follow((paused) =>
    startChild<typeof iteration>('iteration', {
      workflowId: iterationWorkflowId(run.campaignId, number, attempt.number),
      args: [
        {
          campaignId: run.campaignId,
          iteration: number,
          attempt: attempt.number,
          config: digest,
          problems: state.problems,
          checkpoint: state.head ?? state.base,
          ...(state.start === undefined ? {} : { start: state.start }),
          cursor: state.cursor,
          shardsInFlight: config.sampling.shardsInFlight,
          paused,
          failures: failurePolicyOf(config, attempt.acceptsFailures),
          retriesFailed: attempt.retriesFailed,
          probes: run.probedWith !== digest,
        },
      ],
    }),
  );
}

/**
 * Whether the method is `sft` of today. A campaign that version 0.1 began may have that name for rejection fine-tuning;
 * its settings have no `strategy.distinct`.
 */
export const trainsOnDemonstrations = ({ method, strategy }: CampaignConfig): boolean =>
  method === 'sft' && 'distinct' in strategy;

/** An iteration of the method `sft`: its training is that of a warm-up, from the campaign's head. */
async function trainOnDemonstrations(
  run: CampaignRun,
  state: CampaignState,
  number: number,
  attempt: Attempt,
): Promise<IterationResult> {
  const { campaignId } = run;
  const { config, digest } = run.settings.now;
  const { patienceMs } = failurePolicyOf(config);
  const stage = { kind: 'stage', campaignId, iteration: number, stage: 'train' } as const;
  run.update({ stage: 'train' });
  await stepRecords.recordFacts({ facts: [{ ...stage, status: 'running', at: new Date().toISOString() }] });
  const { manifest, counts, metrics, checkpoint } = await run.follow((paused) =>
    startChild<typeof warmUp>('warmUp', {
      workflowId: iterationWorkflowId(campaignId, number, attempt.number),
      args: [{ config: digest, base: state.head ?? state.base, patienceMs, paused, iteration: number }],
    }),
  );
  await stepRecords.recordFacts({
    facts: [{ ...stage, status: 'completed', manifest, counts, at: new Date().toISOString() }],
  });
  return { kind: 'completed', checkpoint, nextCursor: state.cursor, metrics };
}
