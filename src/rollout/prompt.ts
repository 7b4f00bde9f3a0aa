/** Turns a problem into the ids that a rollout starts with. */
import type { Tokenizer } from '../sampler/types.ts';
import type { RolloutTemplate } from './template.ts';
import type { Arm } from './types.ts';

async function renderPrompt(problem: string, template: RolloutTemplate, tokenizer: Tokenizer): Promise<string> {
  const text = `${template.prompt.before}${tokenizer.quote(problem)}${template.prompt.after}`;
  switch (template.prompt.kind) {
    case 'text':
      return text;
    case 'chat': {
      const user = { role: 'user', content: text } as const;
      const { system } = template.prompt;
      return tokenizer.renderChat(system === undefined ? [user] : [{ role: 'system', content: system }, user]);
    }
  }
}

/** Prompts that are asked for together are rendered together. */
export const encodePrompt = async (
  problem: string,
  template: RolloutTemplate,
  tokenizer: Tokenizer,
): Promise<number[]> => tokenizer.encode(await renderPrompt(problem, template, tokenizer));

/** g_c as ids; `auto` forces nothing. */
export const encodePrefix = (arm: Arm, template: RolloutTemplate, tokenizer: Tokenizer): number[] =>
  arm === 'auto' ? [] : tokenizer.encode(template.prefixes[arm]);
