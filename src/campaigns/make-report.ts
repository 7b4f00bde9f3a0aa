/** Collects the figures of campaigns for a report: as they were recorded, or computed again from the artifact store. */
import type { Digest } from '../artifacts/types.ts';
import { listCampaigns } from '../db/read-campaigns.ts';
import type { CampaignDetail, EvaluationView, IterationView } from '../db/views.ts';
import { groupCampaigns } from '../reports/group-campaigns.ts';
import {
  commonMarks,
  evaluationAt,
  type Report,
  type ReportCampaign,
  type ReportComparison,
  type ReportEvaluation,
  type ReportGroup,
  type ReportIteration,
  suitesOf,
} from '../reports/report.ts';
import { recomputeEvaluation } from '../steps/evaluate.ts';
import { scoreStep } from '../steps/score.ts';
import { compareKnownEvaluations } from './compare-evaluations.ts';
import type { CampaignDeps } from './deps.ts';
import { requireCampaign } from './known-campaigns.ts';
import { UseCaseError } from './use-case-error.ts';

export const FIGURE_SOURCES = ['recorded', 'recomputed'] as const;
export type FigureSource = (typeof FIGURE_SOURCES)[number];

type Deps = Pick<CampaignDeps, 'db' | 'gateway' | 'store'>;

/**
 * @param asked - Names of campaigns; `*` stands for any characters
 * @throws UseCaseError `not-found` for a name without a campaign; StoreError for figures that the store has lost
 */
export async function makeReport(deps: Deps, asked: readonly string[], figures: FigureSource): Promise<Report> {
  const groups = await readGroups(deps, await requireCampaigns(deps, asked), figures);
  return {
    format: 'whencode-report-1',
    asked,
    groups,
    comparisons: await compareGroups(deps, groups, suitesOf({ groups })),
  };
}

/**
 * The campaigns in the order asked for, each once.
 *
 * @param asked - Names; `*` stands for any characters
 * @throws UseCaseError `not-found`
 */
export async function requireCampaigns(
  deps: Pick<CampaignDeps, 'db' | 'gateway'>,
  asked: readonly string[],
): Promise<CampaignDetail[]> {
  const campaigns: CampaignDetail[] = [];
  for (const id of await resolveNames(deps, asked)) campaigns.push(await requireCampaign(deps, id));
  return campaigns;
}

export async function readGroups(
  deps: Deps,
  campaigns: readonly CampaignDetail[],
  figures: FigureSource,
): Promise<ReportGroup[]> {
  const configured = [];
  for (const campaign of campaigns)
    configured.push({ campaign: await reportCampaign(deps, campaign, figures), config: campaign.config });
  return groupCampaigns(configured);
}

async function resolveNames({ db }: Pick<CampaignDeps, 'db'>, asked: readonly string[]): Promise<string[]> {
  const ids = (await listCampaigns(db)).map(({ id }) => id).sort();
  const found = asked.flatMap((name) => {
    if (!name.includes('*')) return [name];
    const pattern = new RegExp(`^${name.replace(/[^*\w-]/g, '\\$&').replaceAll('*', '.*')}$`);
    const matches = ids.filter((id) => pattern.test(id));
    if (matches.length > 0) return matches;
    throw new UseCaseError(
      'not-found',
      `no campaign is called ${name}; there are ${ids.slice(0, 10).join(', ') || 'none'}`,
    );
  });
  return [...new Set(found)];
}

async function reportCampaign(deps: Deps, campaign: CampaignDetail, figures: FigureSource): Promise<ReportCampaign> {
  const { seed } = (campaign.config ?? {}) as { readonly seed?: unknown };
  const iterations: ReportIteration[] = [];
  for (const iteration of campaign.iterations) iterations.push(await reportIteration(deps, iteration, figures));
  const evaluations: ReportEvaluation[] = [];
  for (const evaluation of campaign.evaluations) {
    const found = await reportEvaluation(deps, evaluation, iterations, figures);
    if (found !== undefined) evaluations.push(found);
  }
  const origin = campaign.forkedFrom;
  return {
    id: campaign.id,
    seed: typeof seed === 'number' ? seed : 0,
    status: campaign.status,
    ...(origin === undefined ? {} : { forkedFrom: `${origin.campaignId}/${origin.iteration}` }),
    iterations,
    evaluations,
  };
}

async function reportIteration(
  { store }: Deps,
  { iteration, from, to, stages }: IterationView,
  figures: FigureSource,
): Promise<ReportIteration> {
  const score = stages.find(({ stage }) => stage === 'score');
  const counted =
    figures === 'recorded' || score?.manifest === undefined
      ? score?.counts
      : (await scoreStep.read(store, score.manifest as Digest)).facts;
  return {
    iteration,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    rollouts: counted?.rollouts ?? 0,
    ...(score?.manifest === undefined ? {} : { score: score.manifest }),
  };
}

/** Undefined for an evaluation on demand, and for one without figures. */
async function reportEvaluation(
  { store }: Deps,
  { id, suite, iteration, manifest, metrics, checkpoint }: EvaluationView,
  iterations: readonly ReportIteration[],
  figures: FigureSource,
): Promise<ReportEvaluation | undefined> {
  if (iteration === undefined || manifest === undefined || metrics === undefined) return undefined;
  const rollouts = iterations
    .filter((item) => item.iteration <= iteration)
    .reduce((sum, item) => sum + item.rollouts, 0);
  const recorded = { id, suite, iteration, rollouts, checkpoint, manifest, metrics };
  if (figures === 'recorded') return recorded;
  const computed = await recomputeEvaluation(store, manifest as Digest);
  return { ...recorded, checkpoint: computed.checkpoint ?? checkpoint, metrics: computed.metrics };
}

/** Every other group against the first, on those of the suites that both were measured on. */
export async function compareGroups(
  deps: Deps,
  groups: readonly ReportGroup[],
  suites: readonly string[],
): Promise<ReportComparison[]> {
  const [left, ...others] = groups;
  if (left === undefined) return [];
  const comparisons: ReportComparison[] = [];
  for (const suite of suites)
    for (const right of others) {
      const rollouts = commonMarks([left, right], suite).at(-1);
      if (rollouts === undefined) continue;
      const seeds = await compareSeeds(deps, left, right, (campaign) => evaluationAt(campaign, suite, rollouts));
      if (seeds.length > 0) comparisons.push({ suite, rollouts, left: left.name, right: right.name, seeds });
    }
  return comparisons;
}

async function compareSeeds(
  deps: Deps,
  left: ReportGroup,
  right: ReportGroup,
  chosen: (campaign: ReportCampaign) => ReportEvaluation | undefined,
): Promise<ReportComparison['seeds']> {
  const seeds: ReportComparison['seeds'][number][] = [];
  for (const campaign of left.campaigns) {
    const other = right.campaigns.find(({ seed }) => seed === campaign.seed);
    const [a, b] = [chosen(campaign), other === undefined ? undefined : chosen(other)];
    if (a === undefined || b === undefined) continue;
    const { pairing, figures } = await compareKnownEvaluations(deps, { left: a.id, right: b.id });
    const paired = pairing.kind === 'paired' ? { pairedOver: pairing.problems } : {};
    seeds.push({ seed: campaign.seed, left: a.id, right: b.id, ...paired, figures });
  }
  return seeds;
}
