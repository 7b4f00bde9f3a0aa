/** What a campaign can go on from, by the journal in the artifact store alone. */

import type { ArtifactStore, Digest, JournalEntry } from '../artifacts/types.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { REQUESTS_REMEMBERED } from '../protocol/campaign-messages.ts';
import type { CampaignInput, CampaignState } from '../protocol/campaign-state.ts';
import type { Fact, ForkOrigin } from '../protocol/facts.ts';

/**
 * The input of a run that goes on where the campaign was: its last state, and everything that people did since. Steps
 * under way are begun again and find what they had done by their keys. Undefined when the journal has no configuration.
 */
export async function readRecovery(store: ArtifactStore, campaignId: string): Promise<CampaignInput | undefined> {
  const found = foldJournal(await store.readJournal(campaignId));
  const { state, now = state?.config, next } = found;
  const config = now === undefined ? found.config : await readConfig(store, now);
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
  config?: CampaignConfig;
  forkedFrom?: ForkOrigin;
  state?: CampaignState;
  /** Settings changed since the state: of the iteration under way, and of the one after. */
  now?: Digest;
  next?: Digest;
  accepted?: string;
  iterationsPlanned: number;
  paused: boolean;
  stopsAfterIteration: boolean;
  seenRequests: string[];
}

interface NoteDetails {
  /** The campaign had ended: what was asked of it before is void. */
  readonly restarts?: boolean;
  readonly updateId?: string;
  readonly iterationsPlanned?: number;
  readonly fromIteration?: number;
  readonly when?: 'at-once' | 'next-iteration';
  readonly config?: Digest;
  readonly configNow?: Digest;
  readonly what?: string;
}

function foldJournal(entries: readonly JournalEntry[]): Found {
  const found: Found = { iterationsPlanned: 0, paused: false, stopsAfterIteration: false, seenRequests: [] };
  for (const entry of entries) {
    const note = entry.details as NoteDetails;
    if (note.updateId !== undefined) found.seenRequests.push(note.updateId);
    if (note.restarts === true) Object.assign(found, { paused: false, stopsAfterIteration: false });
    switch (entry.kind) {
      case 'fact':
        takeFact(found, entry.details.fact as Fact);
        break;
      case 'state':
        found.state = entry.details as unknown as CampaignState;
        delete found.now;
        delete found.next;
        delete found.accepted;
        break;
      case 'settings-changed':
        takeSettings(found, note);
        break;
      case 'extended':
        found.iterationsPlanned = note.iterationsPlanned ?? found.iterationsPlanned;
        break;
      case 'paused':
      case 'resumed':
        found.paused = entry.kind === 'paused';
        break;
      case 'stop-requested':
        found.stopsAfterIteration = true;
        break;
      case 'failures-accepted':
        if (note.what !== undefined) found.accepted = note.what;
        break;
    }
  }
  return found;
}

function takeFact(found: Found, fact: Fact): void {
  if (fact.kind !== 'campaign') return;
  if (fact.config !== undefined) found.config = fact.config as CampaignConfig;
  if (fact.forkedFrom !== undefined) found.forkedFrom = fact.forkedFrom;
}

/** A change for the iteration after the one under way must not reach the one under way: its steps would be others. */
function takeSettings(found: Found, { fromIteration = 0, when, config, configNow }: NoteDetails): void {
  const underWay = (found.state?.iterationsDone ?? 0) + 1;
  const isSplit = when === 'at-once' || fromIteration > underWay;
  const now = isSplit ? configNow : config;
  if (now !== undefined) found.now = now;
  if (config !== undefined) found.next = config;
}

async function readConfig(store: ArtifactStore, digest: Digest): Promise<CampaignConfig> {
  return JSON.parse((await store.readBlob(digest)).toString('utf8')) as CampaignConfig;
}
