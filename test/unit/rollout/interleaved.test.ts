/** Text and code in turns, through the turn protocol: what is run, what the model reads, and what is learnt. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sequenceOf } from '../../../src/methods/training-set.ts';
import { ownTurns, textSegments } from '../../../src/rollout/segments.ts';
import { type RolloutTemplate, TEMPLATES } from '../../../src/rollout/template.ts';
import { renderToolOutput } from '../../../src/rollout/tool-output.ts';
import { applyExecution, pendingExecution, type TurnRules } from '../../../src/rollout/turn.ts';
import type { Arm, BlockResult, Rollout } from '../../../src/rollout/types.ts';
import { letterTokenizer } from './letter-tokenizer.ts';
import { beginRollout, continueRollout, FENCE_RULES_OF_TURN } from './write-rollout.ts';

const templates: Readonly<Record<string, RolloutTemplate>> = {
  markdown: TEMPLATES.markdown,
  interleaved: TEMPLATES.interleaved,
  tildes: { ...TEMPLATES.interleaved, codeOpen: '~~~py', codeClose: '\n~~~' },
  marks: {
    ...TEMPLATES.interleaved,
    codeOpen: '<code>',
    codeClose: '</code>',
    toolOpen: '<output>',
    toolClose: '</output>',
  },
};

const sentences = fc.array(fc.constantFrom('So x = 2.', 'Now let us count.', 'Is $a < b$?', '- first', '> quoted', ''));
const text = sentences.map((lines) => lines.map((line) => `${line}\n`).join(''));
const statements = fc.array(
  fc.constantFrom('print(1)', 'x = "`"', 'for i in range(3):\n    print(i)', "s = '''\na'''"),
  {
    minLength: 1,
  },
);
const code = statements.map((lines) => ['print(0)', ...lines].join('\n'));
const result: fc.Arbitrary<BlockResult> = fc.oneof(
  fc
    .constantFrom('3', '```python\nprint(9)\n```', '<code>print(9)</code>', '')
    .map((stdout): BlockResult => ({ end: 'ok', stdout: `${stdout}\n` })),
  fc.constant<BlockResult>({ end: 'error', stdout: '', exception: 'NameError: x' }),
  fc.constant<BlockResult>({ end: 'cpu-timeout', stdout: '' }),
);
const steps = fc.array(fc.record({ text, code, result }), { minLength: 1, maxLength: 3 });

/** The rollout of a model that writes these turns, and the results that its code has. */
function play(arm: Arm, rules: TurnRules, turns: readonly string[], results: readonly BlockResult[], size: number) {
  let rollout = beginRollout(arm, rules);
  for (const [at, turn] of turns.entries()) {
    rollout = continueRollout(rollout, turn, { charactersAToken: size, rules });
    const answer = results[at];
    if (rollout.state !== 'awaiting-execution' || answer === undefined) return rollout;
    const before = rollout.blocks.slice(0, -1).map((block) => block.code);
    expect(pendingExecution(rollout).previousBlocks).toEqual(before);
    rollout = applyExecution(rollout, answer, rules);
  }
  return rollout;
}

describe.each(Object.keys(templates))('with the template %s', (name) => {
  const template: RolloutTemplate = templates[name] ?? TEMPLATES.markdown;
  const rules = { ...FENCE_RULES_OF_TURN, template };
  const isOpen = template.interleaved !== true;

  it.each(['code', 'auto'] as const)(
    '%s rollouts run every block in its turn, and only what the model wrote is learnt',
    (arm) => {
      fc.assert(
        fc.property(steps, text, fc.integer({ min: 1, max: 5 }), (blocks, end, size) => {
          const isBegun = isOpen && arm === 'code';
          const turns = blocks.map((step, at) => {
            const body = `${step.code}${template.codeClose}`;
            return at === 0 && isBegun ? body : `${step.text}${template.codeOpen}\n${body}`;
          });
          const last = `${end}So \\boxed{3}.`;
          const rollout = play(
            arm,
            rules,
            [...turns, last],
            blocks.map((step) => step.result),
            size,
          );
          expect(rollout).toMatchObject({ state: 'completed', endReason: 'eos' });
          expect(rollout.blocks.map((block) => block.code)).toEqual(blocks.map((step) => step.code));

          const written = [...turns, `${last}<|eos|>`];
          const tools = blocks.map((step) => renderToolOutput(step.result, template, letterTokenizer.quote));
          const mask = written.flatMap((turn, at) => [
            ...letterTokenizer.encode(turn).map(() => 1),
            ...letterTokenizer.encode(tools[at] ?? '').map(() => 0),
          ]);
          expect(rollout.modelMask).toEqual(mask);
          expect(rollout.logProbs).toEqual(mask.map((bit) => (bit === 1 ? -0.5 : 0)));
          const segments = textSegments(rollout, letterTokenizer);
          expect(segments.map(({ by }) => by)).toEqual([
            ...(arm === 'code' ? ['prefix'] : []),
            ...blocks.flatMap(() => ['model', 'tool']),
            'model',
          ]);
          expect(ownTurns(segments, rollout.blocks).at(-1)).toBe(`${last}<|eos|>`);

          const { lossMask, ids } = learn(rollout);
          const context = rollout.promptIds.length + rollout.prefixIds.length;
          expect(lossMask).toEqual([...Array.from({ length: context }, () => 0), ...mask]);
          expect(ids).toEqual([...rollout.promptIds, ...rollout.prefixIds, ...rollout.completionIds]);
        }),
        { numRuns: 60 },
      );
    },
  );

  it('a code rollout that runs nothing, and a CoT rollout that opens a block, are violations', () => {
    fc.assert(
      fc.property(text, code, fc.integer({ min: 1, max: 5 }), (before, body, size) => {
        const block = `${template.codeOpen}\n${body}${template.codeClose}`;
        expect(play('cot', rules, [`${before}${block}`], [], size).endReason).toBe('code-in-cot');
        if (!isOpen) expect(play('code', rules, [`${before}So 3.`], [], size).endReason).toBe('no-code');
        expect(play('auto', rules, [`${before}So 3.`], [], size).state).toBe('completed');
      }),
    );
  });

  it('the last block that fits into the turns is run, the next ends the rollout', () => {
    const block = `Let me see.\n${template.codeOpen}\nprint(1)${template.codeClose}`;
    const answer: BlockResult = { end: 'ok', stdout: '1\n' };
    const turns = [block, block, block, block];
    const results = turns.map(() => answer);
    const rollout = play('auto', { ...rules, maxTurns: 3 }, turns, results, 1);
    expect(rollout).toMatchObject({ state: 'truncated', endReason: 'turn-budget' });
    expect(rollout.blocks).toHaveLength(2);
  });
});

function learn(rollout: Rollout) {
  const { ids, lossMask, behaviourLogProbs } = sequenceOf(rollout);
  return { ids: Array.from(ids), lossMask: Array.from(lossMask), behaviourLogProbs: Array.from(behaviourLogProbs) };
}
