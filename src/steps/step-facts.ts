/** Facts that several stages have, and what a workflow is told of a step. */
import { z } from 'zod';
import type { Digest } from '../artifacts/types.ts';
import type { LossyStep, StepDone } from '../protocol/activities.ts';
import type { Counts } from '../protocol/counts.ts';

export const countsSchema: z.ZodType<Counts, Counts> = z.record(z.string(), z.number());

/** Counts, and what the part said where it failed at something. */
export const lossyFactsSchema = z
  .record(z.string(), z.union([z.number(), z.string()]))
  .transform(({ cause, ...rest }): { readonly counts: Counts; readonly cause?: string } => ({
    counts: numbersOf(rest),
    ...(typeof cause === 'string' ? { cause } : {}),
  }));

/** Of a training: what it measured. */
export const trainingFactsSchema = z.looseObject({ metrics: countsSchema });

export function numbersOf(facts: Readonly<Record<string, unknown>>): Counts {
  const entries = Object.entries(facts).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return Object.fromEntries(entries);
}

interface Done<Facts> {
  readonly key: Digest;
  readonly facts: Facts;
  readonly information: Readonly<Record<string, unknown>>;
}

export const stepDoneOf = ({ key, facts }: Done<Counts>): StepDone => ({ manifest: key, counts: facts });

// A cause goes through the history of a workflow for each shard.
const CAUSE_CHARACTERS = 300;

/** Of a step whose part failed in places, and of what its run cost. */
export function lossyStepOf({ key, facts, information }: Done<z.output<typeof lossyFactsSchema>>): LossyStep {
  const { counts, cause } = facts;
  return {
    manifest: key,
    counts: { ...counts, ...usageOf(information) },
    ...(cause === undefined ? {} : { cause: cause.slice(0, CAUSE_CHARACTERS) }),
  };
}

/** What the step's run cost and met, which differs from run to run: no part of the result. */
export function usageOf(information: Readonly<Record<string, unknown>>): Counts {
  const usage = countsSchema.safeParse(information.usage);
  return usage.success ? usage.data : {};
}
