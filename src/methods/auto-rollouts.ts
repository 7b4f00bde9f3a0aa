/** Shared by methods that force no arm: all rollouts are `auto`, as many as two forced arms have. */
import { countArm } from './estimates.ts';
import type { ArmSamples, CurationOutcome, CurationSettings, ProblemGroup } from './method.ts';

/** The number of rollouts equals that of two arms, which makes methods with one and with two arms comparable. */
export const autoArm = (samplesPerArm: number): readonly ArmSamples[] => [{ arm: 'auto', samples: 2 * samplesPerArm }];

/** Keeps the valid auto rollouts whose weight is not 0; `weigh` returns one weight per reward, in order. */
export function curateAuto(
  { problemId, rollouts }: ProblemGroup,
  settings: CurationSettings,
  weigh: (rewards: readonly number[]) => readonly number[],
): CurationOutcome {
  const auto = countArm(rollouts, 'auto', settings);
  if (auto.trials.n < settings.minValid) return { kind: 'withheld' };
  const weights = weigh(auto.valid.map((item) => item.reward));
  const kept = auto.valid
    .map(({ rollout, isLearnt }, index) => ({ rolloutId: rollout.id, advantage: isLearnt ? (weights[index] ?? 0) : 0 }))
    .filter((item) => item.advantage !== 0);
  return { kind: 'query', query: { problemId, kept } };
}
