/** The handlers of a campaign and what they change: its view, pause, stop, the answer to a block. */
import {
  ApplicationFailure,
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  currentUpdateInfo,
  setHandler,
  type Workflow,
} from '@temporalio/workflow';
import type { CampaignStatus, Fact } from '../src/db/facts.ts';
import type { CampaignInput, CampaignState } from './campaign-state.ts';
import { describeFailure } from './failures.ts';
import {
  abortIterationUpdate,
  type CampaignView,
  extendUpdate,
  pauseSignal,
  progressSignal,
  type Request,
  resumeSignal,
  retryIterationUpdate,
  statusQuery,
  stopSignal,
} from './messages.ts';
import { control } from './policies.ts';

/** A person gave up on a blocked step. */
export class Aborted extends Error {}

export interface CampaignControls {
  /** Everything that a `stop` cancels. */
  readonly scope: CancellationScope;
  readonly view: () => CampaignView;
  readonly update: (change: Partial<CampaignView>) => void;
  readonly stopsAfterIteration: () => boolean;
  readonly seenUpdates: () => readonly string[];
  readonly untilResumed: () => Promise<void>;
  /** Tells the database the campaign's status, with what else is known. */
  readonly tell: (status: CampaignStatus, rest?: Partial<Extract<Fact, { kind: 'campaign' }>>) => Promise<void>;
  /** Does it until it succeeds; between attempts the campaign is blocked and waits for a person. @throws Aborted */
  readonly attempt: <T>(what: string, work: (attempt: number) => Promise<T>) => Promise<T>;
  /** Runs a child that pause, resume and stop reach. */
  readonly follow: <W extends Workflow, T>(child: ChildWorkflowHandle<W>, result: () => Promise<T>) => Promise<T>;
  /** From here on nothing can be changed any more. */
  readonly close: () => void;
}

// Enough for every update of a campaign's life; each is an id of some 40 characters that continue-as-new carries.
const UPDATES_REMEMBERED = 200;

export function createCampaignControls(input: CampaignInput): CampaignControls {
  const { campaignId } = input;
  const scope = new CancellationScope();
  const seen = [...(input.seenUpdates ?? [])];
  let view = initialView(campaignId, input.state, input.config.iterations, input.paused ?? false);
  let child: ChildWorkflowHandle<Workflow> | undefined;
  let stopsAfterIteration = false;
  let closed = false;
  let answer: 'retry' | 'abort' | undefined;

  const update = (change: Partial<CampaignView>): void => {
    view = { ...view, ...change };
  };
  const tell: CampaignControls['tell'] = (status, rest = {}) => {
    const { reason: _previous, ...withoutReason } = view;
    view = { ...withoutReason, status, ...(rest.reason === undefined ? {} : { reason: rest.reason }) };
    return control.recordFacts({
      facts: [{ kind: 'campaign', id: campaignId, status, at: new Date().toISOString(), ...rest }],
    });
  };
  const note = (kind: string, details: Request & Record<string, unknown>): Promise<void> =>
    control.writeJournal({ campaignId, at: new Date().toISOString(), kind, details });

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
  const setPaused = async (paused: boolean, request: Request): Promise<void> => {
    if (view.paused === paused || closed) return;
    update({ paused });
    const signal = paused ? pauseSignal : resumeSignal;
    // A child that has just ended has nothing left to pause.
    await child?.signal(signal, request).catch(() => undefined);
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
  const setAnswer = async (kind: 'retry' | 'abort', request: Request): Promise<void> => {
    if (isRepeated()) return;
    answer = kind;
    await note(kind === 'retry' ? 'iteration-retried' : 'iteration-aborted', { ...request });
  };
  setHandler(retryIterationUpdate, (request) => setAnswer('retry', request), { validator: requireBlocked });
  setHandler(abortIterationUpdate, (request) => setAnswer('abort', request), { validator: requireBlocked });

  return {
    scope,
    view: () => view,
    update,
    stopsAfterIteration: () => stopsAfterIteration,
    seenUpdates: () => seen,
    untilResumed: () => condition(() => !view.paused || stopsAfterIteration),
    tell,
    async attempt(what, work) {
      for (let attempt = 1; ; attempt += 1) {
        update({ attempt });
        try {
          return await work(attempt);
        } catch (error) {
          if (scope.consideredCancelled) throw error;
          const { type, message } = describeFailure(error);
          answer = undefined;
          await tell('blocked', { reason: `${what} failed (${type}): ${message}` });
          await condition(() => answer !== undefined);
          if (answer === 'abort') throw new Aborted(`${what} was aborted: ${message}`);
          await tell(view.paused ? 'paused' : 'running');
        }
      }
    },
    async follow(handle, result) {
      child = handle;
      update({ child: handle.workflowId });
      try {
        return await result();
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
