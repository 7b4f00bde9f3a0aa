/** Routes of the pages and of their buttons. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { EventStreams } from '../api/event-streams.ts';
import { problemQuery, problemsQuery } from '../api/requests.ts';
import { compareCampaigns } from '../campaigns/compare-campaigns.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { markLost, requireCampaign } from '../campaigns/known-campaigns.ts';
import { rolloutFilter } from '../campaigns/rollout-filter.ts';
import { parseAsked, UseCaseError } from '../campaigns/use-case-error.ts';
import { compareSettings } from '../config/settings.ts';
import { listCampaigns, readCampaign } from '../db/read-campaigns.ts';
import { readSettingsChanges } from '../db/read-settings-changes.ts';
import type { CampaignDetail } from '../db/views.ts';
import { ButtonIds, pressButton } from './buttons.ts';
import { CampaignPage, renderCampaignSections } from './campaign-page.tsx';
import { COMPARISON_AXES } from './compare-lines.ts';
import { ComparePage } from './compare-page.tsx';
import { CurvesPage, renderBehaviourSections, renderCurveSections } from './curves-page.tsx';
import { EvaluationPage } from './evaluation-page.tsx';
import { IndexPage, renderIndexSections } from './index-page.tsx';
import { PageFeeds } from './page-feeds.ts';
import { filledIn, readForm, sendPage } from './page-requests.ts';
import { ProblemPage } from './problem-page.tsx';
import { RolloutsPage } from './rollouts-page.tsx';
import type { SettingsHistory } from './section-settings.tsx';
import { startRoutes } from './start-routes.tsx';

export function pageRoutes(deps: CampaignDeps, streams: EventStreams): Hono {
  const routes = new Hono();
  const buttonIds = new ButtonIds();
  const feeds = new PageFeeds(deps.watch, streams);
  const sectionsOf = (id: string) => campaignSections(deps, id, buttonIds.idOf(id));

  routes.get('/', async (context) => sendPage(context, <IndexPage sections={await indexSections(deps)} />));
  routes.get('/page-events', (context) => feeds.open(context, undefined, () => indexSections(deps)));

  routes.get('/campaigns/:id', async (context) => {
    const campaign = await requireCampaign(deps, context.req.param('id'));
    return sendPage(context, <CampaignPage campaign={campaign} sections={await sectionsOf(campaign.id)} />);
  });
  routes.get('/campaigns/:id/events', async (context) => {
    const { id } = await requireCampaign(deps, context.req.param('id'));
    return feeds.open(context, id, () => sectionsOf(id));
  });
  routes.post('/campaigns/:id/actions', async (context) => {
    const id = context.req.param('id');
    await pressButton(deps, buttonIds, id, await readForm(context));
    return context.redirect(`/campaigns/${id}`, 303);
  });
  routes.get('/campaigns/:id/rollouts', async (context) => {
    const campaign = await requireCampaign(deps, context.req.param('id'));
    const filter = parseAsked(rolloutFilter, { ...filledIn(context), campaign: campaign.id }, 'the filter');
    const page = await deps.rollouts.read(filter);
    return sendPage(context, <RolloutsPage campaign={campaign} filter={filter} page={page} />);
  });
  routes.get('/campaigns/:id/curves', async (context) => {
    const campaign = await requireCampaign(deps, context.req.param('id'));
    const sections = [
      ...(await renderBehaviourSections(await deps.rollouts.readBehaviour(campaign))),
      ...(await renderCurveSections(await deps.rollouts.readUpdates(campaign))),
    ];
    return sendPage(context, <CurvesPage campaign={campaign} sections={sections} />);
  });
  routes.get('/rollouts', async (context) => {
    const filter = parseAsked(rolloutFilter, filledIn(context), 'the filter');
    const page = await deps.rollouts.read(filter);
    const campaign = filter.campaign === undefined ? {} : { campaign: await requireCampaign(deps, filter.campaign) };
    return sendPage(context, <RolloutsPage {...campaign} filter={filter} page={page} />);
  });
  routes.get('/evaluations/:id{.+}', async (context) => {
    const { mark, offset } = parseAsked(problemList, filledIn(context), 'the filter');
    const decisions = await deps.rollouts.readDecisions(context.req.param('id'));
    return sendPage(context, <EvaluationPage {...decisions} mark={mark} offset={offset} />);
  });
  routes.get('/problems', async (context) => {
    const { problem: id, ...of } = parseAsked(problemQuery, filledIn(context), 'the address');
    const story = await deps.rollouts.readProblem({ problem: id, ...of });
    const origin = of.evaluation === undefined ? of : { evaluation: of.evaluation };
    const page = await deps.rollouts.read({ ...origin, problem: id, offset: 0, limit: SIDE_BY_SIDE });
    const shown = { ...of, id, iteration: page.iteration };
    return sendPage(context, <ProblemPage {...story} shown={shown} rollouts={page.rollouts} total={page.total} />);
  });

  routes.route('/', startRoutes(deps));

  routes.get('/compare', async (context) => {
    const campaigns = await listCampaigns(deps.db);
    const { suite, by: axis } = parseAsked(comparisonView, filledIn(context), 'the address');
    const named = (context.req.queries('campaigns') ?? []).flatMap((text) => text.split(',')).filter(Boolean);
    // Without a choice: the two newest, the older one as the baseline.
    const asked =
      named.length > 0
        ? named
        : campaigns
            .slice(0, 2)
            .map(({ id }) => id)
            .reverse();
    const comparison = await compareCampaigns(deps, { campaigns: asked, suite });
    return sendPage(context, <ComparePage campaigns={campaigns} asked={asked} axis={axis} comparison={comparison} />);
  });

  return routes;
}

const problemList = problemsQuery.extend({ offset: z.coerce.number().int().min(0).default(0) });

const comparisonView = z.object({ suite: z.string().optional(), by: z.enum(COMPARISON_AXES).default('rollouts') });

/** Rollouts of a problem that its page shows. */
const SIDE_BY_SIDE = 48;

/** Time after which the live page reads no more iterations for the accuracy of their rollouts. */
const ACCURACY_LIMIT_MS = 2000;

/** Rollouts on the live page. */
const RECENT = 12;

const indexSections = async (deps: CampaignDeps) =>
  renderIndexSections(await markLost(deps, await listCampaigns(deps.db)));

async function campaignSections(deps: CampaignDeps, id: string, buttonId: string) {
  const found = await readCampaign(deps.db, id);
  const [campaign] = await markLost(deps, found === undefined ? [] : [found]);
  if (campaign === undefined) throw new UseCaseError('not-found', `there is no campaign "${id}"`);
  const rollouts = await deps.rollouts.readRecent(campaign, RECENT).catch((error: unknown) => {
    // Blobs may be missing from the store; the page then shows no rollouts.
    if (error instanceof UseCaseError && error.code === 'not-found') return [];
    throw error;
  });
  return renderCampaignSections({
    campaign,
    accuracy: await deps.rollouts.readAccuracy(campaign, ACCURACY_LIMIT_MS),
    live: deps.watch.liveStatus(id),
    rollouts,
    buttonId,
    history: await settingsHistory(deps, campaign),
    nowMs: Date.now(),
  });
}

async function settingsHistory(deps: CampaignDeps, campaign: CampaignDetail): Promise<SettingsHistory> {
  const { forkedFrom, config } = campaign;
  const origin = forkedFrom === undefined ? undefined : await readCampaign(deps.db, forkedFrom.campaignId);
  const differences = origin?.config === undefined ? [] : compareSettings(origin.config, config);
  return {
    differences: differences.filter(({ setting }) => setting !== 'name'),
    changed: await readSettingsChanges(deps.db, campaign.id),
  };
}
