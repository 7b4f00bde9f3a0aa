/** The filter of a list of rollouts. */
import { z } from 'zod';
import { ARMS } from '../rollout/types.ts';
import { DECISIONS } from '../scoring/evaluated-problem.ts';

const wholeNumber = z.coerce.number().int().min(0);

const LONGEST_SEARCH = 200;

/** Choices of a filter. `none`: not graded. */
export const FILTER_CHOICES = {
  arm: ARMS,
  grade: ['correct', 'incorrect', 'undecided', 'none'],
  end: ['completed', 'truncated', 'violation', 'infrastructure'],
  decision: DECISIONS,
} as const;

export const rolloutFilter = z
  .strictObject({
    campaign: z.string().optional().describe('Of the training of a campaign; give this or `evaluation`'),
    iteration: wholeNumber.optional().describe('Of the campaign; default: the latest with rollouts'),
    evaluation: z.string().optional().describe('Id of a finished evaluation, `eval/…`'),
    arm: z.enum(FILTER_CHOICES.arm).optional(),
    grade: z.enum(FILTER_CHOICES.grade).optional().describe('`none`: not graded'),
    end: z.enum(FILTER_CHOICES.end).optional(),
    decision: z
      .enum(FILTER_CHOICES.decision)
      .optional()
      .describe('Of an evaluation: rollouts of the problems where `auto` took the better arm, or the worse one'),
    grep: z
      .string()
      .min(1)
      .max(LONGEST_SEARCH)
      .optional()
      .describe('Rollouts with this text in the problem, in what the model wrote or in the output; case is ignored'),
    problem: z.string().optional(),
    id: z.string().optional(),
    offset: wholeNumber.default(0),
    limit: wholeNumber.max(500).default(50),
  })
  .refine(({ campaign, evaluation }) => (campaign === undefined) !== (evaluation === undefined), {
    message: 'give a campaign or an evaluation, one of the two',
  })
  .refine(({ iteration, evaluation }) => iteration === undefined || evaluation === undefined, {
    message: 'an evaluation has no iterations; leave out `iteration`',
    path: ['iteration'],
  })
  .refine(({ decision, evaluation }) => decision === undefined || evaluation !== undefined, {
    message: 'only an evaluation samples all arms of a problem; give its id, `eval/…`',
    path: ['decision'],
  });

export type RolloutFilter = z.output<typeof rolloutFilter>;
