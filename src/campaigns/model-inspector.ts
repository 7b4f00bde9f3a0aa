/** The process that looks at a model folder from elsewhere: its JSON, tokenizer and template are not trusted. */
import { listForeignFiles } from '../models/foreign-folder.ts';
import type { ModelConfig } from '../models/model-config.ts';
import { serveRequests } from '../process/limited-server.ts';
import { encodePrefix, encodePrompt } from '../rollout/prompt.ts';
import { type RolloutTemplate, TEMPLATES, type TemplateName } from '../rollout/template.ts';
import { FORCED_ARMS } from '../rollout/types.ts';
import { checkModelFolder } from '../sampler/check-model-folder.ts';
import type { Tokenizer } from '../sampler/types.ts';

export interface InspectionRequest {
  readonly folder: string;
  /** Prompts to be measured; without them the template is inferred. */
  readonly prompts?: { readonly template: RolloutTemplate; readonly problems: readonly string[] };
}

export interface ModelInspection {
  readonly config: ModelConfig;
  /** Of the prompts, in tokens; 0 without any. */
  readonly longestPrompt: number;
  /** How the model is asked, as far as its files say so. */
  readonly template?: TemplateName;
}

/** Three times what a vocabulary of 256,000 tokens takes (27 MB, 2.9 s), and comparing weights. */
const CPU_MS = { base: 2000, byMbOfText: 250, byMbOfWeights: 3 };

serveRequests<InspectionRequest, ModelInspection>(async ({ folder, prompts }, allow) => {
  // First of all, so that no link is followed out of the folder.
  const files = await listForeignFiles(folder);
  const cpuMs = files.map(
    ({ name, bytes }) => (bytes / 1e6) * (name.endsWith('.safetensors') ? CPU_MS.byMbOfWeights : CPU_MS.byMbOfText),
  );
  allow(cpuMs.reduce((sum, ms) => sum + ms, CPU_MS.base));
  const { config, tokenizer } = await checkModelFolder(folder);
  if (prompts !== undefined) return { config, longestPrompt: await longestPrompt(prompts, tokenizer) };
  const template = await inferTemplate(tokenizer);
  return { config, longestPrompt: 0, ...(template === undefined ? {} : { template }) };
});

async function longestPrompt(
  { template, problems }: NonNullable<InspectionRequest['prompts']>,
  tokenizer: Tokenizer,
): Promise<number> {
  for (const arm of FORCED_ARMS) {
    if (encodePrefix(arm, template, tokenizer).length === 0)
      throw new Error(`the ${arm} prefix of the template has no tokens`);
  }
  const prompts = await Promise.all(problems.map((problem) => encodePrompt(problem, template, tokenizer)));
  return Math.max(0, ...prompts.map(({ length }) => length));
}

/** The template of a model folder: `testbed` if its marks are single tokens, `markdown` if there is a chat template. */
async function inferTemplate(tokenizer: Tokenizer): Promise<TemplateName | undefined> {
  const { prefixes, codeClose, toolClose } = TEMPLATES.testbed;
  const marks = [prefixes.cot, prefixes.code, codeClose, toolClose];
  if (marks.every((mark) => tokenizer.encode(mark).length === 1)) return 'testbed';
  return tokenizer.renderChat([{ role: 'user', content: '' }]).then(
    () => 'markdown',
    () => undefined,
  );
}
