/** What methods do with `auto` rollouts. Those that force no arm draw as many as two forced arms have. */
import { withAnchors } from './advantage.ts';
import { type ArmRollouts, countArm, learntOf } from './estimates.ts';
import type { ArmSamples, CuratedQuery, CurationOutcome, CurationSettings, ProblemGroup } from './method.ts';

/** The number of rollouts equals that of two arms, which makes methods with one and with two arms comparable. */
export const autoArm = (samplesPerArm: number): readonly ArmSamples[] => [{ arm: 'auto', samples: 2 * samplesPerArm }];

/** Keeps the valid auto rollouts whose weight is not 0, and as anchors the others. */
export function curateAuto(
  { problemId, rollouts }: ProblemGroup,
  settings: CurationSettings,
  weigh: Weigh,
): CurationOutcome {
  const auto = countArm(rollouts, 'auto', settings);
  if (auto.trials.n < settings.minValid) return { kind: 'withheld' };
  return { kind: 'query', query: { problemId, kept: keepWeighted(auto, weigh, settings) } };
}

/** One weight per reward, in order. */
export type Weigh = (rewards: readonly number[]) => readonly number[];

/** The rollouts of an arm that may be learnt from and whose weight is not 0, and as anchors the others. */
export function keepWeighted(
  arm: ArmRollouts,
  weigh: Weigh,
  settings: Pick<CurationSettings, 'anchors'>,
): CuratedQuery['kept'] {
  const weights = weigh(arm.valid.map(({ reward }) => reward));
  return withAnchors(learntOf(arm, weights), settings);
}
