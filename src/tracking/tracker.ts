/** The interface of experiment trackers, which receive the facts of campaigns and the metrics of their training. */
import type { Counts } from '../protocol/counts.ts';
import type { Fact } from '../protocol/facts.ts';
import type { JournalEvent } from '../protocol/journal.ts';

/** The training that an update belongs to; the start of a campaign is its iteration 0. */
export interface TrainingRun {
  readonly campaign: string;
  readonly iteration: number;
  readonly stage: 'warm-up' | 'skew' | 'train';
}

/** Facts and notes may arrive repeatedly and in any order; a repeated one must change nothing. */
export interface Tracker {
  /** For warnings. */
  readonly name: string;
  /** Receives facts after they are in the journal. */
  facts(facts: readonly Fact[]): Promise<void>;
  /** Receives entries of a campaign's journal that are not facts. */
  note?(campaignId: string, event: JournalEvent): Promise<void>;
  /** Receives the metrics of one optimizer update. `step` counts from 1 within the run and may repeat after a restart. */
  update?(run: TrainingRun, step: number, metrics: Counts): Promise<void>;
  close?(): Promise<void>;
}
