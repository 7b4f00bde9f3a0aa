/** The seam of experiment tracking: what takes the facts of campaigns and the metrics of their training. */
import type { Counts } from '../protocol/counts.ts';
import type { Fact } from '../protocol/facts.ts';
import type { JournalEvent } from '../protocol/journal.ts';

/** The training that an update belongs to; the start of a campaign is its iteration 0. */
export interface TrainingRun {
  readonly campaign: string;
  readonly iteration: number;
  readonly stage: 'warm-up' | 'skew' | 'train';
}

/** Facts and notes may come again, and in any order; a tracker that has taken one already changes nothing. */
export interface Tracker {
  /** For warnings. */
  readonly name: string;
  /** What happened, after it is in the journal. */
  facts(facts: readonly Fact[]): Promise<void>;
  /** An entry of a campaign's journal that is no fact. */
  note?(campaignId: string, event: JournalEvent): Promise<void>;
  /** Metrics of one optimizer update; `step` counts from 1 within the run, and may come again after a restart. */
  update?(run: TrainingRun, step: number, metrics: Counts): Promise<void>;
  close?(): Promise<void>;
}
