/** What an exported checkpoint has beside the model: a card, how to ask it, and where it comes from. */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ApiClient, ask, inPath } from '../api/client.ts';
import { ClientError } from '../api/client-error.ts';
import { type CampaignConfig, campaignSchema } from '../config/campaign.ts';
import { templateOf } from '../config/defaults.ts';
import { readStoredSettings } from '../config/renamed-settings.ts';
import type { EvaluationView } from '../db/views.ts';
import type { RolloutTemplate } from '../rollout/template.ts';
import { type Lineage, lineageOf, modelCard } from './model-card.ts';

/** Lineage, settings and figures for programs, in the folder of an exported model. */
export const PROVENANCE_FILE = 'whencode.json';

/** Everything of a checkpoint that its files don't say. */
export interface Provenance {
  readonly config: CampaignConfig;
  readonly lineage: readonly Lineage[];
  readonly evaluations: readonly EvaluationView[];
}

/** Undefined for a checkpoint that no campaign made. @throws ClientError */
export async function findProvenance(
  api: ApiClient,
  reference: string,
  digest: string,
): Promise<Provenance | undefined> {
  const { checkpoints } = await ask(api.checkpoints.$get({ query: {} }));
  const made = checkpoints.filter((item) => item.digest === digest);
  const own = made.find((item) => item.campaignId === reference.split(/[/@]/)[0]) ?? made[0];
  if (own === undefined) return undefined;
  const found = await ask(api.campaigns[':id'].$get({ param: inPath({ id: own.campaignId }) })).catch(
    (error: unknown) => {
      if (error instanceof ClientError && error.code === 'not-found') return undefined;
      throw error;
    },
  );
  if (found === undefined) return undefined;
  const { evaluations } = await ask(api.evaluations.$get({ query: { checkpoint: digest } }));
  return {
    config: campaignSchema.parse(readStoredSettings(found.campaign.config)),
    lineage: lineageOf(checkpoints, own),
    evaluations: evaluations.filter(({ metrics }) => metrics !== undefined),
  };
}

/**
 * Writes README.md, whencode.json and, where the model has none, generation_config.json and a chat template of a plain
 * prompt into the folder of an exported model. A README of the base model becomes README-base.md.
 *
 * @returns the names of the files
 */
export async function writeProvenance(folder: string, digest: string, of: Provenance): Promise<string[]> {
  const { config, lineage, evaluations } = of;
  const template = templateOf(config);
  const written: string[] = [];
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(folder, name), text);
    written.push(name);
  };
  const read = (name: string): Promise<string | undefined> =>
    readFile(join(folder, name), 'utf8').catch(() => undefined);
  const { report: _, hardware: __, ...settings } = config;
  const measured = evaluations.map(({ id, suite, metrics }) => ({ id, suite, metrics }));
  await write(
    PROVENANCE_FILE,
    `${JSON.stringify({ format: 'whencode-checkpoint-1', digest, lineage, template, settings, evaluations: measured }, withoutFolders, 2)}\n`,
  );
  const model = JSON.parse((await read('config.json')) ?? '{}') as Record<string, unknown>;
  if ((await read('generation_config.json')) === undefined)
    await write('generation_config.json', `${JSON.stringify(generationConfig(model, config), null, 2)}\n`);
  const tokenizer = JSON.parse((await read('tokenizer_config.json')) ?? '{}') as Record<string, unknown>;
  if (tokenizer.chat_template === undefined && (await read('chat_template.jinja')) === undefined) {
    const chat = chatTemplate(template);
    if (chat !== undefined) await write('chat_template.jinja', chat);
  }
  if ((await read('README.md')) !== undefined) {
    await rename(join(folder, 'README.md'), join(folder, 'README-base.md'));
    written.push('README-base.md');
  }
  await write('README.md', modelCard({ digest, config, template, lineage, evaluations }));
  return written.sort();
}

/** Folders of the machine that trained it say nothing elsewhere. */
const withoutFolders = (_key: string, value: unknown): unknown =>
  typeof value === 'string' && /^\/[^\n]*$/.test(value) ? basename(value) : value;

const TOKENS = ['bos_token_id', 'eos_token_id', 'pad_token_id'] as const;

/** Greedy, as evaluations measure by default. */
function generationConfig(
  model: Readonly<Record<string, unknown>>,
  { sampling }: CampaignConfig,
): Record<string, unknown> {
  const tokens = TOKENS.flatMap((name) => (model[name] == null ? [] : [[name, model[name]] as const]));
  return { ...Object.fromEntries(tokens), do_sample: false, max_new_tokens: sampling.maxNewTokens };
}

/** A plain prompt as a chat template: the last message is the problem. Undefined where the model's own template is used. */
export function chatTemplate({ prompt }: RolloutTemplate): string | undefined {
  if (prompt.kind === 'chat') return undefined;
  // A JSON string is a Jinja string.
  return `{{- ${JSON.stringify(prompt.before)} }}{{- messages[-1]['content'] }}{{- ${JSON.stringify(prompt.after)} }}`;
}
