/** Turns a problem into the ids that a rollout starts with. */
import type { Tokenizer } from '../sampler/types.ts';
import type { RolloutTemplate } from './template.ts';
import type { Arm } from './types.ts';

async function renderPrompt(problem: string, template: RolloutTemplate, tokenizer: Tokenizer): Promise<string> {
  const { before, after, examples = [] } = template.prompt;
  const ask = (text: string): string => `${before}${tokenizer.quote(text)}${after}`;
  switch (template.prompt.kind) {
    case 'text':
      return [...examples.map((example) => `${ask(example.problem)}${example.solution}\n\n`), ask(problem)].join('');
    case 'chat': {
      const { system } = template.prompt;
      return tokenizer.renderChat([
        ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
        ...examples.flatMap((example) => [
          { role: 'user', content: ask(example.problem) } as const,
          { role: 'assistant', content: example.solution } as const,
        ]),
        { role: 'user', content: ask(problem) },
      ]);
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
