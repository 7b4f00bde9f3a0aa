import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFences } from '../../../src/rollout/fences.ts';
import type { Arm } from '../../../src/rollout/types.ts';
import { letterTokenizer } from './letter-tokenizer.ts';
import { writeRollout } from './write-rollout.ts';

const CODE = 'print(6*7)';
const TAIL = '\nThe answer is \\boxed{42}.';

/** The code that waits to be run, else how the rollout ended. */
function outcome(arm: Arm, text: string, charactersAToken = 1): string {
  const rollout = writeRollout(arm, text, { charactersAToken });
  return rollout.state === 'awaiting-execution' ? (rollout.blocks.at(-1)?.code ?? '') : `${rollout.endReason}`;
}

const LABELS = [
  ...[
    'python',
    'py',
    'Python',
    'PYTHON',
    ' python',
    '  Python ',
    'python3',
    'py3',
    'python3.11',
    'ipython',
    'ipython3',
  ],
  ...[
    '{python}',
    '{.python}',
    '{.python .numberLines}',
    '{python, echo=TRUE}',
    'python {.x}',
    'python{.x}',
    'python {#a .b}',
  ],
  ...['python title="a.py"', 'python linenos', 'python:main.py', 'python,linenos', '{code-cell} ipython3', 'tool_code'],
];

describe('a block labelled as Python', () => {
  it.each(LABELS)('is run: ```%s', (label) => {
    expect(outcome('auto', `Use code.\n\`\`\`${label}\n${CODE}\n\`\`\`${TAIL}`)).toBe(CODE);
    expect(outcome('auto', `~~~${label}\n${CODE}\n~~~${TAIL}`)).toBe(CODE);
    expect(outcome('cot', `So\n\`\`\`${label}\n${CODE}\n\`\`\`${TAIL}`)).toBe('code-in-cot');
    expect(outcome('cot', `~~~${label}\n${CODE}`)).toBe('code-in-cot');
  });

  it.each([
    ['in a list', `1. Compute:\n   \`\`\`python\n   ${CODE}\n   \`\`\`\n`, CODE],
    ['behind a bullet', `- \`\`\`python\n  ${CODE}\n  \`\`\`\n`, CODE],
    [
      'in a list, with the code further in',
      `1. So\n   \`\`\`python\n     x = 6\n     print(x)\n   \`\`\`\n`,
      'x = 6\nprint(x)',
    ],
    [
      'in a list, with the code at the margin',
      `1. So\n   \`\`\`python\nif 1:\n    ${CODE}\n   \`\`\`\n`,
      `if 1:\n    ${CODE}`,
    ],
    ['quoted', `> \`\`\`python\n> for x in [6]:\n>     print(x)\n> \`\`\`\n`, 'for x in [6]:\n    print(x)'],
    ['quoted twice', `> > \`\`\`python\n> > ${CODE}\n> > \`\`\`\n`, CODE],
    ['closed on its last line', `\`\`\`python\nx = 6\n${CODE}\`\`\`\n`, `x = 6\n${CODE}`],
    ['on one line', `\`\`\`python ${CODE}\`\`\`\n`, CODE],
    ['behind a sentence', `Here is the code: \`\`\`python\n${CODE}\n\`\`\`\n`, CODE],
    ['behind a mention', `I will write a \`\`\`python block.\n\`\`\`python\n${CODE}\n\`\`\`\n`, CODE],
    ['behind a mention at the margin', `\`\`\`python is my tool.\nSo:\n\`\`\`python\n${CODE}\n\`\`\`\n`, CODE],
    ['behind a mention between fences', `Use \`\`\`python\`\`\` here.\n\`\`\`python\n${CODE}\n\`\`\`\n`, CODE],
    ['opened twice', `\`\`\`python\n\`\`\`python\n${CODE}\n\`\`\`\n`, CODE],
    [
      'with a longer fence',
      `\`\`\`\`python\ns = """\n\`\`\`\n"""\n${CODE}\n\`\`\`\`\n`,
      `s = """\n\`\`\`\n"""\n${CODE}`,
    ],
    [
      'with a fence in a string',
      `\`\`\`python\ns = """\n\`\`\`\nx\n\`\`\`\n"""\nprint(len(s))\n\`\`\`\n`,
      's = """\n```\nx\n```\n"""\nprint(len(s))',
    ],
    ['with a fence in a one-line string', `\`\`\`python\nprint('\`\`\`')\n\`\`\`\n`, "print('```')"],
    [
      'with a fence in a comment',
      `\`\`\`python\n# see \`\`\`x\`\`\`\n${CODE}\n\`\`\`\n`,
      `# see \`\`\`x\`\`\`\n${CODE}`,
    ],
    [
      'behind a mention that ends its line',
      `I begin with \`\`\`python\nand end with \`\`\`\n\`\`\`python\n${CODE}\n\`\`\`\n`,
      CODE,
    ],
    ['with options of a directive', `\`\`\`{code-cell} python\n:linenos:\n:tags: [x]\n${CODE}\n\`\`\`\n`, CODE],
    ['with prompts', `\`\`\`python\n>>> x = 6\n>>> if x:\n...     print(x)\n\`\`\`\n`, 'x = 6\nif x:\n    print(x)'],
    ['as a session', `\`\`\`python-repl\n>>> ${CODE}\n\`\`\`\n`, CODE],
    ['with tildes in the code', `~~~python\nx = 1\n~~~x\nprint(x)\n~~~\n`, 'x = 1'],
  ])('is run %s', (_, text, code) => {
    expect(outcome('auto', text)).toBe(code);
    expect(outcome('cot', text)).toBe('code-in-cot');
  });

  it('is a violation by name where it can not be run', () => {
    expect(outcome('auto', `\`\`\`python\n${CODE}`)).toBe('unclosed-code');
    expect(outcome('auto', `\`\`\`python-repl\n>>> ${CODE}\n42\n\`\`\`\n`)).toBe('invented-output');
    expect(outcome('auto', `\`\`\`js\nlog(42)\n\`\`\`\n\n\`\`\`output\n42\n\`\`\`\n`)).toBe('invented-output');
    expect(outcome('auto', '```\nx = 6 * 7\n```\n```output\n42\n```\n')).toBe('invented-output');
  });
});

describe('a block without a label', () => {
  it('is code in the code arm', () => {
    expect(outcome('code', `\`\`\`\n${CODE}\n\`\`\`\n`)).toBe(CODE);
    expect(outcome('code', '```\n6*7\n```\n')).toBe('6*7');
  });

  it('is code elsewhere if it holds Python statements', () => {
    expect(outcome('auto', `So:\n\`\`\`\nx = 6\n${CODE}\n\`\`\`\n`)).toBe(`x = 6\n${CODE}`);
    expect(outcome('cot', `So:\n\`\`\`\n${CODE}\n\`\`\`\n`)).toBe('code-in-cot');
  });

  it('is run with a label that no language has, if it holds Python statements', () => {
    expect(outcome('auto', `So:\n\`\`\`pyhton\n${CODE}\n\`\`\`\n`)).toBe(CODE);
    expect(outcome('auto', 'So:\n```answer\nx = 42\n```\n')).toBe('eos');
  });

  it.each([
    'for each i in S:\n  add i',
    'for all primes p:\n  mark p',
    'x^2 + y^2 = 25',
    '42',
    'The answer is 42.',
    '\\boxed{42}',
    '| a | b |',
  ])('is text elsewhere: %s', (text) => {
    for (const arm of ['auto', 'cot'] as const)
      expect(outcome(arm, `So:\n\`\`\`\n${text}\n\`\`\`\n${TAIL}`)).toBe('eos');
  });
});

describe('the code arm', () => {
  it.each([
    ['goes on in the block', `${CODE}\n\`\`\`\n`],
    ['opens the block again', `\`\`\`python\n${CODE}\n\`\`\`\n`],
    ['opens the block again in another style', `\`\`\`py\n${CODE}\n\`\`\`\n`],
    ['opens the block again without a label', `\`\`\`\n${CODE}\n\`\`\`\n`],
    ['opens the block again behind an empty line', `\n\`\`\`python\n${CODE}\n\`\`\`\n`],
    ['closes the block on the last line', `${CODE}\`\`\`\n`],
  ])('runs the code where the model %s', (_, text) => {
    expect(outcome('code', text)).toBe(CODE);
  });

  it('that runs nothing is a violation', () => {
    expect(outcome('code', `\`\`\`\n\\boxed{42}`)).toBe('no-code');
    expect(outcome('code', CODE)).toBe('no-code');
  });
});

describe('text around fences', () => {
  it.each([
    'Use `print` and ``x`` here. \\boxed{42}',
    'I would open a ```python block, but need none. \\boxed{42}',
    'In other languages: ```js``` or ```r```. \\boxed{42}',
    '```javascript\nconsole.log(42)\n```\n\\boxed{42}',
    '```text\nprint(42)\n```\n\\boxed{42}',
    '~~struck~~ \\boxed{42}',
  ])('is text: %j', (text) => {
    expect(outcome('auto', text)).toBe('eos');
    expect(outcome('cot', text)).toBe('eos');
  });

  it('keeps what was written in the order in which it was written', () => {
    const text = `A mention of \`\`\`python here.\n\`\`\`py\n${CODE}\n\`\`\``;
    const rollout = writeRollout('auto', `${text}${TAIL}`);
    expect(letterTokenizer.decode(rollout.completionIds)).toBe(text);
    expect(rollout.logProbs).toHaveLength(rollout.completionIds.length);
  });
});

/** Members of the class, not the listed ones: every part of a block in every style. */
const style = fc.record({
  before: fc.constantFrom(
    '',
    'Let me compute.\n',
    'I will use a ```python block.\n\n',
    'Call `f`:\n',
    '```text\nx = y\n```\n',
  ),
  container: fc.constantFrom('', '  ', '   ', '\t', '> ', '> > '),
  fence: fc.constantFrom('```', '````', '~~~', '~~~~~'),
  label: fc.constantFrom(...LABELS),
  repeats: fc.boolean(),
  /** Between an opening fence and its repetition. */
  remark: fc.constantFrom('', '', '# compute\n', 'Let me compute.\n', "\n# don't\nFirst, we write the function:\n"),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  blank: fc.boolean(),
  lines: fc.array(
    fc.constantFrom(
      'x = 6',
      'for i in range(3):\n    x += i',
      "s = '```'",
      's = """\n```\n~~~\n"""',
      '# done',
      'f = r"\\d"',
    ),
    { maxLength: 4 },
  ),
  closesOnLastLine: fc.boolean(),
  tail: fc.constantFrom('', '\n', '\nThe result is 42.', '\n\n```output\n42\n```\n'),
  charactersAToken: fc.integer({ min: 1, max: 9 }),
});

describe('every style of block', () => {
  it('runs the code, whatever the tokens are; in a CoT rollout it is a violation', () => {
    fc.assert(
      fc.property(
        style,
        ({ before, container, fence, label, repeats, remark, blank, lines, closesOnLastLine, tail, ...rest }) => {
          const code = [...lines, CODE].join('\n');
          const put = (text: string): string => text.replace(/^/gm, container);
          const open = `${fence}${label}\n`;
          const sameLine = closesOnLastLine && fence.startsWith('`');
          const block = `${open}${repeats ? `${remark}${open}` : ''}${blank ? '\n' : ''}${code}${sameLine ? '' : '\n'}${fence}`;
          const { charactersAToken, lineEnd } = rest;
          const text = `${before}${put(block)}${tail}`.replaceAll('\n', lineEnd);
          expect(outcome('auto', text, charactersAToken)).toBe(code);
          expect(outcome('cot', text, charactersAToken)).toBe('code-in-cot');
          expect(outcome('code', (block + tail).replaceAll('\n', lineEnd), charactersAToken)).toBe(code);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is read the same however much text follows', () => {
    const pieces = [
      '```',
      '~~~',
      '````',
      'python',
      'py',
      'output',
      '\n',
      ' ',
      '    ',
      '> ',
      'x = 1',
      'print(x)',
      '"""',
      "'",
      '#',
      'word',
      '- ',
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 24 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, text, fc.constantFrom('auto', 'code', 'cot' as const), (written, more, arm) => {
        const options = { arm: arm as Arm, outputLabel: 'output', isEnded: false };
        const first = readFences(written, options);
        if (first.kind === 'nothing') return;
        expect({ ...readFences(written + more, options), end: 0 }).toEqual({ ...first, end: 0 });
      }),
      { numRuns: 3000 },
    );
  });

  it('never stops a rollout for ever, and cuts nothing but what stands behind the block', () => {
    const pieces = ['```', '~~~', '`', 'python', 'output', '\n', 'x = 1', 'print(x)', '"""', '> ', '<b>'];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        text,
        fc.constantFrom('auto', 'code', 'cot'),
        fc.integer({ min: 1, max: 7 }),
        (written, arm, charactersAToken) => {
          const rollout = writeRollout(arm as Arm, written, { charactersAToken });
          expect(`${written}<|eos|>`.startsWith(letterTokenizer.decode(rollout.completionIds))).toBe(true);
          expect(rollout.modelMask).toHaveLength(rollout.completionIds.length);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
