/** The handlers of a campaign and what they change: its view, pause, stop, the answer to a block. */
import type { WorkflowResultType } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  currentUpdateInfo,
  setHandler,
  type Workflow,
} from '@temporalio/workflow';
import type { Settings } from '../src/config/settings.ts';
import type { CampaignStatus, Fact } from '../src/db/facts.ts';
import { type CampaignSettings, createCampaignSettings } from './campaign-settings.ts';
import type { CampaignInput, CampaignState } from './campaign-state.ts';
import { describeFailure } from './failures.ts';
import {
  abortIterationUpdate,
  type CampaignView,
  changeSettingsUpdate,
  extendUpdate,
  pauseSignal,
  progressSignal,
  type Request,
  resumeSignal,
  retryIterationUpdate,
  type SettingsChange,
  statusQuery,
  stopSignal,
} from './messages.ts';
import { statusRecords } from './policies.ts';

/** A person gave up on a blocked step. */
export class Aborted extends Error {}

type CampaignNews = Partial<Omit<Extract<Fact, { kind: 'campaign' }>, 'kind' | 'id' | 'status' | 'at'>>;

export interface CampaignControls {
  /** Everything that a `stop` cancels. */
  readonly scope: CancellationScope;
  readonly view: () => CampaignView;
  readonly update: (change: Partial<CampaignView>) => void;
  readonly settings: CampaignSettings;
  readonly stopsAfterIteration: () => boolean;
  readonly seenUpdates: () => readonly string[];
  readonly untilResumed: () => Promise<void>;
  /** The campaign's status as it is, with what else is known. */
  readonly fact: (rest?: CampaignNews) => Fact;
  /** Sets the status, then tells the database and waits until it is told, however long the store is away. */
  readonly tell: (status: CampaignStatus, rest?: CampaignNews, also?: readonly Fact[]) => Promise<void>;
  /**
   * Does it until it succeeds; between attempts the campaign is blocked and waits for a person. `factsOf` says what
   * else to tell of a failure, or of a stop. @throws Aborted
   */
  readonly attempt: <T>(
    what: string,
    work: (attempt: number) => Promise<T>,
    factsOf?: (reason: string) => readonly Fact[],
  ) => Promise<T>;
  /** Runs a child that pause, resume and stop reach; it starts paused or not as `start` is told. */
  readonly follow: <W extends Workflow>(
    start: (paused: boolean) => Promise<ChildWorkflowHandle<W>>,
  ) => Promise<WorkflowResultType<W>>;
  /** From here on nothing can be changed any more. */
  readonly close: () => void;
}

// Enough for every update of a campaign's life; each is an id of some 40 characters that continue-as-new carries.
const UPDATES_REMEMBERED = 200;

export function createCampaignControls(input: CampaignInput): CampaignControls {
  const { campaignId } = input;
  const scope = new CancellationScope();
  const settings = createCampaignSettings(input);
  const seen = [...(input.seenUpdates ?? [])];
  let view = initialView(campaignId, input.state, input.config.iterations, input.paused ?? false);
  let child: ChildWorkflowHandle<Workflow> | undefined;
  let stopsAfterIteration = false;
  let closed = false;
  let answer: 'retry' | 'abort' | undefined;

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
    const { reason: _previous, ...withoutReason } = view;
    view = { ...withoutReason, status, ...(rest.reason === undefined ? {} : { reason: rest.reason }) };
    return statusRecords.recordFacts({ facts: [fact(rest), ...also] });
  };
  const note = (kind: string, details: Request & Record<string, unknown>): Promise<void> =>
    statusRecords.writeJournal({ campaignId, at: new Date().toISOString(), kind, details });

  /** Asked twice, done once: an update that an earlier run has seen changes nothing. */
  const isRepeated = (): boolean => {
    const id = currentUpdateInfo()?.id;
    if (id === undefined) return false;
    if (seen.includes(id)) return true;
    seen.push(id);
    seen.splice(0, seen.length - UPDATES_REMEMBERED);
    return false;
  };
  const requireBlocked = (_request: Request): void => {
    if (view.status !== 'blocked')
      throw ApplicationFailure.nonRetryable(
        `campaign ${campaignId} is ${view.status}; only a blocked one can be answered`,
        'bad-input',
      );
  };
  // A child that has just ended has nothing left to pause.
  const signalChild = async (handle: ChildWorkflowHandle<Workflow>, request: Request): Promise<void> =>
    handle.signal(view.paused ? pauseSignal : resumeSignal, request).catch(() => undefined);
  const setPaused = async (paused: boolean, request: Request): Promise<void> => {
    if (view.paused === paused || closed) return;
    update({ paused });
    await (child === undefined ? undefined : signalChild(child, request));
    if (view.status !== 'blocked') await tell(paused ? 'paused' : 'running');
    await note(paused ? 'paused' : 'resumed', { ...request });
  };

  setHandler(statusQuery, () => view);
  setHandler(progressSignal, (progress) => {
    if (progress.iteration === view.iteration && progress.attempt === view.attempt)
      update({ stage: progress.stage, shardsDone: progress.shardsDone, shards: progress.shards });
  });
  setHandler(pauseSignal, (request) => setPaused(true, request));
  setHandler(resumeSignal, (request) => setPaused(false, request));
  setHandler(stopSignal, async (request) => {
    if (closed) return;
    stopsAfterIteration = true;
    if (request.when === 'now') scope.cancel();
    await CancellationScope.nonCancellable(() => note('stop-requested', { ...request }));
  });
  setHandler(
    extendUpdate,
    async (request) => {
      if (isRepeated()) return { iterationsPlanned: view.iterationsPlanned };
      update({ iterationsPlanned: view.iterationsPlanned + request.iterations });
      const { iterationsPlanned } = view;
      await tell(view.status, { iterationsPlanned });
      await note('extended', { ...request, iterationsPlanned });
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
    await tell(view.status, {
      config: settings.next()?.config,
      ...(view.reason === undefined ? {} : { reason: view.reason }),
    });
    await note('settings-changed', { ...request, ...change });
    return change;
  };
  setHandler(
    changeSettingsUpdate,
    async (request): Promise<SettingsChange> => {
      if (!isRepeated()) return changeSettings(request, 'next-iteration');
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
  const setAnswer = async (
    kind: 'retry' | 'abort',
    { settings: wanted, ...request }: Request & { readonly settings?: Settings },
  ): Promise<void> => {
    if (isRepeated()) return;
    if (wanted !== undefined) await changeSettings({ ...request, settings: wanted }, 'at-once');
    answer = kind;
    await note(kind === 'retry' ? 'iteration-retried' : 'iteration-aborted', { ...request });
  };
  setHandler(retryIterationUpdate, (request) => setAnswer('retry', request), { validator: requireBlocked });
  setHandler(abortIterationUpdate, (request) => setAnswer('abort', request), { validator: requireBlocked });

  return {
    scope,
    view: () => view,
    update,
    settings,
    stopsAfterIteration: () => stopsAfterIteration,
    seenUpdates: () => seen,
    untilResumed: () => condition(() => !view.paused || stopsAfterIteration),
    fact,
    tell,
    async attempt(what, work, factsOf = () => []) {
      for (let attempt = 1; ; attempt += 1) {
        update({ attempt });
        try {
          return await work(attempt);
        } catch (error) {
          if (scope.consideredCancelled) {
            const facts = factsOf('stopped by a person');
            if (facts.length > 0) await CancellationScope.nonCancellable(() => statusRecords.recordFacts({ facts }));
            throw error;
          }
          const { type, message } = describeFailure(error);
          answer = undefined;
          await tell('blocked', { reason: `${what} failed (${type}): ${message}` }, factsOf(message));
          await condition(() => answer !== undefined);
          if (answer === 'abort') throw new Aborted(`${what} was aborted: ${message}`);
          await tell(view.paused ? 'paused' : 'running');
        }
      }
    },
    async follow(start) {
      const startedPaused = view.paused;
      const handle = await start(startedPaused);
      child = handle;
      update({ child: handle.workflowId });
      try {
        // What was asked while the child started found nobody to pass it on to.
        if (view.paused !== startedPaused) await signalChild(handle, {});
        return await handle.result();
      } finally {
        child = undefined;
        const { child: _ended, ...rest } = view;
        view = rest;
      }
    },
    close: () => {
      closed = true;
    },
  };
}

function initialView(
  campaignId: string,
  state: CampaignState | undefined,
  iterationsPlanned: number,
  paused: boolean,
): CampaignView {
  return {
    campaignId,
    status: paused ? 'paused' : 'running',
    iteration: state?.iterationsDone ?? 0,
    attempt: 1,
    stage: 'plan',
    shardsDone: 0,
    shards: 0,
    iterationsDone: state?.iterationsDone ?? 0,
    iterationsPlanned: state?.iterationsPlanned ?? iterationsPlanned,
    paused,
    ...(state?.head === undefined ? {} : { head: state.head }),
  };
}
