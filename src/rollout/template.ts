/**
 * How a problem becomes a prompt, how the two arms begin, and how code and tool output are kept apart.
 * A campaign names a preset or gives its own; it is part of every step key that reads it.
 */

interface PromptParts {
  /** Text around the problem, and around that of every example. */
  readonly before: string;
  readonly after: string;
  /** Solved problems in front of the one that is asked; in a chat they are earlier turns. */
  readonly examples?: readonly SolvedExample[];
}

export interface SolvedExample {
  readonly problem: string;
  /** As the model would write it, with the prefix of its arm, code and tool output. */
  readonly solution: string;
}

export interface RolloutTemplate {
  /** `text`: before + problem + after. `chat`: the model's own chat template, generation prompt appended. */
  readonly prompt:
    | ({ readonly kind: 'text' } & PromptParts)
    | ({ readonly kind: 'chat'; readonly system?: string } & PromptParts);
  /** g_c of the paper: what a forced rollout starts with. */
  readonly prefixes: { readonly cot: string; readonly code: string };
  /**
   * The code prefix leaves the block closed, so that text and code alternate; the model opens every block itself. Absent: the
   * code prefix ends inside of an open block.
   */
  readonly interleaved?: true;
  /** Text by which the model opens a code block. */
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

const CHAT_PROMPT = { kind: 'chat', before: '', after: '\nPut the final answer in \\boxed{}.' } as const;
const FENCES = {
  codeOpen: '```python',
  codeClose: '\n```',
  toolOpen: '\n```output\n',
  toolClose: '\n```\n',
  toolMaxCharacters: 400,
  toolCut: 'head-tail',
} as const;

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
    prompt: CHAT_PROMPT,
    prefixes: { cot: "Let's think step by step.\n", code: '```python\n' },
    ...FENCES,
  },
  /** As `markdown`, but a code solution begins with text: reasoning and code alternate. The code prefix is that of the paper. */
  interleaved: {
    prompt: CHAT_PROMPT,
    prefixes: {
      cot: "Let's think step by step.\n",
      code: "Let's first analyze the problem, then consider if python code could help.\n",
    },
    interleaved: true,
    ...FENCES,
  },
  /** ReTool (arXiv 2504.11536): code in tags, its output in other ones, text and code alternate. */
  retool: {
    prompt: {
      kind: 'chat',
      before: '',
      after:
        '\nSolve it step by step. Python between <code> and </code> is run, and what it prints comes back between ' +
        '<interpreter> and </interpreter>. Put the final answer in \\boxed{}.',
    },
    prefixes: { cot: "Let's think step by step.\n", code: "Let's compute it with Python.\n" },
    interleaved: true,
    codeOpen: '<code>',
    codeClose: '</code>',
    toolOpen: '\n<interpreter>\n',
    toolClose: '\n</interpreter>\n',
    toolMaxCharacters: 400,
    toolCut: 'head-tail',
  },
} as const satisfies Record<string, RolloutTemplate>;

export type TemplateName = keyof typeof TEMPLATES;

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as TemplateName[];
