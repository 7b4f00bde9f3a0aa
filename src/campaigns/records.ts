/** Records facts and notes in the journal, the database and the trackers. Idempotent. */
import type { ArtifactStore } from '../artifacts/types.ts';
import { isInstant } from '../formats/is-instant.ts';
import { decodeEvent } from '../protocol/decode-journal.ts';
import type { Fact } from '../protocol/facts.ts';
import type { JournalEvent, JournalNote } from '../protocol/journal.ts';
import { StepFailure } from '../steps/step-failure.ts';
import type { Tracker } from '../tracking/tracker.ts';

export interface RecordsDeps {
  readonly store: ArtifactStore;
  /**
   * Receives what the journal holds. Pages and API read it, so a failed write is retried, as a failed write to the
   * journal is.
   */
  readonly database: Required<Pick<Tracker, 'facts' | 'note'>>;
  /** Trackers, none of which delays a campaign. Optional. */
  readonly followers?: Required<Pick<Tracker, 'facts' | 'note'>>;
}

/** Journal of the facts of evaluations, which belong to several campaigns or to none. Not a valid campaign name. */
export const EVALUATIONS_JOURNAL = 'evaluations';

/**
 * All facts go to the journal first, so that a rebuilt database equals the lost one. Nothing is written if one of them
 * is invalid.
 *
 * @throws StepFailure `bad-input`
 */
export async function recordFacts({ store, database, followers }: RecordsDeps, facts: readonly Fact[]): Promise<void> {
  const entries = facts.map((fact) => {
    const journal = fact.kind === 'campaign' ? fact.id : (fact.campaignId ?? EVALUATIONS_JOURNAL);
    const event: JournalEvent = { at: fact.at, kind: 'fact', details: { fact } };
    requireValid(journal, event);
    return { journal, event };
  });
  for (const { journal, event } of entries) await store.appendJournal(journal, event);
  await database.facts(facts);
  await followers?.facts(facts);
}

export async function writeJournal({ store, database, followers }: RecordsDeps, note: JournalNote): Promise<void> {
  const { campaignId, ...event } = note;
  requireValid(campaignId, event);
  await store.appendJournal(campaignId, event);
  await database.note(campaignId, event);
  await followers?.note(campaignId, event);
}

function requireValid(campaignId: string, event: JournalEvent): void {
  const decoded = decodeEvent(event);
  if ('reason' in decoded)
    throw new StepFailure('bad-input', `an entry for the journal of ${campaignId} is invalid: ${decoded.reason}`);
  if (!isInstant(event.at))
    throw new StepFailure(
      'bad-input',
      `an entry for the journal of ${campaignId} is invalid: its time is "${event.at}"`,
    );
}
