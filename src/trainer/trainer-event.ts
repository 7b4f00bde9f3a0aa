/** Parses the lines of the trainer's stdout as events. */
import { z } from 'zod';
import type { TrainerEvent } from './types.ts';

const metrics = z.record(z.string(), z.number());

const trainingUpdate = z.object({
  update: z.number(),
  epoch: z.number(),
  tokens: z.number(),
  learnt: z.number().exactOptional(),
  decisions: z.number(),
  metrics,
});

const eventSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('started'),
    device: z.string(),
    updates: z.number(),
    parameters: z.number(),
    microBatchTokens: z.number().exactOptional(),
  }),
  z.object({
    kind: z.literal('probe'),
    tokens: z.number(),
    meanAbsDeviation: z.number(),
    maxAbsDeviation: z.number(),
    fp32MeanAbsDeviation: z.number().exactOptional(),
    warning: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('resumed'), update: z.number(), of: z.number() }),
  z.object({ kind: z.literal('stopped'), update: z.number(), of: z.number(), approxKl: z.number() }),
  z.object({ kind: z.literal('update'), update: z.number(), of: z.number(), loss: z.number(), metrics }),
  z.object({ kind: z.literal('refused'), reason: z.string(), details: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
  z.object({ kind: z.literal('created'), parameters: z.number() }),
  z.object({ kind: z.literal('done'), updates: z.number(), metrics, series: z.array(trainingUpdate).exactOptional() }),
]);

/** The event; undefined for other lines (e.g. one cut off by a kill). */
export function parseTrainerEvent(line: string): TrainerEvent | undefined {
  try {
    const parsed = eventSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
