/** Generates worked solutions, and the forms in which files of traces write them. */
import fc from 'fast-check';

export interface Solution {
  readonly steps: readonly { readonly text: string; readonly code: string; readonly output: string }[];
  readonly end: string;
}

const lines = (...known: string[]) => fc.array(fc.constantFrom(...known), { maxLength: 3 });
const text = lines('So $x = 2$.', 'Now count them:', '- first', '**Step 2**', 'Is `a` < 3?').map((all) =>
  all.map((line) => `${line}\n`).join(''),
);
const code = lines('x = 3', 'for i in range(3):\n    x += i', 's = "a"', '# why `not`').map((all) =>
  ['import math', ...all, 'print(math.pi)'].join('\n'),
);
const output = fc.constantFrom('3.14', '[1, 2]', 'x = 3', 'Traceback (most recent call last):\nNameError: x', '');

export const solutions = (leastSteps = 0): fc.Arbitrary<Solution> =>
  fc.record({
    steps: fc.array(fc.record({ text, code, output }), { minLength: leastSteps, maxLength: 3 }),
    end: text.map((said) => `${said}The answer is \\boxed{3}.`),
  });

export type Form = (solution: Solution) => readonly unknown[];

/** How a form writes its code, and the output where both are in one text. */
type WriteCode = (code: string) => string;
type WriteOutput = (output: string) => string;

export const FENCES: Readonly<Record<string, WriteCode>> = {
  python: (body) => `\`\`\`python\n${body}\n\`\`\``,
  py: (body) => `\`\`\`py\n${body}\n\`\`\``,
  capital: (body) => `\`\`\`Python3\n${body}\n\`\`\``,
  braces: (body) => `\`\`\`{.python .numberLines}\n${body}\n\`\`\``,
  tildes: (body) => `~~~python\n${body}\n~~~`,
  long: (body) => `\`\`\`\`python title="a.py"\n${body}\n\`\`\`\``,
  bare: (body) => `\`\`\`\n${body}\n\`\`\``,
  quoted: (body) => ['```python', ...body.split('\n'), '```'].map((line) => `> ${line}`).join('\n'),
  indented: (body) => ['```python', ...body.split('\n'), '```'].map((line) => `  ${line}`).join('\n'),
  tag: (body) => `<code>\n${body}\n</code>`,
  'tag around a fence': (body) => `<code>\n\`\`\`python\n${body}\n\`\`\`\n</code>`,
  'llm-code': (body) => `<llm-code>\n${body}\n</llm-code>`,
};

const OUTPUTS: Readonly<Record<string, WriteOutput>> = {
  'output fence': (said) => `\n\`\`\`output\n${said}\n\`\`\`\n`,
  'text fence': (said) => `\n\`\`\`text\n${said}\n\`\`\`\n`,
  interpreter: (said) => `\n<interpreter>\n${said}\n</interpreter>\n`,
  'llm-code-output': (said) => `\n<llm-code-output>\n${said}\n</llm-code-output>\n`,
};

const ROLES = [
  { question: 'user', model: 'assistant', tool: 'tool' },
  { question: 'user', model: 'assistant', tool: 'ipython' },
  { question: 'human', model: 'gpt', tool: 'observation' },
] as const;

/** A chat with a message for every output. */
const chat =
  (write: WriteCode, roles: (typeof ROLES)[number], keys: 'role' | 'from'): Form =>
  ({ steps, end }) => {
    const entry = (by: string, said: string) =>
      keys === 'role' ? { role: by, content: said } : { from: by, value: said };
    return [
      ...(keys === 'role' ? [{ role: 'system', content: 'Use Python.' }] : []),
      entry(roles.question, 'What is it?'),
      ...steps.flatMap((step) => [
        entry(roles.model, `${step.text}${write(step.code)}`),
        entry(roles.tool, step.output === '' ? '\n' : step.output),
      ]),
      entry(roles.model, end),
    ];
  };

/** One message that holds the outputs too. */
const inOneText =
  (write: WriteCode, writeOutput: WriteOutput): Form =>
  ({ steps, end }) => [
    { role: 'user', content: 'What is it?' },
    {
      role: 'assistant',
      content: `${steps.map((step) => `${step.text}${write(step.code)}${writeOutput(step.output)}`).join('')}${end}`,
    },
  ];

const byCalls =
  (codeOf: (code: string) => unknown): Form =>
  ({ steps, end }) => [
    { role: 'user', content: [{ type: 'text', text: 'What is it?' }] },
    ...steps.flatMap((step) => [
      {
        role: 'assistant',
        content: step.text === '' ? null : step.text,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'python', arguments: codeOf(step.code) } }],
      },
      { role: 'tool', tool_call_id: 'a', content: step.output },
    ]),
    { role: 'assistant', content: end, tool_calls: null },
  ];

/** The output as a message of the user. */
const answeredByUser: Form = ({ steps, end }) => [
  { role: 'user', content: 'What is it?' },
  ...steps.flatMap((step) => [
    { role: 'assistant', content: `${step.text}\`\`\`python\n${step.code}\n\`\`\`` },
    { role: 'user', content: `\`\`\`output\n${step.output}\n\`\`\`` },
  ]),
  { role: 'assistant', content: end },
];

/** Steps by their kind. */
const byKind: Form = ({ steps, end }) => [
  ...steps.flatMap((step) => [
    ...(step.text === '' ? [] : [{ type: 'rationale', content: step.text }]),
    { type: 'program', content: step.code },
    { type: 'output', content: step.output },
  ]),
  { type: 'rationale', content: end },
];

const segments =
  (write: WriteCode, prefix: string | undefined): Form =>
  ({ steps, end }) => [
    ...(prefix === undefined ? [] : [{ by: 'prefix', text: prefix }]),
    ...steps.flatMap((step) => [
      { by: 'model', text: `${step.text}${write(step.code)}` },
      { by: 'tool', text: `\n\`\`\`output\n${step.output}\n\`\`\`\n` },
    ]),
    { by: 'model', text: end },
  ];

export const FORMS: Readonly<Record<string, Form>> = Object.fromEntries([
  ...Object.entries(FENCES).flatMap(([name, write]) => [
    ...ROLES.map((roles, k) => [`chat ${k} with ${name}`, chat(write, roles, k === 2 ? 'from' : 'role')] as const),
    [`segments with ${name}`, segments(write, undefined)] as const,
    [`segments with a prefix and ${name}`, segments(write, 'Think.\n')] as const,
    // A bare fence is taken for code by what it holds, or by the message of a tool behind it.
    ...Object.entries(OUTPUTS).map(
      ([kind, writeOutput]) => [`one text with ${name} and ${kind}`, inOneText(write, writeOutput)] as const,
    ),
  ]),
  ['calls with JSON texts', byCalls((body) => JSON.stringify({ code: body }))],
  ['calls with objects', byCalls((body) => ({ script: body }))],
  ['calls with bare code', byCalls((body) => body)],
  ['outputs by the user', answeredByUser],
  ['steps by kind', byKind],
]);
