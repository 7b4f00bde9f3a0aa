/**
 * A campaign: warm-up, evaluation of the start, then iterations, each followed by its evaluations. A step that fails
 * leaves it `blocked` until a person answers; it never retries without end and never skips the step.
 */

import {
  allHandlersFinished,
  CancellationScope,
  ContinueAsNew,
  condition,
  continueAsNew,
  isCancellation,
  startChild,
  TemporalFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Digest } from '../src/artifacts/types.ts';
import type { CampaignConfig } from '../src/config/campaign.ts';
import { type CampaignInput, type CampaignResult, CURRICULUM_START } from '../src/protocol/campaign-input.ts';
import type { CampaignState } from '../src/protocol/campaign-state.ts';
import type { Fact } from '../src/protocol/facts.ts';
import { failurePolicyOf } from '../src/protocol/failure-budget.ts';
import { describeFailure } from '../src/protocol/failures.ts';
import { CAMPAIGN_ATTRIBUTE, warmUpWorkflowId } from '../src/protocol/workflow-ids.ts';
import { Aborted } from './blocked-step.ts';
import { CampaignRun } from './campaign-run.ts';
import { evaluateCheckpoint } from './evaluate-checkpoint.ts';
import { partsFor } from './parts.ts';
import { control, stepRecords } from './policies.ts';
import { runIteration, trainsOnDemonstrations } from './run-iteration.ts';
import type { warmUp } from './warm-up.ts';

// Bounds replay time and picks up new code, where the server does not suggest continue-as-new.
const ITERATIONS_PER_RUN = 20;

export async function campaign(input: CampaignInput): Promise<CampaignResult> {
  upsertSearchAttributes([{ key: CAMPAIGN_ATTRIBUTE, value: input.campaignId }]);
  const run = new CampaignRun(input);
  try {
    return await run.scope.run(async () => {
      const outcome = await iterate(run, input);
      return run.end(outcome.status, outcome.reason);
    });
  } catch (error) {
    if (error instanceof Aborted) return run.end('failed', error.message);
    if (isCancellation(error)) return CancellationScope.nonCancellable(() => run.end('stopped', 'stopped by a person'));
    // A bug in this code fails the workflow task, not the workflow: corrected code continues from the history.
    if (error instanceof ContinueAsNew || !(error instanceof TemporalFailure)) throw error;
    // Records a failure outside of any attempt, so that the database does not show the campaign as running for ever.
    return run.end('failed', describeFailure(error).message);
  }
}

/** The section was called `warmUp` in version 0.1, which may have begun the campaign. */
const hasSft = (config: CampaignConfig): boolean => config.sft !== undefined || 'warmUp' in config;

type Outcome = Pick<CampaignResult, 'status' | 'reason'>;

async function iterate(run: CampaignRun, input: CampaignInput): Promise<Outcome> {
  if (input.begunBy !== undefined) await run.note(input.begunBy);
  let state = input.state ?? (await open(run, input));
  run.state = state;
  if (state.head === undefined || !state.isStartEvaluated) {
    state = await start(run, input, state);
    run.state = state;
  }
  const { iterationsPerRun = ITERATIONS_PER_RUN } = input;
  for (let iterationsThisRun = 0; ; iterationsThisRun += 1) {
    await run.untilResumed();
    if (run.stopsAfterIteration) return { status: 'stopped', reason: 'stopped by a person' };
    if (state.iterationsDone >= run.view.iterationsPlanned) {
      // An extension that is being handled counts before the campaign ends.
      await condition(allHandlersFinished);
      if (state.iterationsDone >= run.view.iterationsPlanned) return { status: 'completed' };
    }
    if (iterationsThisRun >= iterationsPerRun || workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof campaign>(nextRun(run, state, iterationsPerRun));
    }
    const next = await runIteration(run, state);
    state = next.state;
    run.state = state;
    if (next.kind === 'no-signal') return { status: 'no-signal', reason: next.reason };
    await collectCheckpoints(run);
  }
}

/** The input of the run that continues from where this one ends. */
function nextRun(run: CampaignRun, state: CampaignState, iterationsPerRun: number): CampaignInput {
  const { campaignId, settings, view, stopsAfterIteration, seen } = run;
  const { config, digest } = settings.next ?? settings.now;
  return {
    campaignId,
    config,
    state: { ...state, config: digest, iterationsPlanned: view.iterationsPlanned },
    paused: view.paused,
    stopsAfterIteration,
    seenRequests: seen.ids,
    iterationsPerRun,
  };
}

/** Collects unneeded checkpoints if the settings say so. A failure stops nothing: the next iteration tries again. */
async function collectCheckpoints(run: CampaignRun): Promise<void> {
  const { campaignId, settings } = run;
  const { keepLast } = settings.now.config.checkpoints ?? {};
  if (keepLast === undefined) return;
  try {
    await control.collectCheckpoints({ campaignId, keepLast });
  } catch (error) {
    if (isCancellation(error)) throw error;
    await run.note({ kind: 'collection-failed', details: { reason: describeFailure(error).message } });
  }
}

/** Resolves problems and model before any work, so that invalid ones are refused here. */
async function open(run: CampaignRun, { config, forkedFrom }: CampaignInput): Promise<CampaignState> {
  const { campaignId, view } = run;
  const { iterationsDone, iterationsPlanned } = view;
  const origin = forkedFrom === undefined ? {} : { forkedFrom };
  await run.setStatus(view.status, { config, iterationsPlanned, iterationsDone, ...origin });
  return run.attempt('opening the campaign', async () => {
    const opened = await control.openCampaign({ campaignId, config });
    run.settings.opened(opened.config);
    const { training } = partsFor('campaigns', failurePolicyOf(config).patienceMs);
    const begin =
      forkedFrom === undefined
        ? { ...(await training.resolveModel({ config: opened.config })), cursor: CURRICULUM_START }
        : {
            base: forkedFrom.base,
            head: forkedFrom.checkpoint,
            // A different problem set gets a new order.
            cursor: forkedFrom.problems === opened.problems ? forkedFrom.cursor : CURRICULUM_START,
          };
    const state: CampaignState = {
      config: opened.config,
      problems: opened.problems,
      ...(opened.validation === undefined ? {} : { validation: opened.validation }),
      ...begin,
      isStartEvaluated: false,
      iterationsDone,
      iterationsPlanned: run.view.iterationsPlanned,
    };
    await run.writeState(state);
    return state;
  });
}

/** The checkpoint that the first iteration starts from (iteration 0, or that of a fork), and its evaluation. */
async function start(run: CampaignRun, { config }: CampaignInput, state: CampaignState): Promise<CampaignState> {
  const { campaignId, settings } = run;
  const isWarmed = hasSft(config) && !trainsOnDemonstrations(config);
  const head = state.head ?? (isWarmed ? await warm(run, state) : state.base);
  const parent = head === state.base ? {} : { parent: state.base };
  const iteration = state.iterationsDone;
  return run.attempt('the evaluation of the start', async ({ acceptsFailures }) => {
    await run.untilResumed();
    const at = new Date().toISOString();
    await stepRecords.recordFacts({
      facts: [{ kind: 'checkpoint', digest: head, campaignId, iteration, at, ...parent }],
    });
    run.update({ head, stage: 'evaluate' });
    await stepRecords.recordFacts({ facts: [run.fact({ head })] });
    const { validation } = state;
    const config = settings.now.digest;
    const what = { campaignId, iteration, isEnd: true, config, checkpoint: head, validation, acceptsFailures };
    await evaluateCheckpoint(what, run.gate);
    const started = { ...settings.carriedBy(state), head, start: head, isStartEvaluated: true };
    await run.writeState(started);
    return started;
  });
}

async function warm(run: CampaignRun, state: CampaignState): Promise<Digest> {
  const { campaignId } = run;
  const stage = (rest: Pick<Extract<Fact, { kind: 'stage' }>, 'status' | 'manifest' | 'counts' | 'reason'>): Fact => ({
    kind: 'stage',
    campaignId,
    iteration: 0,
    stage: 'warm-up',
    at: new Date().toISOString(),
    ...rest,
  });
  run.update({ stage: 'warm-up' });
  return run.attempt(
    'the warm-up',
    async ({ number }) => {
      await run.untilResumed();
      await stepRecords.recordFacts({ facts: [stage({ status: 'running' })] });
      // A retry may have changed the settings.
      const { config, digest } = run.settings.now;
      const { patienceMs } = failurePolicyOf(config);
      const { manifest, counts, checkpoint } = await run.follow((paused) =>
        startChild<typeof warmUp>('warmUp', {
          workflowId: warmUpWorkflowId(campaignId, number),
          args: [{ config: digest, base: state.base, patienceMs, paused }],
        }),
      );
      await stepRecords.recordFacts({ facts: [stage({ status: 'completed', manifest, counts })] });
      return checkpoint;
    },
    (reason) => [stage({ status: 'failed', reason })],
  );
}
