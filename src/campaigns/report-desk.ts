/** The part of the control process that sends figures to experiment trackers. */
import type { TrackerName } from '../config/tracker-names.ts';

/** How far a tracker is: it has everything up to the training or the evaluations of an iteration. */
export interface TrackerState {
  readonly tracker: TrackerName;
  /** Absent where it has nothing yet. */
  readonly position?: { readonly iteration: number; readonly part: 'train' | 'evaluate' };
  /** Counts from 1; sending again begins the next one. */
  readonly generation: number;
  /** Why the last attempt failed; it is repeated. */
  readonly failure?: string;
}

/** The part that sends. */
export interface ReportDesk {
  readState(campaignId: string, tracker: TrackerName): Promise<TrackerState>;
  /** Sends everything again, as a new run. */
  resend(campaignId: string, trackers: readonly TrackerName[]): Promise<void>;
}
