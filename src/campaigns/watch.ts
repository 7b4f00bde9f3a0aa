/** Changes from the database and from running campaigns, passed on to every listener. */

import type { Database } from '../db/database.ts';
import { listCampaigns } from '../db/read-campaigns.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import type { LiveStatus, WorkflowGateway } from './gateway.ts';

/** Something of the campaign changed: facts were added, or its live status moved. */
export type WatchListener = (campaignId: string) => void;

export interface Watch {
  /** Subscribes; returns the unsubscribe function. The poller runs while there is a listener. */
  listen(listener: WatchListener): () => void;
  /** The latest live status; undefined while there is no listener or the campaign does not run. */
  liveStatus(campaignId: string): LiveStatus | undefined;
  close(): void;
}

const POLL_MS = 1000;

export function createWatch(db: Database, gateway: WorkflowGateway): Watch {
  const listeners = new Set<WatchListener>();
  const statuses = new Map<string, LiveStatus>();
  let timer: NodeJS.Timeout | undefined;

  const notify = (campaignId: string) => {
    for (const listener of listeners) listener(campaignId);
  };
  const endChanges = db.onChange((ids) => {
    for (const id of ids) notify(id);
  });

  async function poll(): Promise<void> {
    const running = (await listCampaigns(db)).filter((item) => isOpenStatus(item.status));
    for (const id of statuses.keys()) if (!running.some((item) => item.id === id)) statuses.delete(id);
    for (const { id } of running) {
      const status = await gateway.readStatus(id);
      const before = statuses.get(id);
      if (status === undefined) statuses.delete(id);
      else statuses.set(id, status);
      if (JSON.stringify(before) !== JSON.stringify(status)) notify(id);
    }
  }

  function schedule(): void {
    timer = setTimeout(() => {
      // Without an orchestrator there is no live status; the next poll, a second later, tries again.
      void poll()
        .catch(() => statuses.clear())
        .finally(() => {
          if (timer !== undefined) schedule();
        });
    }, POLL_MS);
    timer.unref();
  }

  return {
    listen(listener) {
      listeners.add(listener);
      if (timer === undefined) schedule();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearTimeout(timer);
        timer = undefined;
        statuses.clear();
      };
    },
    liveStatus: (campaignId) => statuses.get(campaignId),
    close() {
      endChanges();
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
