/** The number of rollouts of an arm that may be lost to infrastructure. Slow rollouts are waited for and never lost. */
import { ApplicationFailure } from '@temporalio/common';
import type { CampaignConfig } from '../config/campaign.ts';
import type { FailurePolicy } from './activities.ts';
import { type Counts, describeLosses, lossesByArm, onlyLosses, totalOf } from './counts.ts';

export const failurePolicyOf = ({ failures }: Pick<CampaignConfig, 'failures'>, isAccepted = false): FailurePolicy => ({
  infrastructure: failures.infrastructure,
  patienceMs: Math.round(failures.partTimeoutMinutes * 60_000),
  isAccepted,
});

export interface Losses {
  /** Counts of the rollouts so far; `failed.<arm>.<cause>` are those that sandbox or grader lost. */
  readonly counts: Counts;
  /** Planned rollouts of each arm. */
  readonly rolloutsByArm: Counts;
  /** The error message of one loss. */
  readonly cause?: string;
}

/** A message that names the arms with more losses than allowed; undefined if there are none. */
function describeOverBudget({ counts, rolloutsByArm, cause }: Losses, share: number): string | undefined {
  const over = [...lossesByArm(counts)].flatMap(([arm, causes]) => {
    const planned = rolloutsByArm[arm] ?? 0;
    const lost = totalOf(causes);
    const allowed = Math.floor(share * planned + 1e-9);
    if (lost <= allowed) return [];
    return [`${arm} arm: ${lost} of ${planned} rollouts lost (${describeLosses(causes)}), ${allowed} allowed`];
  });
  if (over.length === 0) return undefined;
  return [...over, ...(cause === undefined ? [] : [cause])].join('; ');
}

/** @throws ApplicationFailure `over-budget` with the losses as details */
export function requireBudget(losses: Losses, { infrastructure, isAccepted }: FailurePolicy): void {
  const message = isAccepted ? undefined : describeOverBudget(losses, infrastructure);
  if (message === undefined) return;
  throw ApplicationFailure.create({
    message,
    type: 'over-budget',
    nonRetryable: true,
    details: [onlyLosses(losses.counts)],
  });
}
