/** The schema of an evaluation's metrics. */
import { z } from 'zod';
import type { EvaluationMetrics, Measure, RepeatedSamples } from './evaluation-metrics.ts';
import { countSchema, numbersSchema } from './scalars.ts';

const measureSchema: z.ZodType<Measure> = z.strictObject({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  n: z.number(),
});

const repeatedSchema: z.ZodType<RepeatedSamples> = z.strictObject({
  k: countSchema,
  avg: measureSchema,
  maj: measureSchema,
  pass: z.record(z.string(), measureSchema),
});

const byArm = <S extends z.ZodType>(schema: S) => ({
  auto: schema.exactOptional(),
  cot: schema.exactOptional(),
  code: schema.exactOptional(),
});
const measure = measureSchema.exactOptional();

// `satisfies`: a metric that the schema does not know is an error of the compiler.
export const evaluationMetricsSchema: z.ZodType<EvaluationMetrics> = z.strictObject({
  accuracy: z.strictObject(byArm(measureSchema)),
  strictAccuracy: z.strictObject(byArm(measureSchema)).exactOptional(),
  repeated: z.strictObject(byArm(repeatedSchema)).exactOptional(),
  codeRate: measure,
  selectionAccuracy: z.strictObject({ greedy: measure, sampled: measure }),
  priorCode: measure,
  prefixMass: measure,
  oracle: measure,
  either: measure,
  precision: measure,
  recall: measure,
  regret: measure,
  counts: numbersSchema.exactOptional(),
} satisfies Record<keyof EvaluationMetrics, z.ZodType>);
