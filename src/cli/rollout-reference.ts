/** What rollouts are of, by what people type: `base`, `base 3`, `base/3`, `3` of the newest campaign, or `eval/…`. */
import type { ApiClient } from '../api/client.ts';
import type { RolloutFilter } from '../campaigns/rollout-filter.ts';
import { isEvaluationId } from './evaluation-id.ts';
import { UsageError } from './exit.ts';
import { resolveIteration } from './iteration-reference.ts';

type RolloutReference = Pick<RolloutFilter, 'campaign' | 'iteration' | 'evaluation'>;

/** A campaign alone means its latest iteration with rollouts. Throws UsageError for anything else. */
export async function resolveRollouts(
  api: ApiClient,
  first: string,
  second: string | undefined,
  iteration: number | undefined,
): Promise<RolloutReference> {
  if (isEvaluationId(first)) {
    if (second === undefined && iteration === undefined) return { evaluation: first };
    throw new UsageError(`${first} is an evaluation, which has no iterations; give its id alone`);
  }
  if (second === undefined && /^[a-z0-9-]*[a-z-][a-z0-9-]*$/.test(first)) return { campaign: first, iteration };
  if (iteration !== undefined) throw new UsageError('the iteration is given twice; leave out --iteration');
  return await resolveIteration(api, first, second);
}
