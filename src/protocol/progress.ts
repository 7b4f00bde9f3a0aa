/** How far a step's work is, for people. It travels with the heartbeats of the step's activity. */
import { z } from 'zod';

export const progressSchema = z.object({
  done: z.number(),
  total: z.number(),
  /** e.g. `rollouts`, `updates` */
  unit: z.string(),
});

export type Progress = Readonly<z.infer<typeof progressSchema>>;
