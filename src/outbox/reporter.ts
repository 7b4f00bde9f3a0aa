/**
 * Reports campaigns to experiment trackers. It follows what is stored, with a cursor for each tracker: a tracker that is
 * down or slow delays no step, and gets everything once it is back.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { trackersOf } from '../campaigns/report.ts';
import type { ReportDesk, TrackerState } from '../campaigns/report-desk.ts';
import type { TrackerName } from '../config/tracker-names.ts';
import { listReporting, readCampaign } from '../db/read-campaigns.ts';
import type { Fact } from '../protocol/facts.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import type { Tracker } from '../tracking/tracker.ts';
import { changeCursor, readCursor } from './cursors.ts';
import { partsAfter, recordsOf } from './records.ts';
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
    for (const campaign of await listReporting(this.#options.db)) this.#wake(campaign);
  }

  async facts(facts: readonly Fact[]): Promise<void> {
    const ids = new Set(facts.flatMap((fact) => campaignWithNews(fact) ?? []));
    if (ids.size === 0) return;
    for (const campaign of await listReporting(this.#options.db, [...ids])) this.#wake(campaign);
  }

  async readState(campaignId: string, tracker: TrackerName): Promise<TrackerState> {
    const { isEnded: _, step: __, ...cursor } = await readCursor(this.#options.home, campaignId, tracker);
    const failure = this.#failures.get(`${tracker} ${campaignId}`);
    return { tracker, ...cursor, ...(failure === undefined ? {} : { failure }) };
  }

  async resend(campaignId: string, trackers: readonly TrackerName[]): Promise<void> {
    for (const tracker of trackers)
      await changeCursor(this.#options.home, campaignId, tracker, ({ generation }) => ({
        generation: generation + 1,
        step: 0,
        isEnded: false,
      }));
    for (const campaign of await listReporting(this.#options.db, [campaignId])) this.#wake(campaign);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#loops.values()].map(({ done }) => done));
  }

  #wake(campaign: { readonly id: string; readonly config: { readonly report: unknown } }): void {
    if (this.#closing.signal.aborted) return;
    const campaignId = campaign.id;
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
    const parts = partsAfter(campaign, cursor.position);
    const isEnded = !isOpenStatus(campaign.status);
    if (parts.length === 0 && isEnded === cursor.isEnded) return;
    const trained = new Set(
      parts.flatMap(({ position, time }) =>
        position.part === 'train' && time !== undefined ? position.iteration : [],
      ),
    );
    // Rollouts and series are read from the store, so only those that are new.
    const news = { ...campaign, iterations: campaign.iterations.filter(({ iteration }) => trained.has(iteration)) };
    const updates = await rollouts.readUpdates(news);
    const accuracy = await rollouts.readAccuracy(news);
    const { records, step } = recordsOf({ campaign, updates, accuracy }, parts, cursor.step);
    const position = parts.at(-1)?.position ?? cursor.position;
    if (records.length > 0 || (isEnded && !cursor.isEnded)) {
      const { generation } = cursor;
      const name = generation === 1 ? campaignId : `${campaignId}-sent-${generation}`;
      const directory = join(home, 'reports', tracker);
      const run = { tracker, project: PROJECT, id: runId(name, campaign), name, directory, config: campaign.config };
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(limitMs)]);
      signal.throwIfAborted();
      await send({ run, records, ended: isEnded }, signal);
    }
    const next = { ...cursor, ...(position === undefined ? {} : { position }), step, isEnded };
    // What was asked to be sent again meanwhile stays so.
    await changeCursor(home, campaignId, tracker, ({ generation }) =>
      generation === cursor.generation ? next : undefined,
    );
  }
}

/** The name with a digest of when the campaign began: campaigns of two homes may have one name in one account. */
const runId = (name: string, { createdAt }: { readonly createdAt: string }): string =>
  `${name}-${createHash('sha256').update(createdAt).digest('hex').slice(0, 8)}`;

/** The campaign of a fact after which there may be something to send. */
function campaignWithNews(fact: Fact): string | undefined {
  if (fact.kind === 'campaign') return fact.id;
  if (fact.kind !== 'stage' || fact.status !== 'completed') return undefined;
  return fact.stage === 'train' || fact.stage === 'evaluate' ? fact.campaignId : undefined;
}
