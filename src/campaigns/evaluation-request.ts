/** The schema of a request for an evaluation. */
import { z } from 'zod';
import { campaignSchema } from '../config/campaign.ts';
import { TEMPLATE_NAMES } from '../rollout/template.ts';
import { ARMS } from '../rollout/types.ts';

const evaluationSchema = campaignSchema.shape.evaluations.unwrap().element;
const { maxNewTokens, maxTurns } = campaignSchema.shape.sampling.unwrap().shape;
const count = z.int().min(1);

/** A suite of the campaign by its name, a data set, a file of problems, or a suite of one's own. */
export const evaluationSuite = z
  .union([z.string(), evaluationSchema])
  .describe('A suite of the campaign, the name of a data set, the full path of a problem file, or a suite');

/** Changes of the template's prompt. */
const promptChange = z.strictObject({
  before: z.string().optional(),
  after: z.string().optional(),
  system: z.string().optional().describe('Of a chat'),
  examples: z
    .array(z.strictObject({ problem: z.string(), solution: z.string() }))
    .readonly()
    .optional()
    .describe('Solved problems in front of the one that is asked'),
});

export const evaluationRequest = z.strictObject({
  campaign: z.string().optional().describe('Its model, template and limits are used; default: who made the checkpoint'),
  checkpoint: z
    .string()
    .optional()
    .describe(
      'Digest, its first digits, `<campaign>/<iteration>`, `<campaign>` (its head), or the full path of a folder',
    ),
  iteration: z.int().min(0).optional().describe('The checkpoint that this iteration made; 0 is the warm start'),
  suite: evaluationSuite,
  samples: count.max(1024).optional().describe('Rollouts a problem and arm'),
  temperature: z.number().min(0).max(10).optional().describe('0 = greedy'),
  arms: z.array(z.enum(ARMS)).min(1).optional(),
  limit: count.optional().describe('The first so many problems of the suite'),
  seed: z.int().min(0).optional().describe('Of the rollouts; the problems stay the same'),
  template: z.enum(TEMPLATE_NAMES).optional().describe("Default: the campaign's, else what the model's files imply"),
  prompt: promptChange.optional().describe("Changes of the template's prompt"),
  maxNewTokens: maxNewTokens.unwrap().optional().describe("Default: the suite's, else the campaign's"),
  maxTurns: maxTurns.unwrap().max(64).optional().describe("Default: the campaign's"),
});

export type EvaluationAsked = z.output<typeof evaluationRequest>;
