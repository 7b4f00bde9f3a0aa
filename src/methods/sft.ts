/** `sft`: cross-entropy on the correct auto rollouts, each with weight 1 (rejection sampling). */
import { autoArm, curateAuto } from './auto-rollouts.ts';
import type { Method } from './method.ts';

export const sft: Method = {
  summary: 'cross-entropy on correct rollouts',
  arms: autoArm,
  curate: (group, settings) => curateAuto(group, settings, (rewards) => rewards),
  objective: () => ({ objective: 'cross-entropy', decisionWeight: 0 }),
};
