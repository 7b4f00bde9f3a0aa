/**
 * The turn protocol: sample → (code block? execute → append its output →) sample … until the rollout ends.
 * Pure functions from a rollout to the next; who samples and who executes is not their business.
 */
import type { GenerateRequest, Generation, Tokenizer, Turn } from '../sampler/types.ts';
import { type FenceReading, outputLabelOf, readFences, usesFences } from './fences.ts';
import type { RolloutTemplate } from './template.ts';
import { renderToolOutput } from './tool-output.ts';
import type { Arm, BlockResult, CodeBlock, Rollout, RolloutState } from './types.ts';

export interface TurnRules {
  readonly template: RolloutTemplate;
  readonly tokenizer: Tokenizer;
  /** Tokens the model may write in a rollout, the same for both arms; tool output is not counted. */
  readonly maxNewTokens: number;
  /** Turns of the model: code blocks that may run, plus one. */
  readonly maxTurns: number;
  readonly temperature: number;
  /** Positions the model has; prompt, solution and tool output must fit. */
  readonly maxContextTokens: number;
}

const rolloutId = (problemId: string, arm: Arm, sample: number): string => `${problemId}#${arm}#${sample}`;

/** A rollout before its first token; one whose prompt leaves no room is truncated at once. */
export function startRollout(
  start: {
    readonly problemId: string;
    readonly arm: Arm;
    readonly sample: number;
    readonly seed: string;
    readonly promptIds: readonly number[];
    readonly prefixIds: readonly number[];
  },
  rules: TurnRules,
): Rollout {
  const rollout: Rollout = {
    ...start,
    id: rolloutId(start.problemId, start.arm, start.sample),
    completionIds: [],
    logProbs: [],
    modelMask: [],
    blocks: [],
    state: 'open',
  };
  return tokensLeft(rollout, rules) > 0 ? rollout : end(rollout, 'truncated', 'prompt-too-long');
}

/** The decision that the rollout took in fact: did it run code? */
export const ranCode = (rollout: Rollout): boolean => rollout.blocks.some((block) => block.result !== undefined);

const countModelTokens = (rollout: Rollout): number => rollout.modelMask.reduce<number>((sum, bit) => sum + bit, 0);

function tokensLeft(rollout: Rollout, rules: TurnRules): number {
  const context = rollout.promptIds.length + rollout.prefixIds.length + rollout.completionIds.length;
  return Math.min(rules.maxNewTokens - countModelTokens(rollout), rules.maxContextTokens - context);
}

function end(rollout: Rollout, state: RolloutState, endReason: string): Rollout {
  return { ...rollout, state, endReason };
}

/** What to sample next for an open rollout. A CoT rollout stops where it opens a code block: that ends it. */
export function generateRequest(rollout: Rollout, rules: TurnRules): GenerateRequest {
  if (rollout.state !== 'open')
    throw new Error(`rollout ${rollout.id} is ${rollout.state}; only an open one is sampled`);
  const turns = turnsOf(rollout.modelMask);
  return {
    id: rollout.id,
    promptIds: [...rollout.promptIds, ...rollout.prefixIds, ...rollout.completionIds],
    seed: `${rollout.seed}/${rollout.completionIds.length}`,
    maxNewTokens: tokensLeft(rollout, rules),
    temperature: rules.temperature,
    ...stopsOf(rollout, rules),
    ...(turns.length === 0 ? {} : { turns }),
  };
}

/** What ends the generation, and whether it may go on from there. */
function stopsOf(rollout: Rollout, rules: TurnRules): Pick<GenerateRequest, 'stopStrings' | 'mayContinue'> {
  const { template } = rules;
  if (!usesFences(template))
    return {
      stopStrings: [rollout.arm === 'cot' ? template.codeOpen : template.codeClose],
      mayContinue: rollout.arm !== 'cot',
    };
  const reading = readTurn(rollout, rules, false);
  if (reading.kind !== 'nothing') throw new Error(`rollout ${rollout.id} is open behind a block that is to be run`);
  return { stopStrings: reading.stops, mayContinue: true };
}

/** The completion as turns: what the model wrote, then the tool output appended to it. */
function turnsOf(modelMask: readonly (0 | 1)[]): Turn[] {
  const turns: { written: number; appended: number }[] = [];
  for (const [i, bit] of modelMask.entries()) {
    if (i === 0 || (bit === 1 && modelMask[i - 1] === 0)) turns.push({ written: 0, appended: 0 });
    const last = turns[turns.length - 1];
    if (last !== undefined) last[bit === 1 ? 'written' : 'appended'] += 1;
  }
  return turns;
}

/** Text since the last tool output, the forced prefix included: where an open code block is looked for. */
function textOfTurn(rollout: Rollout, rules: TurnRules): string {
  const lastTool = rollout.modelMask.lastIndexOf(0);
  const ids = rollout.completionIds.slice(lastTool + 1);
  return rules.tokenizer.decode(lastTool === -1 ? [...rollout.prefixIds, ...ids] : ids);
}

/**
 * Code between the first open mark of the turn and the close mark behind it; undefined if no block was closed. A Markdown
 * fence around the code, which traces of ReTool have inside of their tags, is no part of it.
 */
export function closedBlock(text: string, template: RolloutTemplate): string | undefined {
  const open = text.indexOf(template.codeOpen);
  if (open === -1) return undefined;
  const start = open + template.codeOpen.length;
  const close = text.indexOf(template.codeClose, start);
  if (close === -1) return undefined;
  const code = text.slice(start, close);
  return /^\s*```[\w+-]*[ \t]*\n(.*?)\n?```\s*$/s.exec(code)?.[1] ?? code.replace(/^\n/, '');
}

function readTurn(rollout: Rollout, rules: TurnRules, isEnded: boolean): FenceReading {
  const outputLabel = outputLabelOf(rules.template);
  return readFences(textOfTurn(rollout, rules), { arm: rollout.arm, outputLabel, isEnded });
}

/** Appends what the model wrote and decides what happens next. */
export function applyGeneration(rollout: Rollout, generation: Generation, rules: TurnRules): Rollout {
  if (rollout.state !== 'open') throw new Error(`rollout ${rollout.id} is ${rollout.state}; only an open one goes on`);
  const next: Rollout = {
    ...rollout,
    completionIds: [...rollout.completionIds, ...generation.tokenIds],
    logProbs: [...rollout.logProbs, ...generation.logProbs],
    modelMask: [...rollout.modelMask, ...generation.tokenIds.map(() => 1 as const)],
  };
  if (usesFences(rules.template)) return applyFences(rollout, next, generation, rules);
  switch (generation.finish) {
    case 'length':
      return end(next, 'truncated', 'token-budget');
    case 'eos':
      if (next.arm === 'code' && !ranCode(next)) return end(next, 'violation', 'no-code');
      return end(next, 'completed', 'eos');
    case 'stop':
      return applyStop(next, rules);
  }
}

/** Applies a turn whose code is in Markdown fences. `next` is `rollout` with the text that the model has just written. */
function applyFences(rollout: Rollout, next: Rollout, { finish }: Generation, rules: TurnRules): Rollout {
  const reading = readTurn(next, rules, finish === 'eos');
  if (reading.kind === 'nothing') {
    if (next.arm === 'cot' && reading.isPython) return end(next, 'violation', 'code-in-cot');
    switch (finish) {
      case 'length':
        return end(next, 'truncated', 'token-budget');
      case 'stop':
        return goOn(next, rules);
      case 'eos':
        if (next.arm === 'code' && !ranCode(next)) return end(next, 'violation', 'no-code');
        if (reading.isPython) return end(next, 'violation', 'unclosed-code');
        return end(next, 'completed', 'eos');
    }
  }
  // What was written behind the decision was written for nothing: the text up to it would have stopped there.
  const cut = cutBehind(rollout, next, reading.end, rules);
  if (next.arm === 'cot') return end(cut, 'violation', 'code-in-cot');
  if (reading.kind === 'invented-output') return end(cut, 'violation', 'invented-output');
  if (finish === 'length' && cut === next) return end(next, 'truncated', 'token-budget');
  return runBlock(cut, reading.code, rules);
}

/** `next` without the tokens that begin behind this offset of the turn's text; at least one token of the generation stays. */
function cutBehind(rollout: Rollout, next: Rollout, textEnd: number, rules: TurnRules): Rollout {
  const cutAt = (tokens: number): Rollout => ({
    ...next,
    completionIds: next.completionIds.slice(0, tokens),
    logProbs: next.logProbs.slice(0, tokens),
    modelMask: next.modelMask.slice(0, tokens),
  });
  let [enough, tooFew] = [next.completionIds.length, rollout.completionIds.length];
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (textOfTurn(cutAt(middle), rules).length >= textEnd) enough = middle;
    else tooFew = middle;
  }
  return enough === next.completionIds.length ? next : cutAt(enough);
}

function applyStop(rollout: Rollout, rules: TurnRules): Rollout {
  if (rollout.arm === 'cot') return end(rollout, 'violation', 'code-in-cot');
  const code = closedBlock(textOfTurn(rollout, rules), rules.template);
  // A close mark without an open block runs nothing: the model goes on as if it had not stopped.
  return code === undefined ? goOn(rollout, rules) : runBlock(rollout, code, rules);
}

function goOn(rollout: Rollout, rules: TurnRules): Rollout {
  return tokensLeft(rollout, rules) > 0 ? rollout : end(rollout, 'truncated', 'token-budget');
}

function runBlock(rollout: Rollout, code: string, rules: TurnRules): Rollout {
  if (rollout.blocks.length + 1 >= rules.maxTurns) return end(rollout, 'truncated', 'turn-budget');
  return { ...rollout, blocks: [...rollout.blocks, { code }], state: 'awaiting-execution' };
}

/** The code to run, with the blocks whose state it builds on. */
export function pendingExecution(rollout: Rollout): {
  readonly code: string;
  readonly previousBlocks: readonly string[];
} {
  const block = rollout.blocks.at(-1);
  if (rollout.state !== 'awaiting-execution' || block === undefined) {
    throw new Error(`rollout ${rollout.id} is ${rollout.state}; nothing waits for execution`);
  }
  return { code: block.code, previousBlocks: rollout.blocks.slice(0, -1).map((previous) => previous.code) };
}

/** A rollout that the sandbox failed, as it was before: its code waits to be run again. */
export function reopenRollout(rollout: Rollout): Rollout {
  if (rollout.state !== 'infrastructure')
    throw new Error(`rollout ${rollout.id} is ${rollout.state}; nothing failed it`);
  const { endReason: _cause, ...rest } = rollout;
  return { ...rest, state: 'awaiting-execution' };
}

/** Appends the tool's answer. An infrastructure failure ends the rollout: it is never text for the model. */
export function applyExecution(rollout: Rollout, result: BlockResult, rules: TurnRules): Rollout {
  const pending = rollout.blocks.at(-1);
  if (rollout.state !== 'awaiting-execution' || pending === undefined) {
    throw new Error(`rollout ${rollout.id} is ${rollout.state}; it did not ask for an execution`);
  }
  if (result.end === 'infrastructure') return end(rollout, 'infrastructure', 'sandbox');
  const block: CodeBlock = { code: pending.code, result };
  const { template, tokenizer } = rules;
  const toolIds = tokenizer.encodeContinuation(renderToolOutput(result, template, (text) => tokenizer.quote(text)));
  const next: Rollout = {
    ...rollout,
    blocks: [...rollout.blocks.slice(0, -1), block],
    completionIds: [...rollout.completionIds, ...toolIds],
    logProbs: [...rollout.logProbs, ...toolIds.map(() => 0)],
    modelMask: [...rollout.modelMask, ...toolIds.map(() => 0 as const)],
    state: 'open',
  };
  return tokensLeft(next, rules) > 0 ? next : end(next, 'truncated', 'token-budget');
}
