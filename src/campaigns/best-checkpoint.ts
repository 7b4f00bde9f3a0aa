import { type CampaignConfig, VALIDATION_SUITE } from '../config/campaign.ts';
import { mainSuiteOf } from '../config/main-suite.ts';
import type { CampaignDetail } from '../db/views.ts';

interface BestCheckpoint {
  readonly checkpoint: string;
  /** The suite that chose it. */
  readonly suite: string;
}

/**
 * The campaign's own checkpoint with the highest accuracy of `auto` on the validation problems, or on the main suite of a
 * campaign without any; the earliest of equal ones. Undefined if none is measured.
 */
export function bestCheckpoint({
  config,
  evaluations,
  checkpoints,
}: Pick<CampaignDetail, 'config' | 'evaluations' | 'checkpoints'>): BestCheckpoint | undefined {
  const stored = (config ?? {}) as Partial<CampaignConfig>;
  const suite = stored.validation === undefined ? mainSuiteOf(stored) : VALIDATION_SUITE;
  const own = new Set(checkpoints.map(({ digest }) => digest));
  const scored = evaluations.flatMap(({ suite: of, checkpoint, metrics }) => {
    const value = metrics?.accuracy.auto?.value;
    return of === suite && own.has(checkpoint) && value !== undefined ? [{ checkpoint, suite, value }] : [];
  });
  return scored.sort((a, b) => b.value - a.value)[0];
}
