/**
 * The common frame of all activities. It validates the input, heartbeats on a timer from the start (also during a long
 * set-up), counts failures of the step separately from killed workers, and maps errors to failure types.
 */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import type { ActivitiesOf, InputOf, ResultOf } from '../src/protocol/activity-contract.ts';
import type { Progress } from '../src/protocol/progress.ts';
import { requireOwn } from '../src/protocol/refused-payload.ts';
import type { StepContext } from '../src/steps/step-context.ts';
import { StepFailure } from '../src/steps/step-failure.ts';
import { watchProgress } from '../src/steps/watch-progress.ts';
import { toFailure } from './to-failure.ts';

/** A hint only; the manifest is authoritative. It survives a killed worker, up to one heartbeat ago. */
interface HeartbeatDetails {
  /** Attempts in which the work threw. Attempts that ended with a killed worker don't count. */
  readonly failures: number;
  readonly progress?: Progress;
  /** Why the work waits for one of its parts. */
  readonly waiting?: string;
}

const HEARTBEAT_EVERY_MS = 2000;

/**
 * Failures of the work before the step fails for good. Each allows one more attempt, because causes may be transient.
 */
export const FAILURES_ALLOWED = 3;

export function runActivity<Input, Result>(
  schema: z.ZodType<Input>,
  work: (input: Input, context: StepContext) => Promise<Result>,
  { failuresAllowed } = { failuresAllowed: FAILURES_ALLOWED },
): (input: Input) => Promise<Result> {
  return async (payload) => {
    const failures = readFailures(activityInfo().heartbeatDetails);
    let details: HeartbeatDetails = { failures };
    heartbeat(details);
    const ticker = setInterval(() => heartbeat(details), HEARTBEAT_EVERY_MS);
    const signal = cancellationSignal();
    const report = (progress: Progress): void => {
      details = { failures, progress };
    };
    const waitFor = (waiting: string): void => {
      details = { ...details, waiting };
    };
    try {
      const input = parsePayload(schema, payload);
      return await watchProgress(patienceOf(input), { signal, report, waitFor }, (context) => work(input, context));
    } catch (error) {
      if (signal.aborted) throw signal.reason instanceof CancelledFailure ? signal.reason : error;
      // A killed part is no failure of the step, like a killed worker.
      const counted = error instanceof StepFailure && error.type === 'no-worker' ? failures : failures + 1;
      heartbeat({ ...details, failures: counted });
      throw toFailure(error, counted >= failuresAllowed);
    } finally {
      clearInterval(ticker);
    }
  };
}

type Handlers<C> = {
  readonly [Name in keyof C]: (input: InputOf<C[Name]>, context: StepContext) => Promise<ResultOf<C[Name]>>;
};

/** Wraps each activity of a contract. `allowed` sets another number of failures for some of them. */
export function implementActivities<C extends object>(
  contract: C,
  handlers: Handlers<C>,
  allowed: Partial<Record<keyof C, { readonly failuresAllowed: number }>> = {},
): ActivitiesOf<C> {
  const activities = Object.entries(contract).map(([name, { input }]) => {
    const key = name as keyof C;
    return [name, runActivity(input, handlers[key], allowed[key])];
  });
  return Object.fromEntries(activities) as ActivitiesOf<C>;
}

/** Details may be absent or written by other code. Unknown details count as no failure. */
function readFailures(details: unknown): number {
  const parsed = z.object({ failures: z.int().min(0) }).safeParse(details);
  return parsed.success ? parsed.data.failures : 0;
}

function patienceOf(input: unknown): number | undefined {
  const parsed = z.object({ patienceMs: z.number() }).safeParse(input);
  return parsed.success ? parsed.data.patienceMs : undefined;
}

function parsePayload<Input>(schema: z.ZodType<Input>, payload: Input): Input {
  requireOwn(activityInfo().activityType, payload);
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  throw new StepFailure(
    'bad-input',
    `${activityInfo().activityType} got a payload that this version does not know: ${z.prettifyError(parsed.error)}`,
  );
}
