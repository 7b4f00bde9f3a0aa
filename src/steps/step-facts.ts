/** Facts that several stages share, and the summary of a step that a workflow receives. */
import { z } from 'zod';
import type { Digest } from '../artifacts/types.ts';
import type { LossyStep, StepDone } from '../protocol/activities.ts';
import type { Counts } from '../protocol/counts.ts';

export const countsSchema: z.ZodType<Counts, Counts> = z.record(z.string(), z.number());

/** Counts, and the error message of a part that failed at some of its items. */
export const lossyFactsSchema = z
  .record(z.string(), z.union([z.number(), z.string()]))
  .transform(({ cause, ...rest }): { readonly counts: Counts; readonly cause?: string } => ({
    counts: numbersOf(rest),
    ...(typeof cause === 'string' ? { cause } : {}),
  }));

/** The metrics of a training. */
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

// Every shard's cause is stored in the history of the workflow, so it is kept short.
const CAUSE_CHARACTERS = 300;

/** The summary of a step whose part failed at some items, with the cost of its run. */
export function lossyStepOf({ key, facts, information }: Done<z.output<typeof lossyFactsSchema>>): LossyStep {
  const { counts, cause } = facts;
  return {
    manifest: key,
    counts: { ...counts, ...usageOf(information) },
    ...(cause === undefined ? {} : { cause: cause.slice(0, CAUSE_CHARACTERS) }),
  };
}

/** Cost and events of the step's run. They differ from run to run, so they are no part of the result. */
export function usageOf(information: Readonly<Record<string, unknown>>): Counts {
  const usage = countsSchema.safeParse(information.usage);
  return usage.success ? usage.data : {};
}
