/**
 * The testbed: short questions, of which each arm solves different families. Equal arguments give equal problems on every
 * machine. A hash of the prompt holds out 20 % of all prompts, so no split shares a prompt with another.
 */
import type { Problem } from '../../rollout/types.ts';
import { isHeldOut, promptId } from '../held-out.ts';
import type { Random } from '../random.ts';
import { seededRandom } from '../random.ts';
import { ARITHMETIC_LEVELS } from './families/arithmetic.ts';
import { KNOWLEDGE_LEVELS } from './families/knowledge.ts';
import { PATTERN_LEVELS } from './families/patterns.ts';
import { WORD_LEVELS } from './families/word.ts';
import type { Draw, Family, FavouredArm, Level } from './level.ts';

/** `train`: what EM draws from. `held-out`: same levels, other prompts. `unseen`: levels EM never draws, held-out prompts. */
export type TestbedSplit = 'train' | 'held-out' | 'unseen';

export const LEVELS: readonly Level[] = [...ARITHMETIC_LEVELS, ...PATTERN_LEVELS, ...WORD_LEVELS, ...KNOWLEDGE_LEVELS];

/** Share of the warm-up's demonstrations that belong to levels that EM never draws. */
const UNSEEN_SHARE_OF_WARM_UP = 0.15;
/** Consecutive draws without a new prompt after which a level is exhausted; its weight is then given to the others. */
const STALE_DRAWS = 500;

/** A problem with its family and level. Both are for analysis only and never reach training. */
export interface TestbedProblem extends Problem {
  readonly family: Family;
  readonly level: string;
  readonly favoured: FavouredArm;
}

export interface TestbedRequest {
  readonly split: TestbedSplit;
  readonly count: number;
  readonly seed: number;
}

/**
 * Generates distinct prompts of a split. Small levels (polygon facts, round sums) have no new prompts beyond about 3,000
 * train and 500 held-out problems; their share is then given to the others.
 *
 * @throws Error when no level has a new prompt left
 */
export function generateTestbed({ split, count, seed }: TestbedRequest): TestbedProblem[] {
  const levels = LEVELS.filter((level) => level.seenByEm === (split !== 'unseen'));
  const weights = levels.map((level) => level.weight);
  const random = seededRandom(`testbed/${split}/${seed}`);
  const problems = new Map<string, TestbedProblem>();
  while (problems.size < count) {
    if (weights.every((weight) => weight === 0)) {
      throw new RangeError(`testbed: split ${split} has ${problems.size} distinct problems, fewer than ${count}`);
    }
    const index = random.weighted(weights);
    const level = levels[index];
    if (level === undefined) throw new RangeError('testbed: no such level');
    const draw = drawFresh(level, random, split !== 'train', problems);
    if (draw === undefined) weights[index] = 0;
    else problems.set(draw.problem, describe(level, draw));
  }
  return [...problems.values()];
}

/** One draw of the warm-up's distribution: all levels, train side of the hash. Prompts of small levels repeat. */
export function drawForWarmUp(random: Random): Draw & { readonly id: string } {
  const unseen = random.fraction() < UNSEEN_SHARE_OF_WARM_UP;
  const levels = LEVELS.filter((level) => level.seenByEm !== unseen);
  const level = levels[random.weighted(levels.map(({ weight }) => weight))];
  const draw = level && drawFresh(level, random, false, new Map());
  if (draw === undefined) throw new RangeError('testbed: a level has no prompt on the train side');
  return { ...draw, id: promptId('testbed', draw.problem) };
}

/** The problem as stages receive it, without family and level. */
export function toProblem({ id, problem, answer }: Problem): Problem {
  return { id, problem, answer };
}

function drawFresh(
  level: Level,
  random: Random,
  heldOut: boolean,
  taken: ReadonlyMap<string, unknown>,
): Draw | undefined {
  for (let i = 0; i < STALE_DRAWS; i++) {
    const draw = level.draw(random);
    if (isHeldOut(draw.problem) === heldOut && !taken.has(draw.problem)) return draw;
  }
  return undefined;
}

function describe(level: Level, { problem, answer }: Draw): TestbedProblem {
  const { family, name, favoured } = level;
  return { id: promptId('testbed', problem), problem, answer, family, level: name, favoured };
}
