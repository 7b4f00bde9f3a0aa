/** What methods do with `auto` rollouts. Those that force no arm draw as many as two forced arms have. */
import { type ArmRollouts, countArm, learntOf } from './estimates.ts';
import type { ArmSamples, CuratedQuery, CurationOutcome, CurationSettings, ProblemGroup } from './method.ts';

/** The number of rollouts equals that of two arms, which makes methods with one and with two arms comparable. */
export const autoArm = (samplesPerArm: number): readonly ArmSamples[] => [{ arm: 'auto', samples: 2 * samplesPerArm }];

/** Keeps the valid auto rollouts whose weight is not 0. */
export function curateAuto(
  { problemId, rollouts }: ProblemGroup,
  settings: CurationSettings,
  weigh: Weigh,
): CurationOutcome {
  const auto = countArm(rollouts, 'auto', settings);
  if (auto.trials.n < settings.minValid) return { kind: 'withheld' };
  return { kind: 'query', query: { problemId, kept: keepWeighted(auto, weigh) } };
}

/** One weight per reward, in order. */
export type Weigh = (rewards: readonly number[]) => readonly number[];

/** The rollouts of an arm that may be learnt from and whose weight is not 0. */
export function keepWeighted(arm: ArmRollouts, weigh: Weigh): CuratedQuery['kept'] {
  const weights = weigh(arm.valid.map(({ reward }) => reward));
  return learntOf(arm, weights).filter(({ advantage }) => advantage !== 0);
}
