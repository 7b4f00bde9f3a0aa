/**
 * A campaign: warm-up, evaluation of the start, then iterations, each followed by its evaluations. A step that fails
 * leaves it `blocked` until a person answers; it never retries without end and never goes on without the step.
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
import { type CampaignInput, type CampaignResult, CURRICULUM_START } from '../src/protocol/campaign-input.ts';
import type { CampaignState } from '../src/protocol/campaign-state.ts';
import type { Fact } from '../src/protocol/facts.ts';
import { failurePolicyOf } from '../src/protocol/failure-budget.ts';
import { describeFailure } from '../src/protocol/failures.ts';
import { CAMPAIGN_ATTRIBUTE } from '../src/protocol/search-attributes.ts';
import { warmUpWorkflowId } from '../src/protocol/workflow-ids.ts';
import { Aborted } from './campaign-block.ts';
import { type CampaignControls, createCampaignControls } from './campaign-controls.ts';
import { evaluateCheckpoint } from './evaluate-checkpoint.ts';
import { partsFor } from './parts.ts';
import { control, stepRecords } from './policies.ts';
import { runIteration } from './run-iteration.ts';
import type { warmUp } from './warm-up.ts';
import { writeState } from './write-state.ts';

// Bounds replay time, and lets new code in, where the server suggests nothing.
const ITERATIONS_PER_RUN = 20;

export async function campaign(input: CampaignInput): Promise<CampaignResult> {
  upsertSearchAttributes([{ key: CAMPAIGN_ATTRIBUTE, value: input.campaignId }]);
  const controls = createCampaignControls(input);
  let state = input.state;
  const keep = (next: CampaignState): CampaignState => {
    state = next;
    return next;
  };
  const end = async (status: CampaignResult['status'], reason?: string): Promise<CampaignResult> => {
    controls.close();
    await condition(allHandlersFinished);
    const because = reason === undefined ? {} : { reason };
    await controls.tell(status, because);
    const settings = controls.settings.next();
    if (state === undefined || settings === undefined) return { status, ...because };
    return { status, ...because, config: settings.config, state: { ...state, config: settings.digest } };
  };
  try {
    return await controls.scope.run(async () => {
      const outcome = await iterate(input, controls, keep);
      return end(outcome.status, outcome.reason);
    });
  } catch (error) {
    if (error instanceof Aborted) return end('failed', error.message);
    if (isCancellation(error)) return CancellationScope.nonCancellable(() => end('stopped', 'stopped by a person'));
    // A bug in this code fails the workflow's task, not the workflow: mended code goes on from the history.
    if (error instanceof ContinueAsNew || !(error instanceof TemporalFailure)) throw error;
    // What no attempt could hold: the database must not say for ever that it runs. If even that can't be told, so be it.
    return end('failed', describeFailure(error).message);
  }
}

type Outcome = Pick<CampaignResult, 'status' | 'reason'>;

async function iterate(
  input: CampaignInput,
  controls: CampaignControls,
  keep: (state: CampaignState) => CampaignState,
): Promise<Outcome> {
  if (input.begunBy !== undefined) await controls.note(input.begunBy);
  let state = keep(input.state ?? (await open(input, controls)));
  if (state.head === undefined || !state.isStartEvaluated) state = keep(await start(input, controls, state));
  const { iterationsPerRun = ITERATIONS_PER_RUN } = input;
  for (let iterationsThisRun = 0; ; iterationsThisRun += 1) {
    await controls.untilResumed();
    if (controls.stopsAfterIteration()) return { status: 'stopped', reason: 'stopped by a person' };
    if (state.iterationsDone >= controls.view().iterationsPlanned) {
      // An extension that is being handled counts before the campaign ends.
      await condition(allHandlersFinished);
      if (state.iterationsDone >= controls.view().iterationsPlanned) return { status: 'completed' };
    }
    if (iterationsThisRun >= iterationsPerRun || workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      const { config, digest } = controls.settings.next() ?? controls.settings.now();
      await continueAsNew<typeof campaign>({
        campaignId: input.campaignId,
        config,
        state: { ...state, config: digest, iterationsPlanned: controls.view().iterationsPlanned },
        paused: controls.view().paused,
        stopsAfterIteration: controls.stopsAfterIteration(),
        seenRequests: controls.seenRequests(),
        iterationsPerRun,
      });
    }
    const next = await runIteration(input, controls, state);
    state = keep(next.state);
    if (next.kind === 'no-signal') return { status: 'no-signal', reason: next.reason };
    await collectCheckpoints(input.campaignId, controls);
  }
}

/** Makes room, where that is wanted. What can't be collected now is after the next iteration: nothing waits for it. */
async function collectCheckpoints(campaignId: string, { settings, note }: CampaignControls): Promise<void> {
  const { keepLast } = settings.now().config.checkpoints ?? {};
  if (keepLast === undefined) return;
  try {
    await control.collectCheckpoints({ campaignId, keepLast });
  } catch (error) {
    if (isCancellation(error)) throw error;
    await note({ kind: 'collection-failed', details: { reason: describeFailure(error).message } });
  }
}

/** Resolves problems and model, before any work: what can't run is refused here. */
async function open(input: CampaignInput, controls: CampaignControls): Promise<CampaignState> {
  const { campaignId, config, forkedFrom } = input;
  const { iterationsDone, iterationsPlanned } = controls.view();
  const origin = forkedFrom === undefined ? {} : { forkedFrom };
  await controls.tell(controls.view().status, { config, iterationsPlanned, iterationsDone, ...origin });
  return controls.attempt('opening the campaign', async () => {
    const opened = await control.openCampaign({ campaignId, config });
    controls.settings.opened(opened.config);
    const { training } = partsFor('campaigns', failurePolicyOf(config).patienceMs);
    const begin =
      forkedFrom === undefined
        ? { ...(await training.resolveModel({ config: opened.config })), cursor: CURRICULUM_START }
        : {
            base: forkedFrom.base,
            head: forkedFrom.checkpoint,
            // Other problems have an order of their own.
            cursor: forkedFrom.problems === opened.problems ? forkedFrom.cursor : CURRICULUM_START,
          };
    const state: CampaignState = {
      config: opened.config,
      problems: opened.problems,
      ...begin,
      isStartEvaluated: false,
      iterationsDone,
      iterationsPlanned: controls.view().iterationsPlanned,
    };
    await writeState(campaignId, state);
    return state;
  });
}

/** The checkpoint that the first iteration starts from (iteration 0, or that of a fork), and its evaluation. */
async function start(input: CampaignInput, controls: CampaignControls, state: CampaignState): Promise<CampaignState> {
  const { campaignId, config } = input;
  const head = state.head ?? (config.warmUp === undefined ? state.base : await warm(input, controls, state));
  const parent = head === state.base ? {} : { parent: state.base };
  const iteration = state.iterationsDone;
  return controls.attempt('the evaluation of the start', async ({ acceptsFailures }) => {
    await controls.untilResumed();
    const at = new Date().toISOString();
    await stepRecords.recordFacts({
      facts: [{ kind: 'checkpoint', digest: head, campaignId, iteration, at, ...parent }],
    });
    controls.update({ head, stage: 'evaluate' });
    await stepRecords.recordFacts({ facts: [controls.fact({ head })] });
    const { settings } = controls;
    const what = { campaignId, iteration, config: settings.now().digest, checkpoint: head, acceptsFailures };
    await evaluateCheckpoint(what, controls.gate);
    const started = { ...settings.carriedBy(state), head, isStartEvaluated: true };
    await writeState(campaignId, started);
    return started;
  });
}

async function warm({ campaignId }: CampaignInput, controls: CampaignControls, state: CampaignState): Promise<Digest> {
  const stage = (rest: Pick<Extract<Fact, { kind: 'stage' }>, 'status' | 'manifest' | 'counts' | 'reason'>): Fact => ({
    kind: 'stage',
    campaignId,
    iteration: 0,
    stage: 'warm-up',
    at: new Date().toISOString(),
    ...rest,
  });
  controls.update({ stage: 'warm-up' });
  return controls.attempt(
    'the warm-up',
    async ({ number }) => {
      await controls.untilResumed();
      await stepRecords.recordFacts({ facts: [stage({ status: 'running' })] });
      // As a retry may have changed them.
      const { config, digest } = controls.settings.now();
      const { patienceMs } = failurePolicyOf(config);
      const { manifest, counts, checkpoint } = await controls.follow((paused) =>
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
