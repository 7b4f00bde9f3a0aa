/**
 * How a problem becomes a prompt, how the two arms begin, and how code and tool output are kept apart.
 * A campaign names a preset or gives its own; it is part of every step key that reads it.
 */

export interface RolloutTemplate {
  /** `text`: before + problem + after. `chat`: the model's own chat template, generation prompt appended. */
  readonly prompt:
    | { readonly kind: 'text'; readonly before: string; readonly after: string }
    | { readonly kind: 'chat'; readonly system?: string; readonly before: string; readonly after: string };
  /** g_c of the paper: what a forced rollout starts with. */
  readonly prefixes: { readonly cot: string; readonly code: string };
  /** Text by which the model opens a code block. The code prefix ends inside an open block. */
  readonly codeOpen: string;
  /** Text that ends a code block; sampling stops right after it. */
  readonly codeClose: string;
  /** Put before and after a tool output when it is appended. */
  readonly toolOpen: string;
  readonly toolClose: string;
  readonly toolMaxCharacters: number;
  /** `last-line` of stdout (or the exception), or `head-tail` of everything printed. */
  readonly toolCut: 'last-line' | 'head-tail';
}

export const TEMPLATES = {
  /** The laptop-sized learning problem: every mark is one special token. */
  testbed: {
    prompt: { kind: 'text', before: '<|bos|>', after: '<|sol|>' },
    prefixes: { cot: '<|cot|>', code: '<|code|>' },
    codeOpen: '<|code|>',
    codeClose: '<|run|>',
    toolOpen: '',
    toolClose: '<|out|>',
    toolMaxCharacters: 48,
    toolCut: 'last-line',
  },
  /** Chat models that write Python in fenced blocks. */
  markdown: {
    prompt: {
      kind: 'chat',
      before: '',
      after: '\nPut the final answer in \\boxed{}.',
    },
    prefixes: { cot: "Let's think step by step.\n", code: '```python\n' },
    codeOpen: '```python',
    codeClose: '\n```',
    toolOpen: '\n```output\n',
    toolClose: '\n```\n',
    toolMaxCharacters: 400,
    toolCut: 'head-tail',
  },
} as const satisfies Record<string, RolloutTemplate>;

export type TemplateName = keyof typeof TEMPLATES;

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as TemplateName[];
