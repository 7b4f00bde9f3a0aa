/** One problem solved by a model: turns of text, code that runs in the sandbox, and how likely the model was to write code. */

import { answerOf } from '../grader/answer-of.ts';
import { gradedText } from '../grader/graded-text.ts';
import { LEAST_PREFIX_MASS, prefixMass, priorFromLogProbs } from '../methods/prior.ts';
import { encodePrefix, encodePrompt } from '../rollout/prompt.ts';
import { ownTurns, textSegments } from '../rollout/segments.ts';
import { applyExecution, applyGeneration, generateRequest, startRollout, type TurnRules } from '../rollout/turn.ts';
import type { Arm, Rollout, TextSegment } from '../rollout/types.ts';
import type { Sampler } from '../sampler/types.ts';
import type { Sandbox } from '../sandbox/types.ts';
import { lineOf } from '../steps/execute.ts';
import { scorePrefixes } from '../steps/score-prefixes.ts';
import { snippetOf } from '../steps/snippet.ts';
import { CommandFailure } from './exit.ts';

export interface SolverParts {
  readonly rules: TurnRules;
  readonly sampler: Pick<Sampler, 'generate' | 'score'>;
  /** Opened when the first code is to run. */
  readonly sandbox: () => Promise<Pick<Sandbox, 'run'>>;
  /** Whether the model reads the value of a block's last expression. */
  readonly showValue: boolean;
}

/** Who watches the solution as it comes. */
export interface SolutionWatch {
  /** Tokens that the model has just written. */
  readonly onTokens: (tokenIds: readonly number[]) => void;
  /** A forced prefix, or the whole output of code, marks included. */
  readonly onText: (segment: TextSegment) => void;
}

export interface Solution {
  readonly arm: Arm;
  readonly segments: readonly TextSegment[];
  readonly blocks: Rollout['blocks'];
  readonly end: Rollout['state'];
  readonly endReason?: string | undefined;
  readonly modelTokens: number;
  /** The text that counts: without code and its output. */
  readonly response: string;
  readonly answer?: string | undefined;
}

/** The decision of the model before it writes anything. */
export interface Decision {
  /** Of the two prefixes; undefined where the model begins with neither. */
  readonly probabilityCode?: number | undefined;
  /** P(a solution begins with one of the prefixes). */
  readonly prefixMass: number;
}

/** π(code) of a problem: the prefixes' log-probs at temperature 1. */
export async function decide({ rules, sampler }: SolverParts, problem: string): Promise<Decision> {
  const [line] = await scorePrefixes([{ id: 'problem', problem }], rules, (requests) => sampler.score(requests));
  if (line === undefined) throw new Error('the prefixes of the problem have no score');
  const mass = prefixMass(line.logProbs);
  return {
    prefixMass: mass,
    ...(mass < LEAST_PREFIX_MASS ? {} : { probabilityCode: priorFromLogProbs(line.logProbs)[1] }),
  };
}

/**
 * Solves a problem as a rollout of a campaign does, with the same turns, limits and prompts.
 *
 * @throws CommandFailure where the sandbox could not run the code
 */
export async function solveProblem(
  parts: SolverParts,
  { problem, arm, seed }: { readonly problem: string; readonly arm: Arm; readonly seed: string },
  watch?: SolutionWatch,
): Promise<Solution> {
  const { rules, sampler, showValue } = parts;
  const { template, tokenizer } = rules;
  const prefixIds = encodePrefix(arm, template, tokenizer);
  const promptIds = await encodePrompt(problem, template, tokenizer);
  let rollout = startRollout({ problemId: 'problem', arm, sample: 0, seed, promptIds, prefixIds }, rules);
  if (prefixIds.length > 0) watch?.onText({ by: 'prefix', text: tokenizer.decode(prefixIds) });
  for (;;) {
    if (rollout.state === 'open') {
      const request = generateRequest(rollout, rules);
      const onTokens =
        watch === undefined ? {} : { onTokens: (_: string, ids: readonly number[]) => watch.onTokens(ids) };
      const [generation] = await sampler.generate([request], onTokens);
      if (generation === undefined) throw new Error('the sampler returned nothing');
      rollout = applyGeneration(rollout, generation, rules);
    } else if (rollout.state === 'awaiting-execution') {
      const before: number = rollout.completionIds.length;
      const [result] = await (await parts.sandbox()).run([snippetOf(rollout, showValue ? { showValue: true } : {})]);
      if (result === undefined || result.end === 'infrastructure')
        throw new CommandFailure(`the sandbox could not run the code: ${result?.cause ?? 'it returned nothing'}`);
      rollout = applyExecution(rollout, lineOf(result), rules);
      watch?.onText({ by: 'tool', text: tokenizer.decode(rollout.completionIds.slice(before)) });
    } else return describe(rollout, rules);
  }
}

function describe(rollout: Rollout, { tokenizer }: TurnRules): Solution {
  const segments = textSegments(rollout, tokenizer);
  const response = gradedText(ownTurns(segments, rollout.blocks));
  return {
    arm: rollout.arm,
    segments,
    blocks: rollout.blocks,
    end: rollout.state,
    endReason: rollout.endReason,
    modelTokens: rollout.modelMask.filter((bit) => bit === 1).length,
    response,
    answer: answerOf(response),
  };
}
