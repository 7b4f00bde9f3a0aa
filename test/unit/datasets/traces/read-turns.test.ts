/** Every form in which traces are written gives the same text and code, in every template. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTurns } from '../../../../src/datasets/traces/read-turns.ts';
import { renderTrace } from '../../../../src/datasets/traces/render-trace.ts';
import { readSpeeches } from '../../../../src/datasets/traces/speeches.ts';
import type { TraceTurn } from '../../../../src/datasets/traces/trace.ts';
import { type RolloutTemplate, TEMPLATES } from '../../../../src/rollout/template.ts';
import { applyExecution, applyGeneration, pendingExecution } from '../../../../src/rollout/turn.ts';
import type { BlockResult } from '../../../../src/rollout/types.ts';
import { letterTokenizer } from '../../rollout/letter-tokenizer.ts';
import { beginRollout, FENCE_RULES_OF_TURN } from '../../rollout/write-rollout.ts';
import { FORMS, type Solution, solutions } from './forms.ts';

const templates: Readonly<Record<string, RolloutTemplate>> = TEMPLATES;
const ok: BlockResult = { end: 'ok', stdout: '3.14\n' };

function read(list: readonly unknown[], template: RolloutTemplate): TraceTurn[] {
  const speeches = readSpeeches(list);
  if ('reason' in speeches) throw new Error(speeches.reason);
  const turns = readTurns(speeches, template);
  if ('reason' in turns) throw new Error(`${turns.reason}: ${JSON.stringify(list)}`);
  return turns;
}

const words = (text: string) =>
  text
    .replace(/^[> ]+$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

/** The texts and codes of a solution, white space of the texts aside. */
const expected = ({ steps, end }: Solution) => [
  ...steps.map(({ text, code }) => [words(text), code]),
  [words(end), undefined],
];

describe.each(Object.keys(FORMS))('a trace as %s', (name) => {
  const form = FORMS[name] ?? (() => []);

  it('is read as it was meant, and is what a rollout of each template would be', () => {
    fc.assert(
      fc.property(solutions(), fc.constantFrom(...Object.keys(templates)), (solution, templateName) => {
        const template = templates[templateName] ?? TEMPLATES.markdown;
        const turns = read(form(solution), template);
        expect(turns.map(({ text, code }) => [words(text), code])).toEqual(expected(solution));
        replay(turns, template);
      }),
      { numRuns: 25 },
    );
  });
});

/** Plays the rendered trace through the turn protocol: it has to run the same code, and to end there. */
function replay(turns: readonly TraceTurn[], template: RolloutTemplate): void {
  const { quote } = letterTokenizer;
  const trace = { id: 't', problem: 'p', answer: '3', turns };
  const codes = turns.flatMap(({ code }) => code ?? []);
  const rendered = renderTrace(
    trace,
    codes.map(() => ok),
    { template, end: '<|eos|>', quote },
  );
  if ('reason' in rendered) throw new Error(`${rendered.reason}: ${JSON.stringify(turns)}`);
  const rules = { ...FENCE_RULES_OF_TURN, template, maxTurns: 9 };
  let rollout = beginRollout(rendered.arm, rules);
  const [first] = rendered.segments;
  expect(first?.by === 'prefix' ? letterTokenizer.encode(first.text) : []).toEqual(rollout.prefixIds);
  const written = rendered.segments.filter(({ by }) => by === 'model');
  for (const [at, { text }] of written.entries()) {
    const tokenIds = letterTokenizer.encode(text);
    const finish = at === written.length - 1 ? 'eos' : 'stop';
    rollout = applyGeneration(rollout, { id: rollout.id, tokenIds, logProbs: tokenIds.map(() => -1), finish }, rules);
    if (finish === 'eos') break;
    expect(pendingExecution(rollout)).toEqual({ code: codes[at], previousBlocks: codes.slice(0, at) });
    rollout = applyExecution(rollout, ok, rules);
  }
  expect(rollout).toMatchObject({ state: 'completed', endReason: 'eos' });
  const own = rendered.segments.filter(({ by }) => by !== 'prefix').map(({ text }) => letterTokenizer.encode(text));
  expect(rollout.completionIds).toEqual(own.flat());
}

describe('a list that is no trace', () => {
  it.each<[string, unknown[], string]>([
    ['an entry that is no object', ['hello'], 'entry 1 is not an object'],
    ['an unknown speaker', [{ role: 'moderator', content: 'x' }], 'entry 1 is by "moderator"; known are user'],
    ['no speaker', [{ content: 'x' }], 'entry 1 is by undefined'],
    ['no text', [{ role: 'assistant' }], 'entry 1 has no text'],
    ['a text that is a number', [{ by: 'model', text: 3 }], 'entry 1 has no text'],
    ['no words of the model', [{ role: 'user', content: 'x' }], 'it has no text of the model'],
    [
      'a call without code',
      [{ role: 'assistant', content: 'x', tool_calls: [{ function: {} }] }],
      'a tool call without code',
    ],
  ])('for %s is refused with the reason', (_what, list, reason) => {
    expect(readSpeeches(list)).toMatchObject({ reason: expect.stringContaining(reason) });
  });
});

describe('a trace that no rollout could be', () => {
  it.each<[string, unknown[], string]>([
    ['an open block', [{ by: 'model', text: 'So\n```python\nprint(3)\n' }], 'a block of code is not closed'],
    ['a session with outputs', [{ by: 'model', text: '```python\n>>> 1+1\n2\n```\n2' }], 'an output is written behind'],
    [
      'an output before any code',
      [
        { by: 'model', text: '' },
        { by: 'tool', text: '3' },
        { by: 'model', text: '3' },
      ],
      'an output without code',
    ],
    [
      'a second question',
      [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: '1' },
        { role: 'user', content: 'b' },
        { role: 'assistant', content: '2' },
      ],
      'a second question',
    ],
  ])('for %s is named', (_what, list, reason) => {
    const speeches = readSpeeches(list);
    if ('reason' in speeches) throw new Error(speeches.reason);
    expect(readTurns(speeches, TEMPLATES.markdown)).toMatchObject({ reason: expect.stringContaining(reason) });
  });
});

it('control tokens in a trace are spelt out, those of the template count', () => {
  const turns = [{ text: '', code: 'print("<|eos|>")' }, { text: 'It printed <|run|>.' }];
  const trace = { id: 't', problem: 'p', answer: '3', turns };
  const rendered = renderTrace(trace, [ok], {
    template: TEMPLATES.testbed,
    end: '<|eos|>',
    quote: letterTokenizer.quote,
  });
  if ('reason' in rendered) throw new Error(rendered.reason);
  const ids = rendered.segments.flatMap(({ text }) => letterTokenizer.encode(text));
  const marks = ids.filter((id) => id < 7).map((id) => letterTokenizer.decode([id]));
  expect(marks).toEqual(['<|code|>', '<|run|>', '<|out|>', '<|eos|>']);
});

it('a recorded rollout does not get its prefix twice', () => {
  for (const template of [TEMPLATES.markdown, TEMPLATES.interleaved]) {
    const turns = read(
      [
        { by: 'prefix', text: template.prefixes.cot },
        { by: 'model', text: `${template.prefixes.cot}So 3.<|eos|>` },
      ],
      template,
    );
    const trace = { id: 't', problem: 'p', answer: '3', turns };
    expect(renderTrace(trace, [], { template, end: '<|eos|>', quote: (text) => text })).toMatchObject({
      arm: 'cot',
      segments: [
        { by: 'prefix', text: template.prefixes.cot },
        { by: 'model', text: 'So 3.<|eos|>' },
      ],
    });
  }
});
