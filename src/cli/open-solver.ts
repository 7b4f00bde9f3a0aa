/** Opens what solves problems: a checkpoint or a model folder, with the prompts and limits of its campaign. */
import { type ApiClient, ask, inPath } from '../api/client.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import { inspectModel } from '../campaigns/inspect-model.ts';
import { type CampaignConfig, campaignSchema } from '../config/campaign.ts';
import { gradingOf, showsValue, templateOf } from '../config/defaults.ts';
import { limitsOf } from '../config/execution-limits.ts';
import { readStoredSettings } from '../config/renamed-settings.ts';
import { readModelConfig } from '../models/model-config.ts';
import { readOptionalJson } from '../models/model-files.ts';
import { TEMPLATES, type TemplateName } from '../rollout/template.ts';
import { readTokenizer } from '../sampler/tokenizer.ts';
import type { Sandbox } from '../sandbox/types.ts';
import { UsageError } from './exit.ts';
import { asUsageError, type SamplerOptions, withSampler } from './open-sampler.ts';
import { openSandbox } from './open-sandbox.ts';
import { PROVENANCE_FILE } from './provenance.ts';
import type { SolverParts } from './solve-problem.ts';

type SolverSettings = Pick<CampaignConfig, 'template' | 'sampling' | 'execution' | 'grading'>;

export interface SolverModel {
  readonly directory: string;
  readonly settings: SolverSettings;
  /** Who made it; absent for a folder. */
  readonly campaign?: string | undefined;
}

/**
 * A checkpoint of a campaign, with the campaign's settings.
 *
 * @param reference - Digest, its first digits, `<campaign>` (its head) or `<campaign>/<iteration>`
 * @throws ClientError for an unknown checkpoint
 */
export async function findCheckpointModel(
  api: ApiClient,
  store: ArtifactStore,
  reference: string,
): Promise<SolverModel> {
  const { digest } = await ask(api.checkpoints[':reference'].$get({ param: inPath({ reference }) }));
  const { checkpoints } = await ask(api.checkpoints.$get({ query: {} }));
  const makers = checkpoints.filter((item) => item.digest === digest).map(({ campaignId }) => campaignId);
  const campaign = makers.find((id) => reference.split(/[/@]/)[0] === id) ?? makers[0];
  if (campaign === undefined) throw new UsageError(`no campaign made the checkpoint ${reference}; give --model FOLDER`);
  const found = await ask(api.campaigns[':id'].$get({ param: inPath({ id: campaign }) }));
  const settings = campaignSchema.parse(readStoredSettings(found.campaign.config));
  return { directory: await store.materialiseTree(digest), settings, campaign };
}

/**
 * A model folder. Its settings come from `whencode.json`, which an export writes; without that file they are defaults.
 *
 * @throws UsageError for a folder that can't be used
 */
export async function findFolderModel(folder: string, asked: TemplateName | undefined): Promise<SolverModel> {
  const exported = await readExported(folder);
  if (exported !== undefined) return { directory: folder, settings: exported };
  const { template: implied } = await inspectModel({ folder }).catch((error: unknown) => {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  });
  const template = asked ?? implied;
  if (template === undefined)
    throw new UsageError(
      `the files of ${folder} don't say how it is asked; give --template (${Object.keys(TEMPLATES).join(', ')})`,
    );
  const { sampling, execution } = campaignSchema.shape;
  return { directory: folder, settings: { template, sampling: sampling.parse({}), execution: execution.parse({}) } };
}

async function readExported(folder: string): Promise<SolverSettings | undefined> {
  const found = await readOptionalJson(folder, PROVENANCE_FILE).catch((error: unknown) => {
    throw asUsageError(error);
  });
  return found === undefined ? undefined : campaignSchema.safeParse(found.settings).data;
}

/** The grader's conventions of the campaign. */
export const conventionsOf = ({ settings }: SolverModel) => gradingOf(settings).grading ?? {};

/** What a call may choose otherwise than the campaign. */
export interface SolverChoices extends Omit<SamplerOptions, 'model'> {
  readonly temperature: number;
  readonly template?: TemplateName | undefined;
  readonly maxNewTokens?: number | undefined;
  readonly maxTurns?: number | undefined;
}

/** Opens sampler, tokenizer and, once code is to run, a sandbox; closes them when `use` ends. */
export async function withSolver<T>(
  { directory, settings: own }: SolverModel,
  choices: SolverChoices,
  use: (parts: SolverParts) => Promise<T>,
): Promise<T> {
  const { template = own.template, temperature, maxNewTokens, maxTurns, ...sampler } = choices;
  const settings = { ...own, template };
  const [tokenizer, { maxContextTokens }] = await Promise.all([
    readTokenizer(directory),
    readModelConfig(directory),
  ]).catch((error: unknown) => {
    throw asUsageError(error);
  });
  const rules = {
    template: templateOf(settings),
    tokenizer,
    temperature,
    maxNewTokens: maxNewTokens ?? own.sampling.maxNewTokens,
    maxTurns: maxTurns ?? own.sampling.maxTurns,
    maxContextTokens,
  };
  let sandbox: Promise<Sandbox> | undefined;
  const openOnce = (): Promise<Sandbox> => {
    sandbox ??= openSandbox({ limits: limitsOf(settings), slots: 1 });
    return sandbox;
  };
  try {
    return await withSampler({ ...sampler, model: directory }, (opened) =>
      use({ rules, sampler: opened, sandbox: openOnce, showValue: showsValue(settings) }),
    );
  } finally {
    await sandbox?.then(
      (opened) => opened.close(),
      () => undefined,
    );
  }
}
