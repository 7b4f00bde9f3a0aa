import type { StepContext } from './step-context.ts';
import { StepFailure } from './step-failure.ts';

// Waiting for a sandbox has its own timeout, which ends just after `patienceMs` with a more precise message.
const MARGIN_MS = 10_000;

/**
 * Runs the work while it makes progress. A worker that is alive heartbeats for ever, also when its part hangs. So work
 * that reports no progress for `patienceMs` is aborted. Work that ignores the abort is abandoned.
 *
 * @throws StepFailure `part-away`
 */
export async function watchProgress<T>(
  patienceMs: number | undefined,
  { report, ...context }: StepContext,
  work: (context: StepContext) => Promise<T>,
): Promise<T> {
  if (patienceMs === undefined) return work({ ...context, report });
  const stalled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stall = new Promise<never>((_, reject) => {
    stalled.signal.addEventListener('abort', () => reject(stalled.signal.reason));
  });
  const restart = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(stallFailure(patienceMs)), patienceMs + MARGIN_MS);
  };
  restart();
  try {
    const working = work({
      ...context,
      signal: AbortSignal.any([context.signal, stalled.signal]),
      report: (progress) => {
        report(progress);
        restart();
      },
    });
    return await Promise.race([working, stall]);
  } finally {
    clearTimeout(timer);
  }
}

const stallFailure = (patienceMs: number): StepFailure =>
  new StepFailure(
    'part-away',
    `nothing came of it for ${(patienceMs / 60_000).toPrecision(2)} min, so its part hangs; restart that worker`,
  );
