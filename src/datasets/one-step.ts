/**
 * Word problems of one arithmetic step, in plain English with whole-number answers, and solved in both forms for a chat
 * model. They teach a base model what follows each prefix; they don't teach it mathematics.
 */
import { TEMPLATES } from '../rollout/template.ts';
import type { Problem } from '../rollout/types.ts';
import type { CompletionStyle, Demonstration } from './demonstrations.ts';
import { isHeldOut, promptId } from './held-out.ts';
import { drawStory } from './one-step-stories.ts';
import type { Random } from './random.ts';
import { seededRandom } from './random.ts';

const PYTHON_SIGN = { '+': '+', '-': '-', '×': '*', '÷': '//' } as const;

export type OneStepSplit = 'train' | 'held-out';

/** Distinct problems of a split; 20 % of all prompts are held out by their hash. Deterministic. */
export function generateOneStep(request: { split: OneStepSplit; count: number; seed: number }): Problem[] {
  return drawDistinct(request).map(({ id, problem, answer }) => ({ id, problem, answer }));
}

/** Solved problems of the train split, in both forms. Deterministic. */
export function generateOneStepDemonstrations({ count, seed }: { count: number; seed: number }): Demonstration[] {
  return drawDistinct({ split: 'train', count, seed, label: 'demonstrations' });
}

/** `end`: the text of the chat model's end-of-turn token. */
export function oneStepStyle(end: string): CompletionStyle {
  return {
    template: TEMPLATES.markdown,
    end,
    conclude: (printed) => `The answer is \\boxed{${printed}}.`,
    giveUp: 'The code failed, so there is no answer.',
  };
}

function drawDistinct({
  split,
  count,
  seed,
  label = split,
}: {
  split: OneStepSplit;
  count: number;
  seed: number;
  label?: string;
}): Demonstration[] {
  const random = seededRandom(`one-step/${label}/${seed}`);
  const byProblem = new Map<string, Demonstration>();
  while (byProblem.size < count) {
    const drawn = drawDemonstration(random);
    if (isHeldOut(drawn.problem) === (split === 'held-out')) byProblem.set(drawn.problem, drawn);
  }
  return [...byProblem.values()];
}

function drawDemonstration(random: Random): Demonstration {
  const { problem, left, sign, right, answer, unit, variable } = drawStory(random);
  return {
    id: promptId('one-step', problem),
    problem,
    answer: `${answer}`,
    cot: {
      text: `${left} ${sign} ${right} = ${answer}. That is ${answer} ${unit}.\nThe answer is \\boxed{${answer}}.`,
    },
    code: { code: `${variable} = ${left} ${PYTHON_SIGN[sign]} ${right}\nprint(${variable})` },
  };
}
