/**
 * Reports campaigns to experiment trackers. It follows what is stored, with a cursor for each tracker: a tracker that is
 * down or slow delays no step, and gets everything once it is back.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { trackersOf } from '../campaigns/report.ts';
import type { ReportDesk, TrackerState } from '../campaigns/report-desk.ts';
import type { TrackerName } from '../config/tracker-names.ts';
import { listCampaigns, readCampaign } from '../db/read-campaigns.ts';
import type { Fact } from '../protocol/facts.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import type { Tracker } from '../tracking/tracker.ts';
import { readCursor, writeCursor } from './cursors.ts';
import { sectionsAfter, sectionsOf } from './records.ts';
import type { SendBatch } from './send-batch.ts';

export interface ReporterOptions extends Pick<CampaignDeps, 'db' | 'rollouts'> {
  readonly home: string;
  readonly send: SendBatch;
  readonly warn: (message: string) => void;
  /** Wait after the first failure; it doubles with each further one, up to a hundred times. */
  readonly retryMs?: number;
  /** A batch that takes longer has failed. */
  readonly limitMs?: number;
}

const PROJECT = 'whencode';
const RETRY_MS = 5000;
const MOST_RETRIES_LONGER = 64;
/** Includes the installation of the library. */
const LIMIT_MS = 20 * 60_000;

export class Reporter implements Tracker, ReportDesk {
  readonly name = 'report';
  readonly #options: ReporterOptions;
  readonly #closing = new AbortController();
  /** A loop for each campaign and tracker that has something to do. */
  readonly #loops = new Map<string, { again: boolean; readonly done: Promise<void> }>();

  /** Of those that wait for another attempt. */
  readonly #failures = new Map<string, string>();

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** Continues what was not sent when the last process ended. */
  async start(): Promise<void> {
    for (const { id } of await listCampaigns(this.#options.db)) await this.#wake(id);
  }

  async facts(facts: readonly Fact[]): Promise<void> {
    const ids = facts.map((fact) => (fact.kind === 'campaign' ? fact.id : fact.campaignId));
    for (const id of new Set(ids)) if (id !== undefined) await this.#wake(id);
  }

  async readState(campaignId: string, tracker: TrackerName): Promise<TrackerState> {
    const { isEnded: _, ...cursor } = await readCursor(this.#options.home, campaignId, tracker);
    const failure = this.#failures.get(`${tracker} ${campaignId}`);
    return { tracker, ...cursor, ...(failure === undefined ? {} : { failure }) };
  }

  async resend(campaignId: string, trackers: readonly TrackerName[]): Promise<void> {
    for (const tracker of trackers) {
      const { generation } = await readCursor(this.#options.home, campaignId, tracker);
      await writeCursor(this.#options.home, campaignId, tracker, { generation: generation + 1, isEnded: false });
    }
    await this.#wake(campaignId);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#loops.values()].map(({ done }) => done));
  }

  async #wake(campaignId: string): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const campaign = await readCampaign(this.#options.db, campaignId);
    for (const tracker of trackersOf(campaign)) {
      const key = `${tracker} ${campaignId}`;
      const loop = this.#loops.get(key);
      if (loop !== undefined) loop.again = true;
      else this.#loops.set(key, { again: false, done: this.#follow(key, campaignId, tracker) });
    }
  }

  async #follow(key: string, campaignId: string, tracker: TrackerName): Promise<void> {
    const { warn, retryMs = RETRY_MS } = this.#options;
    const { signal } = this.#closing;
    let failures = 0;
    // The map has this loop from the next turn of the event loop on.
    await Promise.resolve();
    while (!signal.aborted) {
      const loop = this.#loops.get(key);
      if (loop !== undefined) loop.again = false;
      try {
        await this.#deliver(campaignId, tracker);
        if (failures > 0) warn(`${tracker} works again: it has all of ${campaignId}`);
        failures = 0;
        this.#failures.delete(key);
        if (loop?.again !== true) break;
      } catch (error) {
        if (signal.aborted) break;
        const reason = error instanceof Error ? error.message : String(error);
        if (failures === 0)
          warn(`${tracker} does not take the figures of ${campaignId}: ${reason}; they are kept, and sent later`);
        this.#failures.set(key, reason);
        const longer = Math.min(2 ** failures, MOST_RETRIES_LONGER);
        failures += 1;
        await sleep(retryMs * longer, undefined, { signal }).catch(() => undefined);
      }
    }
    this.#loops.delete(key);
  }

  async #deliver(campaignId: string, tracker: TrackerName): Promise<void> {
    const { db, rollouts, home, send, limitMs = LIMIT_MS } = this.#options;
    const campaign = await readCampaign(db, campaignId);
    if (campaign === undefined) return;
    const cursor = await readCursor(home, campaignId, tracker);
    const [updates, accuracy] = [await rollouts.readUpdates(campaign), await rollouts.readAccuracy(campaign)];
    const sections = sectionsAfter(sectionsOf({ campaign, updates, accuracy }), cursor.position);
    const records = sections.flatMap((section) => section.records);
    const isEnded = !isOpenStatus(campaign.status);
    const position = sections.at(-1)?.position ?? cursor.position;
    if (records.length > 0 || (isEnded && !cursor.isEnded)) {
      const { generation } = cursor;
      const name = generation === 1 ? campaignId : `${campaignId}-sent-${generation}`;
      const directory = join(home, 'reports', tracker);
      const run = { tracker, project: PROJECT, name, directory, config: campaign.config };
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(limitMs)]);
      signal.throwIfAborted();
      await send({ run, records, ended: isEnded }, signal);
    }
    // What was asked to be sent again meanwhile stays so.
    if ((await readCursor(home, campaignId, tracker)).generation !== cursor.generation) return;
    if (sections.length > 0 || isEnded !== cursor.isEnded)
      await writeCursor(home, campaignId, tracker, {
        generation: cursor.generation,
        ...(position === undefined ? {} : { position }),
        isEnded,
      });
  }
}
