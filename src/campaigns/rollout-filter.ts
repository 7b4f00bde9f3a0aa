/** The filter of a list of rollouts. */
import { z } from 'zod';
import { ARMS } from '../rollout/types.ts';

const wholeNumber = z.coerce.number().int().min(0);

export const rolloutFilter = z.strictObject({
  campaign: z.string(),
  iteration: wholeNumber.optional().describe('Default: the latest with rollouts'),
  arm: z.enum(ARMS).optional(),
  grade: z.enum(['correct', 'incorrect', 'undecided', 'none']).optional(),
  end: z.enum(['completed', 'truncated', 'violation', 'infrastructure']).optional(),
  problem: z.string().optional(),
  id: z.string().optional(),
  offset: wholeNumber.default(0),
  limit: wholeNumber.max(500).default(50),
});

export type RolloutFilter = z.output<typeof rolloutFilter>;
