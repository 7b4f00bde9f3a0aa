/** The testbed's warm-up: CoT always right, code in each family's habit, broken ones included. */
import { TEMPLATES } from '../../rollout/template.ts';
import type { CompletionStyle, Demonstration } from '../demonstrations.ts';
import { seededRandom } from '../random.ts';
import { drawForWarmUp } from './generate.ts';

/** Deterministic; prompts of small levels come more than once, never one of the held-out prompts. */
export function generateDemonstrations({ count, seed }: { count: number; seed: number }): Demonstration[] {
  const random = seededRandom(`testbed/demonstrations/${seed}`);
  return Array.from({ length: count }, () => {
    const { id, problem, answer, cot, code } = drawForWarmUp(random);
    return { id, problem, answer, cot: { text: `${cot} \\boxed{${answer}}` }, code: { code } };
  });
}

export const TESTBED_STYLE: CompletionStyle = {
  template: TEMPLATES.testbed,
  end: '<|eos|>',
  conclude: (printed) => `\\boxed{${printed}}`,
  giveUp: 'code failed. \\boxed{none}',
};
