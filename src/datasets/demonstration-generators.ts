/** Generators of solved problems in both forms, by the name that `sft.demonstrations` gives. */
import type { GeneratorName } from '../config/training-sections.ts';
import type { CompletionStyle, Demonstration } from './demonstrations.ts';
import { generateOneStepDemonstrations, oneStepStyle } from './one-step.ts';
import { generateDemonstrations, TESTBED_STYLE } from './testbed/demonstrations.ts';

interface DemonstrationGenerator {
  readonly generate: (request: { readonly count: number; readonly seed: number }) => Demonstration[];
  /** The text format of both forms; `end` is the text of the model's end-of-turn token. */
  readonly style: (end: string) => CompletionStyle;
  /** Approximate size of a problem with one solution, for estimates. */
  readonly tokensPerSolution: number;
}

export const DEMONSTRATION_GENERATORS: Readonly<Record<GeneratorName, DemonstrationGenerator>> = {
  testbed: {
    generate: generateDemonstrations,
    style: (end) => ({ ...TESTBED_STYLE, end }),
    tokensPerSolution: 36,
  },
  'one-step': { generate: generateOneStepDemonstrations, style: oneStepStyle, tokensPerSolution: 150 },
};
