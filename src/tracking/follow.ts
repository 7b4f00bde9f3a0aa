/** Combines several trackers into one that never delays a campaign. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tracker } from './tracker.ts';

export interface FollowOptions {
  readonly warn: (message: string) => void;
  /** Maximum number of queued calls per tracker; further calls are dropped. Default: 10,000. */
  readonly mostWaiting?: number;
  /** How long `close` waits for calls under way. Default: 10 s. */
  readonly closeLimitMs?: number;
}

interface Follower {
  readonly call: (work: (tracker: Tracker) => Promise<void> | undefined) => void;
  readonly close: () => Promise<void>;
}

/**
 * Passes every call to all trackers, to each in order and one at a time. A tracker that fails, hangs or falls behind
 * affects neither the caller nor the other trackers. One warning reports its failure, and one its recovery.
 */
export function followWith(trackers: readonly Tracker[], options: FollowOptions): Required<Tracker> {
  const followers = trackers.map((tracker) => createFollower(tracker, options));
  const toAll = async (work: (tracker: Tracker) => Promise<void> | undefined): Promise<void> => {
    for (const follower of followers) follower.call(work);
  };
  return {
    name: trackers.map(({ name }) => name).join(', '),
    facts: (facts) => toAll((tracker) => tracker.facts(facts)),
    note: (campaignId, event) => toAll((tracker) => tracker.note?.(campaignId, event)),
    update: (run, step, metrics) => toAll((tracker) => tracker.update?.(run, step, metrics)),
    close: async () => void (await Promise.all(followers.map((follower) => follower.close()))),
  };
}

function createFollower(
  tracker: Tracker,
  { warn, mostWaiting = 10_000, closeLimitMs = 10_000 }: FollowOptions,
): Follower {
  let tail: Promise<void> = Promise.resolve();
  let [waiting, lost] = [0, 0];
  const lose = (reason: string): void => {
    lost += 1;
    if (lost === 1) warn(`tracker ${tracker.name}: ${reason}; the campaign goes on without it`);
  };
  const run = async (work: (tracker: Tracker) => Promise<void> | undefined): Promise<void> => {
    try {
      await work(tracker);
      if (lost > 0) warn(`tracker ${tracker.name} works again; ${lost} calls were lost`);
      lost = 0;
    } catch (error) {
      lose(error instanceof Error ? error.message : String(error));
    } finally {
      waiting -= 1;
    }
  };
  return {
    call(work) {
      if (waiting >= mostWaiting) return lose(`${waiting} calls wait for it`);
      waiting += 1;
      tail = tail.then(() => run(work));
    },
    async close() {
      const limit = new AbortController();
      const isLate = await Promise.race([
        tail.then(() => run(async () => tracker.close?.())).then(() => false),
        sleep(closeLimitMs, true, { signal: limit.signal, ref: false }).catch(() => true),
      ]);
      limit.abort();
      if (isLate) warn(`tracker ${tracker.name}: ${waiting} calls were under way when it was closed`);
    },
  };
}
