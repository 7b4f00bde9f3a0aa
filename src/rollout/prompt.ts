/** Turns a problem into the ids that a rollout starts with. */
import type { Tokenizer } from '../sampler/types.ts';
import type { RolloutTemplate } from './template.ts';
import type { Arm } from './types.ts';

function renderPrompt(problem: string, template: RolloutTemplate, tokenizer: Tokenizer): string {
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

export const encodePrompt = (problem: string, template: RolloutTemplate, tokenizer: Tokenizer): number[] =>
  tokenizer.encode(renderPrompt(problem, template, tokenizer));

/** g_c as ids; `auto` forces nothing. */
export const encodePrefix = (arm: Arm, template: RolloutTemplate, tokenizer: Tokenizer): number[] =>
  arm === 'auto' ? [] : tokenizer.encode(template.prefixes[arm]);
