/** Resolves a request for an evaluation: which checkpoint, on which problems, with which settings. */

import { basename } from 'node:path';
import type { Digest } from '../artifacts/types.ts';
import {
  type CampaignConfig,
  campaignSchema,
  type EvaluationConfig,
  type ProblemsConfig,
  VALIDATION_SUITE,
} from '../config/campaign.ts';
import { ConfigError } from '../config/config-error.ts';
import { endingOf, parseProblemSource } from '../config/problem-source.ts';
import { readStoredSettings } from '../config/renamed-settings.ts';
import { readJournalOf } from '../db/apply-journal.ts';
import { listCheckpoints } from '../db/read-checkpoints.ts';
import { openForeignFiles } from '../models/foreign-folder.ts';
import { ModelFolderError } from '../models/model-files.ts';
import { type RolloutTemplate, TEMPLATES, type TemplateName } from '../rollout/template.ts';
import type { EvaluationSettings } from '../steps/describe-evaluation.ts';
import { readConfig } from '../steps/read-config.ts';
import type { CampaignDeps } from './deps.ts';
import type { EvaluationAsked } from './evaluation-request.ts';
import { resolveCheckpoint } from './find-checkpoint.ts';
import { inspectModel } from './inspect-model.ts';
import { requireCampaign } from './known-campaigns.ts';
import { UseCaseError } from './use-case-error.ts';

export interface ChosenEvaluation {
  readonly checkpoint: Digest;
  readonly settings: EvaluationSettings;
  readonly suite: EvaluationConfig;
  /** Where the suite is the validation problems of the campaign: what they are cut from. */
  readonly cutFrom?: { readonly problems: readonly ProblemsConfig[]; readonly count: number };
  /** The campaign whose settings apply; absent for a model from a folder. */
  readonly campaignId?: string;
  /** The iteration that made the checkpoint; only for unchanged suites, whose results are comparable over iterations. */
  readonly iteration?: number;
}

/** @throws UseCaseError, ConfigError for an unknown checkpoint, suite or data set */
export async function chooseEvaluation(
  deps: Pick<CampaignDeps, 'db' | 'store'>,
  body: EvaluationAsked,
): Promise<ChosenEvaluation> {
  const { checkpoint, campaignId, iteration, template } = await chooseCheckpoint(deps, body);
  const config = campaignId === undefined ? undefined : await configOf(deps, campaignId);
  const own = config ?? defaultSettings(body.template ?? template);
  const settings: EvaluationSettings = {
    template: withPrompt(body.template ?? own.template, body.prompt),
    sampling: { ...own.sampling, ...(body.maxTurns === undefined ? {} : { maxTurns: body.maxTurns }) },
    execution: own.execution,
    failures: own.failures,
    strategy: own.strategy,
    ...(own.grading === undefined ? {} : { grading: own.grading }),
    ...(campaignId === undefined ? {} : await pinnedOf(deps, campaignId)),
    seed: own.seed,
    ...(body.seed === undefined ? {} : { rolloutSeed: body.seed }),
  };
  const asItStands = chooseSuite(config, body.suite);
  const validation = body.suite === VALIDATION_SUITE ? config?.validation : undefined;
  const suite = withChanges(asItStands, body);
  const isComparable = [
    body.samples,
    body.temperature,
    body.arms,
    body.limit,
    body.seed,
    body.template,
    body.prompt,
    body.maxTurns,
    body.maxNewTokens,
  ].every((change) => change === undefined);
  return {
    checkpoint,
    settings,
    suite,
    ...(config === undefined || validation === undefined
      ? {}
      : { cutFrom: { problems: config.problems, count: validation.problems } }),
    ...(campaignId === undefined ? {} : { campaignId }),
    ...(iteration === undefined || !isComparable ? {} : { iteration }),
  };
}

function withPrompt(
  given: EvaluationSettings['template'],
  change: EvaluationAsked['prompt'],
): EvaluationSettings['template'] {
  if (change === undefined) return given;
  const template: RolloutTemplate = typeof given === 'string' ? TEMPLATES[given] : given;
  const { before, after, system, examples } = change;
  const parts = {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(examples === undefined ? {} : { examples }),
  };
  switch (template.prompt.kind) {
    case 'text':
      if (system !== undefined)
        throw new UseCaseError('bad-request', 'prompt.system is for chats; this template asks in plain text (before)');
      return { ...template, prompt: { ...template.prompt, ...parts } };
    case 'chat':
      return { ...template, prompt: { ...template.prompt, ...parts, ...(system === undefined ? {} : { system }) } };
  }
}

interface ChosenCheckpoint {
  readonly checkpoint: Digest;
  readonly campaignId?: string;
  readonly iteration?: number;
  /** Of a folder whose files imply one. */
  readonly template?: TemplateName;
}

async function chooseCheckpoint(
  deps: Pick<CampaignDeps, 'db' | 'store'>,
  body: EvaluationAsked,
): Promise<ChosenCheckpoint> {
  const { checkpoint: reference } = body;
  if (reference === undefined) {
    if (body.campaign === undefined)
      throw new UseCaseError('bad-request', 'say what to measure: a campaign or a checkpoint');
    const campaign = await requireCampaign(deps, body.campaign);
    const iteration = body.iteration ?? campaign.checkpoints.at(-1)?.iteration ?? 0;
    const checkpoint = await resolveCheckpoint(deps, `${campaign.id}@${iteration}`);
    return { campaignId: campaign.id, iteration, checkpoint };
  }
  const asked = body.campaign === undefined ? undefined : (await requireCampaign(deps, body.campaign)).id;
  const folder = reference.startsWith('/') ? await importFolder(deps, reference) : undefined;
  const checkpoint = folder?.checkpoint ?? (await resolveCheckpoint(deps, reference));
  const makers = (await listCheckpoints(deps.db)).filter((item) => item.digest === checkpoint);
  const maker = makers.find((item) => item.campaignId === asked) ?? makers[0];
  const campaignId = asked ?? maker?.campaignId;
  return {
    checkpoint,
    ...(campaignId === undefined ? {} : { campaignId }),
    ...(maker === undefined || maker.campaignId !== campaignId ? {} : { iteration: maker.iteration }),
    ...(folder?.template === undefined ? {} : { template: folder.template }),
  };
}

/** Checks a model folder of the user, then stores a copy, so that later changes of the folder don't matter. */
async function importFolder(deps: Pick<CampaignDeps, 'db' | 'store'>, folder: string) {
  const refuse = (error: unknown): never => {
    throw new ConfigError(`checkpoint ${folder}: ${error instanceof Error ? error.message : error}`);
  };
  const { template } = await inspectModel({ folder }).catch(refuse);
  const { digest } = await deps.store
    .putFiles(openForeignFiles(folder))
    .catch((error: unknown) => (error instanceof ModelFolderError ? refuse(error) : Promise.reject(error)));
  return { template, checkpoint: digest };
}

async function configOf(deps: Pick<CampaignDeps, 'db' | 'store'>, campaignId: string): Promise<CampaignConfig> {
  return campaignSchema.parse(readStoredSettings((await requireCampaign(deps, campaignId)).config));
}

/** What the campaign's start has stored: its suites stay those that it measures itself. */
async function pinnedOf(
  { db, store }: Pick<CampaignDeps, 'db' | 'store'>,
  campaignId: string,
): Promise<Pick<EvaluationSettings, 'pinned'>> {
  const { events } = await readJournalOf(db, campaignId, 'opened');
  const opened = events.findLast((event) => event.kind === 'opened');
  if (opened === undefined) return {};
  const { pinned } = await readConfig(store, opened.details.config);
  return pinned === undefined ? {} : { pinned };
}

/** A campaign file's defaults, with the template that the model's files imply. */
function defaultSettings(template: EvaluationAsked['template']): EvaluationSettings {
  const { sampling, execution, failures, strategy } = campaignSchema.shape;
  if (template === undefined)
    throw new UseCaseError(
      'bad-request',
      `the model's files don't say how it is asked; give template (${Object.keys(TEMPLATES).join(', ')}), or a campaign whose template it is`,
    );
  return {
    template,
    sampling: sampling.parse({}),
    execution: execution.parse({}),
    failures: failures.parse({}),
    strategy: strategy.parse({}),
    seed: 0,
  };
}

/** Finds a suite by its name in the campaign file; otherwise a data set or a file, measured completely and greedily. */
function chooseSuite(config: CampaignConfig | undefined, suite: string | EvaluationConfig): EvaluationConfig {
  if (typeof suite !== 'string') return suite;
  const found = config?.evaluations.find((item) => item.suite === suite);
  return found ?? { suite: nameOf(suite), problems: { from: suite }, samples: 1, temperature: 0 };
}

function nameOf(suite: string): string {
  if (parseProblemSource(suite).kind === 'name') return suite;
  const ending = endingOf(suite);
  const name = ending === undefined ? basename(suite) : basename(suite, suite.slice(-ending.length - 1));
  return name.replace(/[^A-Za-z0-9._-]/g, '-') || 'file';
}

/** Applies the request to a suite. Several samples of a greedy suite would be identical, so their default temperature is 1. */
function withChanges(suite: EvaluationConfig, body: EvaluationAsked): EvaluationConfig {
  const { samples = suite.samples, arms, limit, maxNewTokens = suite.maxNewTokens } = body;
  const given = suite.problems.limit;
  const most = Math.min(limit ?? Number.POSITIVE_INFINITY, given ?? Number.POSITIVE_INFINITY);
  const all = Number.MAX_SAFE_INTEGER;
  return {
    ...suite,
    samples,
    temperature: body.temperature ?? (samples > 1 && suite.temperature === 0 ? 1 : suite.temperature),
    problems: { ...suite.problems, ...(Number.isFinite(most) ? { limit: most } : {}) },
    ...(arms === undefined ? {} : { arms: Object.fromEntries(arms.map((arm) => [arm, suite.arms?.[arm] ?? all])) }),
    ...(maxNewTokens === undefined ? {} : { maxNewTokens }),
  };
}
