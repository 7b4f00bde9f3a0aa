/** `rl`: the policy gradient with group advantages over auto rollouts. */
import { groupAdvantages } from './advantage.ts';
import { autoArm, curateAuto } from './auto-rollouts.ts';
import type { Method } from './method.ts';

export const rl: Method = {
  summary: 'policy gradient on auto rollouts',
  arms: autoArm,
  curate: (group, settings) => curateAuto(group, settings, groupAdvantages),
  objective: ({ ratioTolerance }) => ({ objective: 'policy-gradient', decisionWeight: 0, ratioTolerance }),
};
