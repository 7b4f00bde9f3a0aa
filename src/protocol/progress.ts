/** Progress of a step, for people. The heartbeats of the step's activity carry it. */
import { z } from 'zod';

export const progressSchema = z.object({
  done: z.number(),
  total: z.number(),
  /** e.g. `rollouts`, `updates` */
  unit: z.string(),
});

export type Progress = Readonly<z.infer<typeof progressSchema>>;
