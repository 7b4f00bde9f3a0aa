/** One run of a campaign: its state, its message handlers, and what its steps need of both. */
import type { WorkflowResultType } from '@temporalio/common';
import {
  allHandlersFinished,
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  setHandler,
  type Workflow,
} from '@temporalio/workflow';
import type { Digest } from '../src/artifacts/types.ts';
import type { CampaignInput, CampaignResult } from '../src/protocol/campaign-input.ts';
import type {
  CampaignView,
  ExtendRequest,
  IterationProgress,
  Request,
  RetryRequest,
  SettingsChange,
  SettingsRequest,
  StopRequest,
} from '../src/protocol/campaign-messages.ts';
import type { CampaignState } from '../src/protocol/campaign-state.ts';
import type { Fact } from '../src/protocol/facts.ts';
import { describeFailure } from '../src/protocol/failures.ts';
import type { NoteOf } from '../src/protocol/journal.ts';
import type { CampaignStatus, EndedStatus } from '../src/protocol/statuses.ts';
import {
  Aborted,
  ANSWER_NOTES,
  type Answer,
  type BlockedStep,
  refuse,
  requireBlocked,
  requireLosses,
  stepInJournal,
} from './blocked-step.ts';
import { CampaignSettings } from './campaign-settings.ts';
import { initialView, withStatus } from './campaign-view.ts';
import { Gate } from './gate.ts';
import * as messages from './messages.ts';
import { statusRecords, stepRecords, webhook } from './policies.ts';
import { journalled, RequestsSeen, requireId } from './requests-seen.ts';

type CampaignFacts = Partial<Omit<Extract<Fact, { kind: 'campaign' }>, 'kind' | 'id' | 'status' | 'at'>>;

export interface Attempt {
  readonly number: number;
  /** Set after a retry: rollouts that sandbox or grader lost are tried once more. */
  readonly retriesFailed: boolean;
  /** Set after an acceptance: the campaign continues without the lost rollouts. */
  readonly acceptsFailures: boolean;
}

export class CampaignRun {
  readonly campaignId: string;
  /** The scope that a `stop` cancels. */
  readonly scope = new CancellationScope();
  readonly settings: CampaignSettings;
  readonly gate: Gate;
  readonly seen: RequestsSeen;
  /** The answer to the status query; `update` and `setStatus` change it. */
  view: CampaignView;
  /** The state after the last finished step; undefined until the campaign is opened. */
  state: CampaignState | undefined;
  stopsAfterIteration: boolean;
  /** Settings of the last iteration whose first shard the trainer has probed; undefined in a new run. */
  probedWith: Digest | undefined;
  /** True while the campaign ends: it takes no more requests. */
  private isClosed = false;
  /** The step whose failures were accepted when the campaign was recovered. */
  private readonly accepted: string | undefined;
  private blockedBy: BlockedStep | undefined;
  private answer: Answer | undefined;

  constructor(input: CampaignInput) {
    this.campaignId = input.campaignId;
    this.settings = new CampaignSettings(input);
    this.gate = new Gate(input.paused ?? false);
    this.state = input.state;
    this.view = initialView(input);
    this.stopsAfterIteration = input.stopsAfterIteration ?? false;
    this.seen = new RequestsSeen(input.seenRequests ?? []);
    this.accepted = input.accepted;

    setHandler(messages.statusQuery, () => this.view);
    setHandler(messages.progressSignal, (progress) => this.onProgress(progress));
    setHandler(messages.pauseSignal, (request) => this.onPause(true, request));
    setHandler(messages.resumeSignal, (request) => this.onPause(false, request));
    setHandler(messages.stopSignal, (request) => this.onStop(request));
    setHandler(messages.extendUpdate, (request) => this.onExtend(request), {
      validator: (request) => this.requireExtensible(request),
    });
    setHandler(messages.changeSettingsUpdate, (request) => this.onChangeSettings(request), {
      validator: (request) => this.requireChangeable(request),
    });
    setHandler(messages.retryIterationUpdate, (request) => this.onAnswer('retry', request), {
      validator: (request) => this.requireAnswerable(request),
    });
    setHandler(messages.acceptFailuresUpdate, (request) => this.onAnswer('accept', request), {
      validator: (request) => this.requireAcceptable(request),
    });
    setHandler(messages.abortIterationUpdate, (request) => this.onAnswer('abort', request), {
      validator: (request) => this.requireAnswerable(request),
    });
  }

  update(change: Partial<CampaignView>): void {
    this.view = { ...this.view, ...change };
  }

  untilResumed(): Promise<void> {
    return condition(() => !this.view.paused || this.stopsAfterIteration);
  }

  /** The campaign's current status, with additional known fields. */
  fact(rest: CampaignFacts = {}): Fact {
    const { status } = this.view;
    return { kind: 'campaign', id: this.campaignId, status, at: new Date().toISOString(), ...rest };
  }

  /** Sets the status and waits until it is recorded, even if the store is unavailable for long. */
  setStatus(status: CampaignStatus, rest: CampaignFacts = {}, also: readonly Fact[] = []): Promise<void> {
    this.view = withStatus(this.view, status, rest.reason);
    const { reason } = this.view;
    const fact = this.fact({ ...rest, ...(reason === undefined ? {} : { reason }) });
    return statusRecords.recordFacts({ facts: [fact, ...also] });
  }

  note(note: NoteOf): Promise<void> {
    return statusRecords.writeJournal({ campaignId: this.campaignId, at: new Date().toISOString(), ...note });
  }

  /** Writes the state to the journal. The campaign resumes from there if Temporal's history is lost. */
  writeState(state: CampaignState): Promise<void> {
    const at = new Date().toISOString();
    return stepRecords.writeJournal({ campaignId: this.campaignId, at, kind: 'state', details: state });
  }

  /**
   * Runs a child to which pause, resume and stop are forwarded. `start` is called with whether the child starts paused.
   */
  async follow<W extends Workflow>(
    start: (paused: boolean) => Promise<ChildWorkflowHandle<W>>,
  ): Promise<WorkflowResultType<W>> {
    try {
      return await this.gate.follow(async (paused) => {
        const child = await start(paused);
        this.update({ child: child.workflowId });
        return child;
      });
    } finally {
      const { child: _ended, ...rest } = this.view;
      this.view = rest;
    }
  }

  /**
   * Repeats the work until it succeeds. After a failure the campaign is blocked and waits for a person.
   *
   * @param what the work, for people, e.g. `iteration 3`
   * @param factsOf additional facts to record for a failure or a stop
   * @throws Aborted where the person aborts
   */
  async attempt<T>(
    what: string,
    work: (attempt: Attempt) => Promise<T>,
    factsOf: (reason: string) => readonly Fact[] = () => [],
  ): Promise<T> {
    let attempt: Attempt = { number: 1, retriesFailed: false, acceptsFailures: what === this.accepted };
    for (;;) {
      this.update({ attempt: attempt.number });
      try {
        return await work(attempt);
      } catch (error) {
        if (this.scope.consideredCancelled) {
          const facts = factsOf('stopped by a person');
          if (facts.length > 0) await CancellationScope.nonCancellable(() => statusRecords.recordFacts({ facts }));
          throw error;
        }
        const step = { ...describeFailure(error), what };
        await this.block(step, factsOf(step.message));
        await condition(() => this.answer !== undefined);
        if (this.answer === 'abort') throw new Aborted(`${what} was aborted: ${step.message}`);
        const acceptsFailures = attempt.acceptsFailures || this.answer === 'accept';
        attempt = { number: attempt.number + 1, retriesFailed: this.answer === 'retry', acceptsFailures };
        await this.setStatus(this.view.paused ? 'paused' : 'running');
        this.answer = undefined;
      }
    }
  }

  /** Writes the last record of the run; after that nothing can be changed. */
  async end(status: EndedStatus, reason?: string): Promise<CampaignResult> {
    this.isClosed = true;
    await condition(allHandlersFinished);
    const because = reason === undefined ? {} : { reason };
    await this.setStatus(status, because);
    const { next } = this.settings;
    if (this.state === undefined || next === undefined) return { status, ...because };
    return { status, ...because, config: next.config, state: { ...this.state, config: next.digest } };
  }

  private block(step: BlockedStep, facts: readonly Fact[]): Promise<void> {
    const reason = `${step.what} failed (${step.type}): ${step.message}`;
    this.blockedBy = step;
    this.answer = undefined;
    this.update({ failure: step.type });
    void this.callWebhook(reason).catch(() => undefined);
    return this.setStatus('blocked', { reason }, facts);
  }

  /** Runs while the campaign waits for its answer; nothing depends on the listener. */
  private async callWebhook(reason: string): Promise<void> {
    const url = this.settings.newest.failures.webhook;
    if (url === undefined) return;
    const body = { campaign: this.campaignId, status: 'blocked', reason, at: new Date().toISOString() } as const;
    await webhook
      .postWebhook({ url, body })
      .catch((error: unknown) =>
        this.note({ kind: 'webhook-failed', details: { url: hostOf(url), reason: describeFailure(error).message } }),
      );
  }

  private onProgress({ iteration, attempt, stage, shardsDone, shards }: IterationProgress): void {
    if (iteration === this.view.iteration && attempt === this.view.attempt) this.update({ stage, shardsDone, shards });
  }

  private async onPause(paused: boolean, request: Request): Promise<void> {
    if (this.isClosed || this.seen.isRepeated(request) || this.view.paused === paused) return;
    this.update({ paused });
    await this.gate.set(!paused, request);
    // The current value, because the opposite may have been requested in the meantime.
    if (this.view.status !== 'blocked') await this.setStatus(this.view.paused ? 'paused' : 'running');
    await this.note({ kind: paused ? 'paused' : 'resumed', details: journalled(request) });
  }

  private async onStop(request: StopRequest): Promise<void> {
    if (this.isClosed || this.seen.isRepeated(request)) return;
    this.stopsAfterIteration = true;
    const { when } = request;
    if (when === 'now') this.scope.cancel();
    const note = { kind: 'stop-requested', details: { ...journalled(request), when } } as const;
    await CancellationScope.nonCancellable(() => this.note(note));
  }

  private requireExtensible(request: ExtendRequest): void {
    requireId(request);
    const { iterations } = request;
    if (this.isClosed) refuse(`campaign ${this.campaignId} is ending; extend it again`);
    if (!Number.isInteger(iterations) || iterations < 1)
      refuse(`extend by ${iterations} iterations: allowed are whole numbers from 1`);
  }

  private async onExtend(request: ExtendRequest): Promise<{ iterationsPlanned: number }> {
    if (this.seen.isRepeated(request)) return { iterationsPlanned: this.view.iterationsPlanned };
    const { iterations } = request;
    const iterationsPlanned = this.view.iterationsPlanned + iterations;
    this.update({ iterationsPlanned });
    await this.setStatus(this.view.status, { iterationsPlanned });
    await this.note({ kind: 'extended', details: { ...journalled(request), iterations, iterationsPlanned } });
    return { iterationsPlanned };
  }

  private requireChangeable(request: Request): void {
    requireId(request);
    if (this.isClosed) refuse(`campaign ${this.campaignId} is ending, so nothing changes any more`);
    this.settings.requireOpened();
  }

  private async onChangeSettings(request: SettingsRequest): Promise<SettingsChange> {
    if (!this.seen.isRepeated(request)) return this.changeSettings(request, 'next-iteration');
    return { fromIteration: this.view.iterationsDone + 1, changes: [], config: this.settings.now.digest };
  }

  private async changeSettings(request: SettingsRequest, when: 'at-once' | 'next-iteration'): Promise<SettingsChange> {
    const change = await this.settings.change(request.settings, when);
    await this.setStatus(this.view.status, { config: this.settings.newest });
    const details = { ...journalled(request), ...change, when, configNow: this.settings.now.digest };
    await this.note({ kind: 'settings-changed', details });
    return change;
  }

  private requireAnswerable(request: Request): void {
    requireId(request);
    if (!this.seen.has(request)) requireBlocked(this.view, this.answer);
  }

  private requireAcceptable(request: Request): void {
    this.requireAnswerable(request);
    if (!this.seen.has(request)) requireLosses(this.blockedBy);
  }

  private async onAnswer(answer: Answer, request: RetryRequest): Promise<void> {
    if (this.seen.isRepeated(request)) return;
    const { settings } = request;
    if (settings !== undefined) await this.changeSettings({ ...request, settings }, 'at-once');
    this.answer = answer;
    const step = this.blockedBy === undefined ? {} : stepInJournal(this.blockedBy);
    await this.note({ kind: ANSWER_NOTES[answer], details: { ...journalled(request), ...step } });
  }
}

/** The rest of a webhook's URL may be a secret. */
const hostOf = (url: string): string => url.replace(/^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#]*).*$/is, '$1');
