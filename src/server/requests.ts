/** Bodies and queries that the API takes. */
import { z } from 'zod';
import { campaignSchema } from '../config/campaign.ts';

const evaluationSchema = campaignSchema.shape.evaluations.unwrap().element;
const wholeNumber = z.coerce.number().int().min(0);

export const stopBody = z.strictObject({
  when: z.enum(['now', 'after-iteration']).default('now').describe('`now` keeps the finished steps of the iteration'),
});

export const extendBody = z.strictObject({ iterations: z.int().min(1).describe('Iterations to add') });

export const startEvaluationBody = z.strictObject({
  campaign: z.string().optional().describe('Its model, template and limits are used; default: who made the checkpoint'),
  checkpoint: z.string().optional().describe('Digest, its first digits or `<campaign>@<iteration>`'),
  iteration: z.int().min(0).optional().describe('The checkpoint that this iteration made; 0 is the warm start'),
  suite: z
    .union([z.string(), evaluationSchema])
    .describe('A suite of the campaign, the name of a data set, or a suite'),
});

export const evaluationsQuery = z.strictObject({ campaign: z.string().optional(), checkpoint: z.string().optional() });

export const compareQuery = z.strictObject({ left: z.string(), right: z.string() });

export const rolloutsQuery = z.strictObject({
  campaign: z.string(),
  iteration: wholeNumber.optional().describe('Default: the latest with rollouts'),
  arm: z.enum(['auto', 'cot', 'code']).optional(),
  grade: z.enum(['correct', 'incorrect', 'undecided', 'none']).optional(),
  end: z.enum(['completed', 'truncated', 'violation', 'infrastructure']).optional(),
  problem: z.string().optional(),
  id: z.string().optional(),
  offset: wholeNumber.default(0),
  limit: wholeNumber.max(500).default(50),
});

export type StartEvaluationBody = z.input<typeof startEvaluationBody>;
export type RolloutsQuery = z.input<typeof rolloutsQuery>;
export type RolloutFilter = z.output<typeof rolloutsQuery>;
