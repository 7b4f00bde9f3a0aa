/** Campaigns side by side: groups over seeds, what they cost, which settings differ, and the differences on one suite. */
import { hideSecrets } from '../config/hide-secrets.ts';
import { differingSettings } from '../reports/group-campaigns.ts';
import { type ReportComparison, type ReportGroup, suitesOf } from '../reports/report.ts';
import type { CampaignDeps } from './deps.ts';
import { compareGroups, readGroups, requireCampaigns } from './make-report.ts';
import { UseCaseError } from './use-case-error.ts';

export interface CampaignComparison {
  /** In the order asked for. Others are compared with the first. */
  readonly groups: readonly ReportGroup[];
  /** A line for each campaign, in the order of the groups. */
  readonly costs: readonly CampaignCost[];
  /** Settings by full path that are not the same in all groups, with a value for each group. */
  readonly settings: readonly { readonly path: string; readonly values: readonly unknown[] }[];
  /** Suites that at least one of the campaigns was measured on. */
  readonly suites: readonly string[];
  /** The one that the differences are on; absent where nothing is measured. */
  readonly suite?: string;
  readonly differences: readonly ReportComparison[];
}

export interface CampaignCost {
  readonly id: string;
  readonly method?: string;
  readonly iterations: number;
  /** Sampled for the training. */
  readonly rollouts: number;
  /** Written by the model in these rollouts. */
  readonly newTokens: number;
  /** Sum of the stages, the warm start and the evaluations among them. */
  readonly seconds: number;
}

export interface ComparisonRequest {
  /** Names of campaigns; `*` stands for any characters. */
  readonly campaigns: readonly string[];
  /** Default: the first that all groups were measured on. */
  readonly suite?: string | undefined;
}

/**
 * @throws UseCaseError `not-found` for a name without a campaign, and for a suite that none was measured on
 * @example const { differences } = await compareCampaigns(deps, { campaigns: ['em-*', 'rl-*'], suite: 'math500' });
 */
export async function compareCampaigns(
  deps: Pick<CampaignDeps, 'db' | 'gateway' | 'store'>,
  { campaigns: asked, suite: wanted }: ComparisonRequest,
): Promise<CampaignComparison> {
  const campaigns = await requireCampaigns(deps, asked);
  const groups = await readGroups(deps, campaigns, 'recorded');
  const suites = suitesOf({ groups });
  if (wanted !== undefined && !suites.includes(wanted))
    throw new UseCaseError(
      'not-found',
      `no suite "${wanted}" was measured on these campaigns; there are ${suites.join(', ') || 'none yet'}`,
    );
  const suite = wanted ?? suites.find((name) => groups.every((group) => isMeasured(group, name))) ?? suites[0];
  const costs = groups.flatMap((group) =>
    group.campaigns.flatMap(({ id }): CampaignCost[] => {
      const campaign = campaigns.find((item) => item.id === id);
      if (campaign === undefined) return [];
      const { method, iterationsDone, iterations } = campaign;
      const sum = (values: readonly (number | undefined)[]) =>
        values.reduce<number>((all, value) => all + (value ?? 0), 0);
      return [
        {
          id,
          ...(method === undefined ? {} : { method }),
          iterations: iterationsDone,
          rollouts: sum(iterations.map(({ counts }) => counts.rollouts)),
          newTokens: sum(iterations.map(({ counts }) => counts.newTokens)),
          seconds: sum(iterations.flatMap(({ stages }) => stages.map(({ seconds }) => seconds))),
        },
      ];
    }),
  );
  return {
    groups,
    costs,
    settings:
      groups.length < 2
        ? []
        : differingSettings(groups).map(({ path, values }) => ({
            path,
            values: values.map((value) => hideSecrets(value, path)),
          })),
    suites,
    ...(suite === undefined ? {} : { suite }),
    differences: suite === undefined ? [] : await compareGroups(deps, groups, [suite]),
  };
}

const isMeasured = ({ campaigns }: ReportGroup, suite: string): boolean =>
  campaigns.some(({ evaluations }) => evaluations.some((item) => item.suite === suite));
