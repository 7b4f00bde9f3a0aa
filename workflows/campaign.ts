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
import type { Fact } from '../src/db/facts.ts';
import { Aborted, type CampaignControls, createCampaignControls } from './campaign-controls.ts';
import type { CampaignInput, CampaignResult, CampaignState } from './campaign-state.ts';
import { evaluateCheckpoint } from './evaluate-checkpoint.ts';
import { describeFailure } from './failures.ts';
import { warmUpWorkflowId } from './messages.ts';
import { control, stepRecords, training } from './policies.ts';
import { runIteration } from './run-iteration.ts';
import { CAMPAIGN_ATTRIBUTE } from './search-attributes.ts';
import type { warmUp } from './warm-up.ts';

// Bounds replay time, and lets new code in, where the server suggests nothing.
const ITERATIONS_A_RUN = 20;

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
  let state = keep(input.state ?? (await open(input, controls)));
  if (state.head === undefined || !state.isStartEvaluated) state = keep(await start(input, controls, state));
  for (let iterationsThisRun = 0; ; iterationsThisRun += 1) {
    await controls.untilResumed();
    if (controls.stopsAfterIteration()) return { status: 'stopped', reason: 'stopped by a person' };
    if (state.iterationsDone >= controls.view().iterationsPlanned) {
      // An extension that is being handled counts before the campaign ends.
      await condition(allHandlersFinished);
      if (state.iterationsDone >= controls.view().iterationsPlanned) return { status: 'completed' };
    }
    if (iterationsThisRun >= ITERATIONS_A_RUN || workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      const { config, digest } = controls.settings.next() ?? controls.settings.now();
      await continueAsNew<typeof campaign>({
        ...input,
        config,
        state: { ...state, config: digest, iterationsPlanned: controls.view().iterationsPlanned },
        paused: controls.view().paused,
        seenUpdates: controls.seenUpdates(),
      });
    }
    const next = await runIteration(input, controls, state);
    state = keep(next.state);
    if (next.kind === 'no-signal') return { status: 'no-signal', reason: next.reason };
  }
}

/** Resolves problems and model, before any work: what can't run is refused here. */
async function open(input: CampaignInput, controls: CampaignControls): Promise<CampaignState> {
  const { campaignId, config } = input;
  await controls.tell('running', { config, iterationsPlanned: config.iterations, iterationsDone: 0 });
  const opened = await controls.attempt('opening the campaign', async () => {
    const problems = await control.openCampaign({ campaignId, config });
    controls.settings.opened(problems.config);
    return { ...problems, ...(await training.resolveModel({ config: problems.config })) };
  });
  return {
    config: opened.config,
    problems: opened.problems,
    base: opened.base,
    isStartEvaluated: false,
    iterationsDone: 0,
    iterationsPlanned: config.iterations,
    cursor: 0,
  };
}

/** Iteration 0: the checkpoint that the first iteration starts from, and its evaluation. */
async function start(input: CampaignInput, controls: CampaignControls, state: CampaignState): Promise<CampaignState> {
  const { campaignId, config } = input;
  const head = state.head ?? (config.warmUp === undefined ? state.base : await warm(input, controls, state));
  const parent = head === state.base ? {} : { parent: state.base };
  return controls.attempt('the evaluation of the start', async () => {
    const at = new Date().toISOString();
    await stepRecords.recordFacts({
      facts: [{ kind: 'checkpoint', digest: head, campaignId, iteration: 0, at, ...parent }],
    });
    controls.update({ head, stage: 'evaluate' });
    await stepRecords.recordFacts({ facts: [controls.fact({ head })] });
    await evaluateCheckpoint({ campaignId, iteration: 0, config: state.config, checkpoint: head });
    const started = { ...state, head, isStartEvaluated: true };
    const details = { ...started };
    await stepRecords.writeJournal({ campaignId, at: new Date().toISOString(), kind: 'state', details });
    return started;
  });
}

async function warm(input: CampaignInput, controls: CampaignControls, state: CampaignState): Promise<Digest> {
  const { campaignId } = input;
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
    async (attempt) => {
      await stepRecords.recordFacts({ facts: [stage({ status: 'running' })] });
      const { manifest, counts, checkpoint } = await controls.follow(() =>
        startChild<typeof warmUp>('warmUp', {
          workflowId: warmUpWorkflowId(campaignId, attempt),
          args: [{ config: state.config, base: state.base }],
        }),
      );
      await stepRecords.recordFacts({ facts: [stage({ status: 'completed', manifest, counts })] });
      return checkpoint;
    },
    (reason) => [stage({ status: 'failed', reason })],
  );
}
