/** The handlers of a campaign and what they change: its view, pause, stop, its length, its settings. */

import type { WorkflowResultType } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  setHandler,
  type Workflow,
} from '@temporalio/workflow';
import type { Settings } from '../src/config/settings.ts';
import type { CampaignInput } from '../src/protocol/campaign-input.ts';
import type { CampaignView, Request, SettingsChange } from '../src/protocol/campaign-messages.ts';
import type { Fact } from '../src/protocol/facts.ts';
import type { NoteOf } from '../src/protocol/journal.ts';
import type { CampaignStatus } from '../src/protocol/statuses.ts';
import { createBlock, type RunAttempts } from './campaign-block.ts';
import { type CampaignSettings, createCampaignSettings } from './campaign-settings.ts';
import { createGate, type Gate } from './gate.ts';
import {
  changeSettingsUpdate,
  extendUpdate,
  pauseSignal,
  progressSignal,
  resumeSignal,
  statusQuery,
  stopSignal,
} from './messages.ts';
import { statusRecords } from './policies.ts';
import { createRequestsSeen } from './requests-seen.ts';

type CampaignNews = Partial<Omit<Extract<Fact, { kind: 'campaign' }>, 'kind' | 'id' | 'status' | 'at'>>;

export interface CampaignControls {
  /** Everything that a `stop` cancels. */
  readonly scope: CancellationScope;
  readonly view: () => CampaignView;
  readonly update: (change: Partial<CampaignView>) => void;
  readonly settings: CampaignSettings;
  readonly stopsAfterIteration: () => boolean;
  readonly seenRequests: () => readonly string[];
  readonly untilResumed: () => Promise<void>;
  /** The campaign's status as it is, with what else is known. */
  readonly fact: (rest?: CampaignNews) => Fact;
  /** Sets the status, then tells the database and waits until it is told, however long the store is away. */
  readonly tell: (status: CampaignStatus, rest?: CampaignNews, also?: readonly Fact[]) => Promise<void>;
  /**
   * Does it until it succeeds; between attempts the campaign is blocked and waits for a person. `factsOf` says what
   * else to tell of a failure, or of a stop. @throws Aborted
   */
  readonly attempt: RunAttempts;
  readonly gate: Gate;
  readonly note: (note: NoteOf) => Promise<void>;
  /** Runs a child that pause, resume and stop reach; it starts paused or not as `start` is told. */
  readonly follow: <W extends Workflow>(
    start: (paused: boolean) => Promise<ChildWorkflowHandle<W>>,
  ) => Promise<WorkflowResultType<W>>;
  /** From here on nothing can be changed any more. */
  readonly close: () => void;
}

export function createCampaignControls(input: CampaignInput): CampaignControls {
  const { campaignId } = input;
  const scope = new CancellationScope();
  const settings = createCampaignSettings(input);
  const seen = createRequestsSeen(input.seenRequests ?? []);
  const gate = createGate(input.paused ?? false);
  let view = initialView(input);
  let stopsAfterIteration = input.stopsAfterIteration ?? false;
  let closed = false;

  const update = (change: Partial<CampaignView>): void => {
    view = { ...view, ...change };
  };
  const fact: CampaignControls['fact'] = (rest = {}) => ({
    kind: 'campaign',
    id: campaignId,
    status: view.status,
    at: new Date().toISOString(),
    ...rest,
  });
  const tell: CampaignControls['tell'] = (status, rest = {}, also = []) => {
    const { reason: before, failure, ...rested } = view;
    const reason = rest.reason ?? (status === view.status ? before : undefined);
    const because = reason === undefined ? {} : { reason };
    view = { ...rested, ...because, ...(status === 'blocked' && failure !== undefined ? { failure } : {}), status };
    return statusRecords.recordFacts({ facts: [fact({ ...rest, ...because }), ...also] });
  };
  const note: CampaignControls['note'] = (note) =>
    statusRecords.writeJournal({ campaignId, at: new Date().toISOString(), ...note });

  const setPaused = async (paused: boolean, request: Request): Promise<void> => {
    if (closed || seen.isRepeated(request) || view.paused === paused) return;
    update({ paused });
    await gate.set(!paused, request);
    // As it is by now: the other may have been asked meanwhile.
    if (view.status !== 'blocked') await tell(view.paused ? 'paused' : 'running');
    await note({ kind: paused ? 'paused' : 'resumed', details: seen.inJournal(request) });
  };

  setHandler(statusQuery, () => view);
  setHandler(progressSignal, (progress) => {
    if (progress.iteration === view.iteration && progress.attempt === view.attempt)
      update({ stage: progress.stage, shardsDone: progress.shardsDone, shards: progress.shards });
  });
  setHandler(pauseSignal, (request) => setPaused(true, request));
  setHandler(resumeSignal, (request) => setPaused(false, request));
  setHandler(stopSignal, async (request) => {
    if (closed || seen.isRepeated(request)) return;
    stopsAfterIteration = true;
    if (request.when === 'now') scope.cancel();
    await CancellationScope.nonCancellable(() =>
      note({ kind: 'stop-requested', details: { ...seen.inJournal(request), when: request.when } }),
    );
  });
  setHandler(
    extendUpdate,
    async (request) => {
      if (seen.isRepeated(request)) return { iterationsPlanned: view.iterationsPlanned };
      update({ iterationsPlanned: view.iterationsPlanned + request.iterations });
      const { iterationsPlanned } = view;
      await tell(view.status, { iterationsPlanned });
      const { iterations } = request;
      await note({ kind: 'extended', details: { ...seen.inJournal(request), iterations, iterationsPlanned } });
      return { iterationsPlanned };
    },
    {
      validator: ({ iterations }) => {
        if (closed)
          throw ApplicationFailure.nonRetryable(`campaign ${campaignId} is ending; extend it again`, 'bad-input');
        if (!Number.isInteger(iterations) || iterations < 1)
          throw ApplicationFailure.nonRetryable(
            `extend by ${iterations} iterations: allowed are whole numbers from 1`,
            'bad-input',
          );
      },
    },
  );
  const changeSettings = async (
    { settings: wanted, ...request }: Request & { readonly settings: Settings },
    when: 'at-once' | 'next-iteration',
  ): Promise<SettingsChange> => {
    const change = await settings.change(wanted, when);
    await tell(view.status, { config: settings.next()?.config });
    const details = { ...seen.inJournal(request), ...change, when, configNow: settings.now().digest };
    await note({ kind: 'settings-changed', details });
    return change;
  };
  setHandler(
    changeSettingsUpdate,
    async (request): Promise<SettingsChange> => {
      if (!seen.isRepeated(request)) return changeSettings(request, 'next-iteration');
      return { fromIteration: view.iterationsDone + 1, changes: [], config: settings.now().digest };
    },
    {
      validator: (_request: Request & { readonly settings: Settings }) => {
        if (closed)
          throw ApplicationFailure.nonRetryable(
            `campaign ${campaignId} is ending, so nothing changes any more`,
            'bad-input',
          );
        if (settings.next() === undefined)
          throw ApplicationFailure.nonRetryable(
            `campaign ${campaignId} is not open yet, so it has no settings to change; try again once it runs`,
            'bad-input',
          );
      },
    },
  );
  const attempt = createBlock({
    campaignId,
    accepted: input.accepted,
    scope,
    seen,
    config: () => (settings.next() ?? { config: input.config }).config,
    view: () => view,
    update,
    tell,
    note,
    changeSettings: (request) => changeSettings(request, 'at-once'),
  });

  return {
    scope,
    view: () => view,
    update,
    settings,
    stopsAfterIteration: () => stopsAfterIteration,
    seenRequests: seen.ids,
    untilResumed: () => condition(() => !view.paused || stopsAfterIteration),
    fact,
    tell,
    note,
    gate,
    attempt,
    async follow(start) {
      try {
        return await gate.follow(async (paused) => {
          const child = await start(paused);
          update({ child: child.workflowId });
          return child;
        });
      } finally {
        const { child: _ended, ...rest } = view;
        view = rest;
      }
    },
    close: () => {
      closed = true;
    },
  };
}

function initialView({
  campaignId,
  config,
  state,
  iterationsPlanned,
  forkedFrom,
  paused = false,
}: CampaignInput): CampaignView {
  const iterationsDone = state?.iterationsDone ?? forkedFrom?.iteration ?? 0;
  return {
    campaignId,
    status: paused ? 'paused' : 'running',
    iteration: iterationsDone,
    attempt: 1,
    stage: 'plan',
    shardsDone: 0,
    shards: 0,
    iterationsDone,
    iterationsPlanned: iterationsPlanned ?? state?.iterationsPlanned ?? config.iterations,
    paused,
    ...(state?.head === undefined ? {} : { head: state.head }),
  };
}
