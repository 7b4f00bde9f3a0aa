/** Decides which checkpoints are kept, and why. The files of the others are deleted; their lineage stays. */

import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import { listCampaigns, readCampaign } from '../db/read-campaigns.ts';
import { listCheckpoints, listEvaluations } from '../db/read-checkpoints.ts';
import type { CampaignDetail } from '../db/views.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { bestCheckpoint } from './best-checkpoint.ts';
import type { CampaignDeps } from './deps.ts';
import type { ReplayedIteration } from './gateway.ts';
import { record } from './known-campaigns.ts';

/** `best on` names the suite that chose it. */
export type KeepReason = 'head' | `best on ${string}` | 'pinned' | 'last' | 'start' | 'in use' | "another's";

export interface CollectionDeps extends Pick<CampaignDeps, 'db' | 'store'> {
  readonly gateway: Pick<CampaignDeps['gateway'], 'listOpenReplays'>;
}

export interface PlannedCheckpoint {
  readonly digest: Digest;
  /** The campaigns and iterations that made it, e.g. `math/3`. */
  readonly madeBy: readonly string[];
  /** Empty: its files may be deleted. */
  readonly keptAs: readonly KeepReason[];
  /** Manifest of a step that made it. */
  readonly maker?: Digest;
}

/**
 * Lists every checkpoint whose files exist. Kept are heads, starts, the best, pinned ones, the last N and those in use.
 *
 * @param only - Collects only the checkpoints of this campaign
 */
export async function planCollection(
  deps: CollectionDeps,
  keepLast: number,
  only?: string,
): Promise<PlannedCheckpoint[]> {
  const replays = await deps.gateway.listOpenReplays();
  const planned = new Map<string, { madeBy: string[]; keptAs: Set<KeepReason>; maker?: string }>();
  const measured = await listEvaluations(deps.db);
  const inUse = new Set(measured.filter(({ status }) => status === 'running').map(({ checkpoint }) => checkpoint));
  const pinned = new Set((await listCheckpoints(deps.db)).filter((item) => item.pinned).map(({ digest }) => digest));
  for (const { id } of await listCampaigns(deps.db)) {
    const campaign = await readCampaign(deps.db, id);
    if (campaign === undefined) continue;
    const last = new Set(campaign.checkpoints.slice(-keepLast).map(({ digest }) => digest));
    const best = bestCheckpoint(campaign);
    for (const { digest, iteration } of campaign.checkpoints) {
      const entry = planned.get(digest) ?? { madeBy: [], keptAs: new Set<KeepReason>() };
      planned.set(digest, entry);
      entry.madeBy.push(`${id}/${iteration}`);
      const keep = (reason: KeepReason, isKept: boolean): void => void (isKept && entry.keptAs.add(reason));
      keep('head', digest === campaign.head);
      // The start can't be recomputed from the store, and everything else depends on it.
      keep('start', iteration === campaign.checkpoints[0]?.iteration);
      if (best !== undefined) keep(`best on ${best.suite}`, digest === best.checkpoint);
      keep('last', last.has(digest));
      keep('pinned', pinned.has(digest));
      keep('in use', inUse.has(digest) || isWorkedOn(campaign, digest) || isReplayed(campaign, digest, replays));
      keep("another's", only !== undefined && id !== only);
      const maker = makerOf(campaign, iteration);
      if (maker !== undefined) entry.maker = maker;
    }
  }
  const there = [];
  for (const [digest, { madeBy, keptAs, maker }] of planned)
    if (await deps.store.hasBlob(digest as Digest))
      there.push({
        digest: digest as Digest,
        madeBy,
        keptAs: [...keptAs],
        ...(maker === undefined ? {} : { maker: maker as Digest }),
      });
  return there;
}

/** Collects what the plan does not keep, and records it. Returns the bytes freed by digest. */
export async function collectCheckpoints(
  deps: CollectionDeps,
  plan: readonly PlannedCheckpoint[],
): Promise<{ readonly digest: Digest; readonly freedBytes: number }[]> {
  const keep = await filesOf(
    deps.store,
    plan.filter(({ keptAs }) => keptAs.length > 0).map(({ digest }) => digest),
  );
  const collected = [];
  for (const { digest, keptAs, madeBy, maker } of plan) {
    if (keptAs.length > 0) continue;
    const freedBytes = await deps.store.collectTree(digest, { maker, keep });
    const campaignId = madeBy[0]?.split('/')[0] ?? '';
    const at = new Date().toISOString();
    await record(deps, [{ kind: 'checkpoint-mark', digest, campaignId, at, mark: 'collected', freedBytes }]);
    collected.push({ digest, freedBytes });
  }
  return collected;
}

async function filesOf(store: ArtifactStore, trees: readonly Digest[]): Promise<Set<Digest>> {
  const files = new Set<Digest>(trees);
  for (const tree of trees)
    for (const { digest } of Object.values((await store.readTree(tree)).files)) files.add(digest);
  return files;
}

const isWorkedOn = ({ status, iterations }: CampaignDetail, digest: string): boolean =>
  isOpenStatus(status) && iterations.some((item) => item.status !== 'completed' && item.from === digest);

/** Whether a running replay uses the checkpoint: it samples from one, and compares its training result with the other. */
const isReplayed = (
  { id, iterations }: CampaignDetail,
  digest: string,
  replays: readonly ReplayedIteration[],
): boolean =>
  iterations.some(
    ({ iteration, from, to }) =>
      (from === digest || to === digest) &&
      replays.some((item) => item.campaignId === id && item.iteration === iteration),
  );

function makerOf({ iterations }: CampaignDetail, iteration: number): string | undefined {
  const stages = iterations.find((item) => item.iteration === iteration)?.stages ?? [];
  return stages.find(({ stage, status }) => (stage === 'train' || stage === 'warm-up') && status === 'completed')
    ?.manifest;
}

export interface Collection {
  readonly dryRun: boolean;
  readonly checkpoints: readonly PlannedCheckpoint[];
  readonly collected: readonly { readonly digest: string; readonly freedBytes: number }[];
}

/** The command `checkpoint gc`. @param dryRun - Plans without deleting */
export async function planAndCollect(
  deps: CollectionDeps,
  { dryRun, keepLast }: { readonly dryRun: boolean; readonly keepLast: number },
): Promise<Collection> {
  const checkpoints = await planCollection(deps, keepLast);
  return { dryRun, checkpoints, collected: dryRun ? [] : await collectCheckpoints(deps, checkpoints) };
}
