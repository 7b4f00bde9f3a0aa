/** What a campaign does about a step that fails: it is blocked, says why, and waits for a person's answer. */

import { ApplicationFailure, CancellationScope, condition, setHandler } from '@temporalio/workflow';
import type { CampaignConfig } from '../src/config/campaign.ts';
import type { Settings } from '../src/config/settings.ts';
import type { CampaignView, Request } from '../src/protocol/campaign-messages.ts';
import type { Fact } from '../src/protocol/facts.ts';
import { describeFailure, type FailureView } from '../src/protocol/failures.ts';
import type { NoteOf } from '../src/protocol/journal.ts';
import type { CampaignStatus } from '../src/protocol/statuses.ts';
import { abortIterationUpdate, acceptFailuresUpdate, retryIterationUpdate } from './messages.ts';
import { statusRecords, webhook } from './policies.ts';
import type { RequestsSeen } from './requests-seen.ts';

/** A person gave up on a blocked step. */
export class Aborted extends Error {}

export interface Attempt {
  readonly number: number;
  /** After a retry: what sandbox or grader lost is tried once more. */
  readonly retriesFailed: boolean;
  /** After an acceptance: what they lost is done without. */
  readonly acceptsFailures: boolean;
}

export type RunAttempts = <T>(
  what: string,
  work: (attempt: Attempt) => Promise<T>,
  factsOf?: (reason: string) => readonly Fact[],
) => Promise<T>;

export interface BlockOptions {
  readonly campaignId: string;
  /** The step whose failures a person had accepted when the campaign was recovered. */
  readonly accepted: string | undefined;
  readonly scope: CancellationScope;
  readonly seen: RequestsSeen;
  readonly config: () => CampaignConfig;
  readonly view: () => CampaignView;
  readonly update: (change: Partial<CampaignView>) => void;
  readonly tell: (status: CampaignStatus, rest?: { readonly reason?: string }, also?: readonly Fact[]) => Promise<void>;
  readonly note: (note: NoteOf) => Promise<void>;
  readonly changeSettings: (request: Request & { readonly settings: Settings }) => Promise<unknown>;
}

type Answer = 'retry' | 'accept' | 'abort';

const JOURNAL_KINDS = {
  retry: 'iteration-retried',
  accept: 'failures-accepted',
  abort: 'iteration-aborted',
} as const satisfies Record<Answer, string>;

/** Sets the handlers of the answers; returns what runs a step until it succeeds. */
export function createBlock(options: BlockOptions): RunAttempts {
  const { campaignId, scope, seen, view, update, tell, note } = options;
  let answer: Answer | undefined;
  let blockedBy: (FailureView & { readonly what: string }) | undefined;

  const requireBlocked = (request: Request): void => {
    if (seen.has(request)) return;
    if (view().status !== 'blocked')
      refuse(`campaign ${campaignId} is ${view().status}; only a blocked one can be answered`);
    if (answer !== undefined) refuse(`campaign ${campaignId} has just been answered with ${answer}`);
  };
  const requireLosses = (request: Request): void => {
    requireBlocked(request);
    if (seen.has(request) || blockedBy?.type === 'over-budget') return;
    refuse(
      `${blockedBy?.what ?? 'the step'} failed as ${blockedBy?.type ?? 'unknown'}, so there are no lost rollouts to go on without; allowed are retry and abort`,
    );
  };
  const setAnswer = async (
    given: Answer,
    { settings, ...request }: Request & { readonly settings?: Settings },
  ): Promise<void> => {
    if (seen.isRepeated(request)) return;
    if (settings !== undefined) await options.changeSettings({ ...request, settings });
    answer = given;
    const failure = blockedBy === undefined ? {} : answered(blockedBy);
    await note({ kind: JOURNAL_KINDS[given], details: { ...seen.inJournal(request), ...failure } });
  };
  setHandler(retryIterationUpdate, (request) => setAnswer('retry', request), { validator: requireBlocked });
  setHandler(acceptFailuresUpdate, (request) => setAnswer('accept', request), { validator: requireLosses });
  setHandler(abortIterationUpdate, (request) => setAnswer('abort', request), { validator: requireBlocked });

  /** Beside the waiting: nothing depends on whether anybody listens. */
  const callWebhook = async (reason: string): Promise<void> => {
    const url = options.config().failures.webhook;
    if (url === undefined) return;
    const body = { campaign: campaignId, status: 'blocked', reason, at: new Date().toISOString() } as const;
    await webhook
      .postWebhook({ url, body })
      .catch((error: unknown) =>
        note({ kind: 'webhook-failed', details: { url, reason: describeFailure(error).message } }),
      );
  };

  return async (what, work, factsOf = () => []) => {
    let attempt: Attempt = { number: 1, retriesFailed: false, acceptsFailures: what === options.accepted };
    for (;;) {
      update({ attempt: attempt.number });
      try {
        return await work(attempt);
      } catch (error) {
        if (scope.consideredCancelled) {
          const facts = factsOf('stopped by a person');
          if (facts.length > 0) await CancellationScope.nonCancellable(() => statusRecords.recordFacts({ facts }));
          throw error;
        }
        const failure = describeFailure(error);
        const { type, message } = failure;
        const reason = `${what} failed (${type}): ${message}`;
        blockedBy = { ...failure, what };
        answer = undefined;
        update({ failure: type });
        void callWebhook(reason).catch(() => undefined);
        await tell('blocked', { reason }, factsOf(message));
        await condition(() => answer !== undefined);
        if (answer === 'abort') throw new Aborted(`${what} was aborted: ${message}`);
        const acceptsFailures = attempt.acceptsFailures || answer === 'accept';
        attempt = { number: attempt.number + 1, retriesFailed: answer === 'retry', acceptsFailures };
        await tell(view().paused ? 'paused' : 'running');
        answer = undefined;
      }
    }
  };
}

const answered = ({ what, message, lost }: FailureView & { readonly what: string }) => ({
  what,
  reason: message,
  ...(lost === undefined ? {} : { lost }),
});

function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'bad-input');
}
