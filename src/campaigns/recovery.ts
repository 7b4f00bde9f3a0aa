/** Reconstructs the input of a campaign's next run from the journal in the artifact store alone. */

import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { type CampaignConfig, campaignSchema } from '../config/campaign.ts';
import { describeIssues } from '../config/load.ts';
import { readStoredSettings } from '../config/renamed-settings.ts';
import type { CampaignInput } from '../protocol/campaign-input.ts';
import { REQUESTS_REMEMBERED } from '../protocol/campaign-messages.ts';
import type { CampaignState } from '../protocol/campaign-state.ts';
import { decodeJournal } from '../protocol/decode-journal.ts';
import type { Fact, ForkOrigin } from '../protocol/facts.ts';
import type { JournalEvent } from '../protocol/journal.ts';
import type { SkippedEntry } from '../protocol/skipped-entries.ts';
import { readConfig } from '../steps/read-config.ts';
import { UseCaseError } from './use-case-error.ts';

export interface Recovery {
  /** Undefined when the journal has no configuration. */
  readonly input: CampaignInput | undefined;
  /** What the journal may have said besides. */
  readonly skipped: readonly SkippedEntry[];
}

/**
 * The input of a run that resumes the campaign: its last state, and all later requests of people. Steps that were under
 * way start again and find their finished parts by step key.
 */
export async function readRecovery(store: ArtifactStore, campaignId: string): Promise<Recovery> {
  const { events, skipped } = decodeJournal(campaignId, await store.readJournal(campaignId));
  return { input: await recoveredInput(store, campaignId, foldJournal(events)), skipped };
}

async function recoveredInput(
  store: ArtifactStore,
  campaignId: string,
  found: Found,
): Promise<CampaignInput | undefined> {
  const { state, now = state?.config, next } = found;
  const config = now === undefined ? parseConfig(campaignId, found.config) : await readConfig(store, now);
  if (config === undefined) return undefined;
  return {
    campaignId,
    config,
    ...(state === undefined || now === undefined ? {} : { state: { ...state, config: now } }),
    ...(next === undefined || next === now
      ? {}
      : { nextConfig: { config: await readConfig(store, next), digest: next } }),
    ...(found.forkedFrom === undefined ? {} : { forkedFrom: found.forkedFrom }),
    ...(found.accepted === undefined ? {} : { accepted: found.accepted }),
    iterationsPlanned: Math.max(found.iterationsPlanned, state?.iterationsPlanned ?? config.iterations),
    paused: found.paused,
    stopsAfterIteration: found.stopsAfterIteration,
    seenRequests: found.seenRequests.slice(-REQUESTS_REMEMBERED),
  };
}

interface Found {
  /** From the campaign's first fact. */
  config?: unknown;
  forkedFrom?: ForkOrigin;
  state?: CampaignState;
  /** Settings changed since the state: for the iteration under way, and for the next one. */
  now?: Digest;
  next?: Digest;
  accepted?: string;
  iterationsPlanned: number;
  paused: boolean;
  stopsAfterIteration: boolean;
  seenRequests: string[];
}

function foldJournal(events: readonly JournalEvent[]): Found {
  const found: Found = { iterationsPlanned: 0, paused: false, stopsAfterIteration: false, seenRequests: [] };
  for (const event of events) {
    if ('updateId' in event.details && event.details.updateId !== undefined)
      found.seenRequests.push(event.details.updateId);
    takeEvent(found, event);
  }
  return found;
}

function takeEvent(found: Found, event: JournalEvent): void {
  switch (event.kind) {
    case 'fact':
      takeFact(found, event.details.fact);
      return;
    case 'state':
      found.state = event.details;
      delete found.now;
      delete found.next;
      delete found.accepted;
      return;
    case 'settings-changed':
      takeSettings(found, event.details);
      return;
    case 'extended':
      found.iterationsPlanned = event.details.iterationsPlanned;
      if (event.details.restarts === true) Object.assign(found, { paused: false, stopsAfterIteration: false });
      return;
    case 'paused':
    case 'resumed':
      found.paused = event.kind === 'paused';
      return;
    case 'stop-requested':
      found.stopsAfterIteration = true;
      return;
    case 'failures-accepted':
      if (event.details.what !== undefined) found.accepted = event.details.what;
      return;
    case 'opened':
    case 'iteration-retried':
    case 'iteration-aborted':
    case 'recovered':
    case 'forked':
    case 'replayed':
    case 'webhook-failed':
    case 'rolled-back':
    case 'collection-failed':
      return;
  }
}

function takeFact(found: Found, fact: Fact): void {
  if (fact.kind !== 'campaign') return;
  if (fact.config !== undefined) found.config = fact.config;
  if (fact.forkedFrom !== undefined) found.forkedFrom = fact.forkedFrom;
}

/** Keeps a change for the next iteration out of the iteration under way, whose step keys would change. */
function takeSettings(
  found: Found,
  { fromIteration, when, config, configNow }: Extract<JournalEvent, { kind: 'settings-changed' }>['details'],
): void {
  const underWay = (found.state?.iterationsDone ?? 0) + 1;
  const isSplit = when === 'at-once' || fromIteration > underWay;
  const now = isSplit ? configNow : config;
  if (now !== undefined) found.now = now;
  found.next = config;
}

function parseConfig(campaignId: string, config: unknown): CampaignConfig | undefined {
  if (config === undefined) return undefined;
  const parsed = campaignSchema.safeParse(readStoredSettings(config));
  if (parsed.success) return parsed.data;
  throw new UseCaseError(
    'conflict',
    `the configuration in the journal of campaign "${campaignId}" is none of this version: ${describeIssues(parsed.error).join('; ')}`,
  );
}
