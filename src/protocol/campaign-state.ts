/** The state of a campaign between iterations: sufficient to continue from the artifact store alone. */
import { z } from 'zod';
import { countSchema, curriculumStateSchema, digestSchema } from './scalars.ts';

export const campaignStateSchema = z
  .strictObject({
    /** Blobs that `openCampaign` made. */
    config: digestSchema,
    problems: digestSchema,
    validation: digestSchema.exactOptional(),
    base: digestSchema,
    /** The newest checkpoint; absent until the warm-up is done. */
    head: digestSchema.exactOptional(),
    /** The checkpoint that the first iteration began with. States of earlier versions lack it. */
    start: digestSchema.exactOptional(),
    isStartEvaluated: z.boolean(),
    iterationsDone: countSchema,
    iterationsPlanned: countSchema,
    /** State of the curriculum: which problems come next. */
    cursor: curriculumStateSchema,
  })
  .readonly();
export type CampaignState = z.infer<typeof campaignStateSchema>;
