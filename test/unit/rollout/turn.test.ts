import { describe, expect, it } from 'vitest';
import { encodePrefix, encodePrompt } from '../../../src/rollout/prompt.ts';
import { ownTurns, textSegments } from '../../../src/rollout/segments.ts';
import { type RolloutTemplate, TEMPLATES } from '../../../src/rollout/template.ts';
import {
  applyExecution,
  applyGeneration,
  generateRequest,
  pendingExecution,
  startRollout,
  type TurnRules,
} from '../../../src/rollout/turn.ts';
import type { Arm, BlockResult, Rollout } from '../../../src/rollout/types.ts';
import type { Generation } from '../../../src/sampler/types.ts';
import { letterTokenizer } from './letter-tokenizer.ts';

const rules: TurnRules = {
  template: TEMPLATES.testbed,
  tokenizer: letterTokenizer,
  maxNewTokens: 50,
  maxTurns: 2,
  temperature: 1,
  maxContextTokens: 200,
};

const prompts = new Map<RolloutTemplate, number[]>();
for (const template of Object.values(TEMPLATES))
  prompts.set(template, await encodePrompt('2+2?', template, letterTokenizer));

function start(arm: Arm, over: Partial<TurnRules> = {}): Rollout {
  const { template } = { ...rules, ...over };
  return startRollout(
    {
      problemId: 'p1',
      arm,
      sample: 0,
      seed: 's',
      promptIds: prompts.get(template) ?? [],
      prefixIds: encodePrefix(arm, template, letterTokenizer),
    },
    { ...rules, ...over },
  );
}

function write(rollout: Rollout, text: string, finish: Generation['finish'], over: Partial<TurnRules> = {}): Rollout {
  const tokenIds = letterTokenizer.encode(text);
  return applyGeneration(
    rollout,
    { id: rollout.id, tokenIds, logProbs: tokenIds.map(() => -0.5), finish },
    { ...rules, ...over },
  );
}

const ok = (stdout: string): BlockResult => ({ end: 'ok', stdout, cpuMs: 1 });

describe('the turn protocol', () => {
  it('runs the code of a code rollout and goes on behind its output', () => {
    const written = write(start('code'), 'print(4)<|run|>', 'stop');
    expect(written.state).toBe('awaiting-execution');
    expect(pendingExecution(written)).toEqual({ code: 'print(4)', previousBlocks: [] });
    const executed = applyExecution(written, ok('4\n'), rules);
    const { turns, promptIds } = generateRequest(executed, rules);
    const own = turns?.reduce((sum, { written, appended }) => sum + written + appended, 0);
    expect(own).toBe(executed.completionIds.length);
    expect(turns).toEqual([
      { written: executed.logProbs.filter((logProb) => logProb < 0).length, appended: expect.any(Number) },
    ]);
    expect(letterTokenizer.decode(promptIds)).toBe('<|bos|>2+2?<|sol|><|code|>print(4)<|run|>4<|out|>');
    const done = write(executed, '\\boxed{4}<|eos|>', 'eos');
    expect(done).toMatchObject({ state: 'completed', endReason: 'eos' });
    expect(textSegments(done, letterTokenizer)).toEqual([
      { by: 'prefix', text: '<|code|>' },
      { by: 'model', text: 'print(4)<|run|>' },
      { by: 'tool', text: '4<|out|>' },
      { by: 'model', text: '\\boxed{4}<|eos|>' },
    ]);
    expect(ownTurns(textSegments(done, letterTokenizer), done.blocks)).toEqual(['', '\\boxed{4}<|eos|>']);
  });

  it('masks exactly the tool tokens, with log-prob 0', () => {
    const done = applyExecution(write(start('code'), 'x<|run|>', 'stop'), ok('42'), rules);
    expect(done.modelMask).toEqual([1, 1, 0, 0, 0]);
    expect(done.logProbs).toEqual([-0.5, -0.5, 0, 0, 0]);
  });

  it('never runs the code of a CoT rollout: opening a block is a violation', () => {
    expect(generateRequest(start('cot'), rules).stopStrings).toEqual(['<|code|>']);
    expect(write(start('cot'), '4<|code|>', 'stop')).toMatchObject({ state: 'violation', endReason: 'code-in-cot' });
  });

  it('calls a code rollout that ends without running code a violation', () => {
    expect(write(start('code'), '\\boxed{4}<|eos|>', 'eos')).toMatchObject({
      state: 'violation',
      endReason: 'no-code',
    });
  });

  it('lets an auto rollout choose either way', () => {
    expect(write(start('auto'), '<|cot|>\\boxed{4}<|eos|>', 'eos').state).toBe('completed');
    const coding = write(start('auto'), '<|code|>print(4)<|run|>', 'stop');
    expect(pendingExecution(coding).code).toBe('print(4)');
  });

  it('goes on after a close mark without an open block', () => {
    expect(write(start('auto'), 'hm<|run|>', 'stop').state).toBe('open');
  });

  it('ends at the token budget and at the turn budget as truncated', () => {
    expect(write(start('cot'), 'long', 'length')).toMatchObject({ state: 'truncated', endReason: 'token-budget' });
    const once = applyExecution(write(start('code'), 'a<|run|>', 'stop'), ok('1'), rules);
    expect(write(once, '<|code|>b<|run|>', 'stop')).toMatchObject({ state: 'truncated', endReason: 'turn-budget' });
  });

  it('truncates at once when the prompt leaves no room', () => {
    expect(start('cot', { maxContextTokens: 5 })).toMatchObject({ state: 'truncated', endReason: 'prompt-too-long' });
  });

  it('ends a rollout whose execution failed as infrastructure, without text for the model', () => {
    const waiting = write(start('code'), 'a<|run|>', 'stop');
    const ended = applyExecution(waiting, { end: 'infrastructure', stdout: '', cpuMs: 0 }, rules);
    expect(ended).toMatchObject({ state: 'infrastructure', completionIds: waiting.completionIds });
  });

  it('does not let printed marks act as marks', () => {
    const done = applyExecution(write(start('code'), 'a<|run|>', 'stop'), ok('<|eos|>'), rules);
    expect(done.completionIds.slice(2)).not.toContain(0);
  });

  it('gives later blocks the code of the earlier ones', () => {
    const over = { maxTurns: 3 };
    const first = applyExecution(write(start('code', over), 'a=1<|run|>', 'stop', over), ok(''), { ...rules, ...over });
    const second = write(first, '<|code|>print(a)<|run|>', 'stop', over);
    expect(pendingExecution(second)).toEqual({ code: 'print(a)', previousBlocks: ['a=1'] });
  });

  it('reads fenced code of the markdown template', () => {
    const over = { template: TEMPLATES.markdown, maxTurns: 3, maxContextTokens: 2000 };
    const rollout = write(start('code', over), 'print(1)\n```', 'stop', over);
    expect(pendingExecution(rollout).code).toBe('print(1)');
    const text = letterTokenizer.decode(applyExecution(rollout, ok('1\n'), { ...rules, ...over }).completionIds);
    expect(text).toBe('print(1)\n```\n```output\n1\n```\n');
  });
});
