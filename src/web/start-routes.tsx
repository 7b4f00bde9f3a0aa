/** Pages that start something: a new run, a fork, an evaluation, a replay, through the use cases of the API. */
import { readFileSync } from 'node:fs';
import { type Context, Hono } from 'hono';
import { stringify } from 'yaml';
import { z } from 'zod';
import { expectedError, STATUS_OF_CODE } from '../api/errors.ts';
import { checkDraft, settingsToCopy } from '../campaigns/check-draft.ts';
import { readLineage } from '../campaigns/checkpoint-lineage.ts';
import { compareKnownEvaluations } from '../campaigns/compare-evaluations.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { evaluationRequest } from '../campaigns/evaluation-request.ts';
import { forkCampaign } from '../campaigns/fork.ts';
import { markCheckpoint } from '../campaigns/keep-checkpoint.ts';
import { requireCampaign } from '../campaigns/known-campaigns.ts';
import { computeWhatIf, replayIteration, showReplay } from '../campaigns/replay-iteration.ts';
import { startCampaign } from '../campaigns/start-campaign.ts';
import { startEvaluation } from '../campaigns/start-evaluation.ts';
import { parseAsked, UseCaseError } from '../campaigns/use-case-error.ts';
import { mainSuiteOf } from '../config/main-suite.ts';
import { ALL_SETTINGS, parseSettings, resolveSetting } from '../config/settings.ts';
import { DATASETS } from '../datasets/registry.ts';
import { readSettingsChanges } from '../db/read-settings-changes.ts';
import type { CampaignDetail } from '../db/views.ts';
import { REPLAY_STAGES } from '../protocol/stages.ts';
import { resolveWhatIfSetting } from '../replay/what-if-settings.ts';
import {
  CHECKPOINT_ACTIONS,
  CHECKPOINTS_ADDRESS,
  campaignAddress,
  EVALUATE_ADDRESS,
  evaluationAddress,
  FORK_ADDRESS,
  NEW_ADDRESS,
} from './addresses.ts';
import { CheckpointsPage } from './checkpoints-page.tsx';
import { EvaluatePage } from './evaluate-page.tsx';
import { ForkPage } from './fork-page.tsx';
import { IterationPage, type WhatIfShown } from './iteration-page.tsx';
import { NewPage } from './new-page.tsx';
import { filledIn, readForm, sendPage } from './page-requests.ts';
import { ReplayPage } from './replay-page.tsx';
import { suitesOf } from './series.ts';

/** Who asked, for the journal: the page has one user, the holder of the token. */
const BY_PAGE = { by: 'page' } as const;

export function startRoutes(deps: CampaignDeps): Hono {
  const routes = new Hono();

  routes.get(NEW_ADDRESS, async (context) => {
    const { from } = parseAsked(z.object({ from: z.string().optional() }), filledIn(context), 'the address');
    return sendPage(context, <NewPage text={await firstText(deps, from)} from={from} />);
  });
  routes.post(NEW_ADDRESS, async (context) => {
    const form = z.object({ text: z.string(), action: z.enum(['check', 'start']) });
    const { text, action } = parseAsked(form, await readForm(context), 'the form');
    const draft = await checkDraft(deps, text);
    if (action === 'check' || draft.kind === 'refused')
      return sendPage(context, <NewPage text={text} draft={draft} />, draft.kind === 'valid' ? 200 : 400);
    return tried(
      context,
      async () => campaignAddress((await startCampaign(deps, draft.config)).id),
      (refusal) => <NewPage text={text} draft={{ kind: 'refused', mistakes: [refusal] }} />,
    );
  });

  routes.get(FORK_ADDRESS, async (context) => {
    const form = parseAsked(forkForm.pick({ from: true }), filledIn(context), 'the address');
    return sendPage(context, <ForkPage form={form} />);
  });
  routes.post(FORK_ADDRESS, async (context) => {
    const form = parseAsked(forkForm, await readForm(context), 'the form');
    return tried(
      context,
      async () => {
        const { from, name = '', iterations } = form;
        const settings = parseSettings(linesOf(form.settings), (given) => resolveSetting(given, ALL_SETTINGS));
        const planned = iterations === undefined ? {} : { iterations: parseAsked(count, iterations, 'iterations') };
        const { id } = await forkCampaign(deps, { ...BY_PAGE, from, name, settings, ...planned });
        return campaignAddress(id);
      },
      (refusal) => <ForkPage form={form} refusal={refusal} />,
    );
  });

  routes.get(EVALUATE_ADDRESS, async (context) => {
    const form = parseAsked(evaluateForm.pick({ checkpoint: true }), filledIn(context), 'the address');
    return sendPage(context, <EvaluatePage form={form} suites={await suitesFor(deps, form.checkpoint)} />);
  });
  routes.post(EVALUATE_ADDRESS, async (context) => {
    const form = parseAsked(evaluateForm, await readForm(context), 'the form');
    const suites = await suitesFor(deps, form.checkpoint);
    return tried(
      context,
      async () => {
        const { checkpoint, suite = '', ...given } = form;
        const numbers = Object.entries(given).map(([name, text]) => [name, Number(text)]);
        const asked = { checkpoint, suite, ...Object.fromEntries(numbers) };
        const { id } = await startEvaluation(deps, parseAsked(evaluationRequest, asked, 'the evaluation'));
        const campaign = campaignOf(checkpoint);
        return campaign === undefined ? evaluationAddress(id) : `${campaignAddress(campaign)}#evaluations`;
      },
      (refusal) => <EvaluatePage form={form} suites={suites} refusal={refusal} />,
    );
  });

  routes.get(CHECKPOINTS_ADDRESS, async (context) =>
    sendPage(context, <CheckpointsPage lineage={await readLineage(deps)} />),
  );
  routes.post(CHECKPOINT_ACTIONS, async (context) => {
    const form = z.object({ checkpoint: z.string(), action: z.enum(['pin', 'unpin']) });
    const { checkpoint, action } = parseAsked(form, await readForm(context), 'the form');
    await markCheckpoint(deps, checkpoint, action === 'pin' ? 'pinned' : 'unpinned');
    return context.redirect(CHECKPOINTS_ADDRESS, 303);
  });

  routes.get('/campaigns/:id/iterations/:iteration', async (context) => {
    const campaign = await requireCampaign(deps, context.req.param('id'));
    const number = Number(context.req.param('iteration'));
    const iteration = campaign.iterations.find((item) => item.iteration === number);
    if (iteration === undefined)
      throw new UseCaseError(
        'not-found',
        `${campaign.id} has no iteration ${context.req.param('iteration')}; there are ${campaign.iterations.map((item) => item.iteration).join(', ') || 'none yet'}`,
      );
    const { settings = '' } = parseAsked(
      z.object({ settings: z.string().optional() }),
      filledIn(context),
      'the address',
    );
    const changes = await readSettingsChanges(deps.db, campaign.id);
    return sendPage(
      context,
      <IterationPage
        campaign={campaign}
        iteration={iteration}
        change={await changeOf(deps, campaign, number)}
        changed={changes.filter(({ fromIteration }) => fromIteration === number)}
        settings={settings}
        whatIf={await whatIf(deps, campaign.id, number, settings)}
      />,
    );
  });
  routes.post('/campaigns/:id/iterations/:iteration/replays', async (context) => {
    const form = z.object({ from: z.enum(REPLAY_STAGES) });
    const { from } = parseAsked(form, await readForm(context), 'the form');
    const campaign = context.req.param('id');
    const iteration = parseAsked(count, context.req.param('iteration'), 'the iteration');
    const request = { ...BY_PAGE, id: crypto.randomUUID(), from, settings: {} };
    const started = await replayIteration(deps, { campaign, iteration }, request);
    const to = started.kind === 'replay' ? `/replays/${started.id}` : campaignAddress(started.campaign);
    return context.redirect(to, 303);
  });
  routes.get('/replays/:id{.+}', async (context) => {
    const id = context.req.param('id');
    return sendPage(context, <ReplayPage id={id} state={await showReplay(deps, id)} />);
  });

  return routes;
}

const count = z.coerce.number().int().min(1);

const forkForm = z.object({
  from: z.string(),
  name: z.string().optional(),
  iterations: z.string().optional(),
  settings: z.string().optional(),
});

const evaluateForm = z.object({
  checkpoint: z.string(),
  suite: z.string().optional(),
  samples: z.string().optional(),
  temperature: z.string().optional(),
  limit: z.string().optional(),
});

/** Does what the form asks for and goes on to its address, or shows the form again with what was refused. */
async function tried(
  context: Context,
  work: () => Promise<string>,
  page: (refusal: string) => unknown,
): Promise<Response> {
  try {
    return context.redirect(await work(), 303);
  } catch (error) {
    const expected = error instanceof Error ? expectedError(error) : undefined;
    if (expected === undefined) throw error;
    return sendPage(context, page(expected.message), STATUS_OF_CODE[expected.code]);
  }
}

const EXAMPLE = new URL('../../examples/testbed.yaml', import.meta.url);

async function firstText(deps: Pick<CampaignDeps, 'db'>, from: string | undefined): Promise<string> {
  if (from === undefined) return readFileSync(EXAMPLE, 'utf8');
  const { config } = await requireCampaign(deps, from);
  return stringify({ name: `${from}-again`, ...settingsToCopy(config) });
}

/** `KEY=VALUE` a line. */
const linesOf = (text = ''): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The campaign of `<campaign>` and `<campaign>/<iteration>`; undefined for a digest. */
const campaignOf = (checkpoint: string): string | undefined => /^([a-z0-9][a-z0-9-]*)[/@]\d+$/.exec(checkpoint)?.[1];

/** What the checkpoint's campaign measures, then the data sets by name. */
async function suitesFor(deps: Pick<CampaignDeps, 'db'>, checkpoint: string): Promise<string[]> {
  const id = campaignOf(checkpoint);
  const own = id === undefined ? [] : suitesOf(await requireCampaign(deps, id));
  return [...new Set([...own, ...DATASETS.map(({ name }) => name)])];
}

/** The main suite after the iteration against that before it. */
async function changeOf(deps: CampaignDeps, campaign: CampaignDetail, iteration: number) {
  const suite = mainSuiteOf(campaign.config as Parameters<typeof mainSuiteOf>[0]);
  const [left, right] = [iteration - 1, iteration].map((number) =>
    campaign.evaluations.find(
      (item) => item.suite === suite && item.iteration === number && item.metrics !== undefined,
    ),
  );
  if (left === undefined || right === undefined) return undefined;
  return compareKnownEvaluations(deps, { left: left.id, right: right.id });
}

async function whatIf(deps: CampaignDeps, campaign: string, iteration: number, text: string): Promise<WhatIfShown> {
  const lines = linesOf(text);
  if (lines.length === 0) return { kind: 'none' };
  try {
    const settings = parseSettings(lines, resolveWhatIfSetting);
    return { kind: 'computed', report: await computeWhatIf(deps, { campaign, iteration }, { settings, limit: 0 }) };
  } catch (error) {
    const expected = error instanceof Error ? expectedError(error) : undefined;
    if (expected === undefined) throw error;
    return { kind: 'refused', message: expected.message };
  }
}
