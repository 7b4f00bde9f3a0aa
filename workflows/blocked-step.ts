/** A failed step, and the answers that a person can give. */
import { ApplicationFailure } from '@temporalio/common';
import type { CampaignView } from '../src/protocol/campaign-messages.ts';
import type { FailureView } from '../src/protocol/failures.ts';
import type { NoteOf } from '../src/protocol/journal.ts';

/** A person aborted a blocked step. */
export class Aborted extends Error {}

export type Answer = 'retry' | 'accept' | 'abort';

export const ANSWER_NOTES = {
  retry: 'iteration-retried',
  accept: 'failures-accepted',
  abort: 'iteration-aborted',
} as const satisfies Record<Answer, NoteOf['kind']>;

export interface BlockedStep extends FailureView {
  /** e.g. `iteration 3` */
  readonly what: string;
}

/** The step's name in the journal entry of the answer. */
export const stepInJournal = ({ what, message, lost }: BlockedStep) => ({
  what,
  reason: message,
  ...(lost === undefined ? {} : { lost }),
});

/** @throws ApplicationFailure `bad-input` where the campaign is not blocked */
export function requireBlocked({ campaignId, status }: CampaignView, answer: Answer | undefined): void {
  if (status !== 'blocked') refuse(`campaign ${campaignId} is ${status}; only a blocked one can be answered`);
  if (answer !== undefined) refuse(`campaign ${campaignId} has just been answered with ${answer}`);
}

/** @throws ApplicationFailure `bad-input` where there are no lost rollouts that the campaign could continue without */
export function requireLosses(step: BlockedStep | undefined): void {
  if (step?.type === 'over-budget') return;
  refuse(
    `${step?.what ?? 'the step'} failed as ${step?.type ?? 'unknown'}, so there are no lost rollouts to continue without; allowed are retry and abort`,
  );
}

export function refuse(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'bad-input');
}
