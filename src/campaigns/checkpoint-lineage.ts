/** Checkpoints of all campaigns as trees: a fork below the campaign that it is from. */
import { StoreError } from '../artifacts/store-error.ts';
import type { Digest } from '../artifacts/types.ts';
import { mainSuiteOf } from '../config/main-suite.ts';
import { listCampaigns, readCampaign } from '../db/read-campaigns.ts';
import type { CampaignDetail, CheckpointView } from '../db/views.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';
import type { CampaignStatus } from '../protocol/statuses.ts';
import { bestCheckpoint } from './best-checkpoint.ts';
import type { CampaignDeps } from './deps.ts';
import { listKeptCheckpoints } from './keep-checkpoint.ts';

export type CheckpointRole = 'head' | 'best';

export interface LineageCheckpoint extends CheckpointView {
  readonly roles: readonly CheckpointRole[];
  /** Of its files; absent where they are gone. */
  readonly bytes?: number;
  /** Accuracy of `auto` on the campaign's main suite. */
  readonly accuracy?: Measure;
}

export interface LineageCampaign {
  readonly id: string;
  readonly status: CampaignStatus;
  /** Campaign and iteration, e.g. `math/3`. */
  readonly forkedFrom?: string;
  /** The main suite; absent for a campaign without one. */
  readonly suite?: string;
  /** In order of iteration. The first of a fork is that of its origin. */
  readonly checkpoints: readonly LineageCheckpoint[];
  /** Oldest first. */
  readonly forks: readonly LineageCampaign[];
}

/** Campaigns that are no forks, newest first, with their forks below them. */
export async function readLineage(deps: Pick<CampaignDeps, 'db' | 'store'>): Promise<LineageCampaign[]> {
  const checkpoints = await listKeptCheckpoints(deps, undefined);
  const campaigns: Omit<LineageCampaign, 'forks'>[] = [];
  for (const { id } of await listCampaigns(deps.db)) {
    const campaign = await readCampaign(deps.db, id);
    if (campaign === undefined) continue;
    const own = checkpoints.filter(({ campaignId }) => campaignId === id).sort((a, b) => a.iteration - b.iteration);
    campaigns.push(await lineageOf(deps, campaign, own));
  }
  const known = new Set(campaigns.map(({ id }) => id));
  const originOf = ({ forkedFrom }: Omit<LineageCampaign, 'forks'>): string | undefined => {
    const origin = forkedFrom?.split('/')[0];
    return origin !== undefined && known.has(origin) ? origin : undefined;
  };
  const withForks = (campaign: Omit<LineageCampaign, 'forks'>): LineageCampaign => ({
    ...campaign,
    forks: campaigns
      .filter((other) => originOf(other) === campaign.id)
      .reverse()
      .map(withForks),
  });
  return campaigns.filter((campaign) => originOf(campaign) === undefined).map(withForks);
}

async function lineageOf(
  { store }: Pick<CampaignDeps, 'store'>,
  campaign: CampaignDetail,
  checkpoints: readonly CheckpointView[],
): Promise<Omit<LineageCampaign, 'forks'>> {
  const { id, status, head, forkedFrom, evaluations, config } = campaign;
  const suite = mainSuiteOf(config as Parameters<typeof mainSuiteOf>[0]);
  const best = bestCheckpoint(campaign)?.checkpoint;
  const accuracyOf = (digest: string): Measure | undefined =>
    evaluations.find((item) => item.suite === suite && item.checkpoint === digest && item.metrics !== undefined)
      ?.metrics?.accuracy.auto;
  const found = await Promise.all(
    checkpoints.map(async (item): Promise<LineageCheckpoint> => {
      const bytes = item.collectedAt === undefined ? await bytesOf(store, item.digest as Digest) : undefined;
      const accuracy = accuracyOf(item.digest);
      return {
        ...item,
        roles: [
          ...(item.digest === head ? (['head'] as const) : []),
          ...(item.digest === best ? (['best'] as const) : []),
        ],
        ...(bytes === undefined ? {} : { bytes }),
        ...(accuracy === undefined ? {} : { accuracy }),
      };
    }),
  );
  return {
    id,
    status,
    ...(forkedFrom === undefined ? {} : { forkedFrom: `${forkedFrom.campaignId}/${forkedFrom.iteration}` }),
    ...(suite === undefined ? {} : { suite }),
    checkpoints: found,
  };
}

async function bytesOf(store: CampaignDeps['store'], digest: Digest): Promise<number | undefined> {
  try {
    const { files } = await store.readTree(digest);
    return Object.values(files).reduce((sum, file) => sum + file.bytes, 0);
  } catch (error) {
    // The store has lost it: the page says that there are no files.
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}
