/** `sft`: one training on the demonstrations of the section `sft`. It samples no rollouts, so there is nothing to curate. */
import type { Method } from './method.ts';

export const sft: Method = {
  summary: 'one training on the demonstrations of the section sft, without rollouts',
  arms: () => [],
  curate: () => ({ kind: 'withheld' }),
  objective: () => ({ objective: 'cross-entropy', decisionWeight: 0 }),
};
