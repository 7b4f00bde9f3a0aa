import type { StepContext } from './step-context.ts';
import { StepFailure } from './step-failure.ts';

// A sandbox that is waited for ends the wait by itself just after its time, with a message that says more.
const MARGIN_MS = 10_000;

/**
 * Runs the work while it makes progress. A worker that is alive but whose part hangs heartbeats for ever: work that
 * reports no progress for `patienceMs` is aborted, and left behind if it ignores that.
 * @throws StepFailure `part-away`
 */
export async function watchProgress<T>(
  patienceMs: number | undefined,
  { signal, report }: StepContext,
  work: (context: StepContext) => Promise<T>,
): Promise<T> {
  if (patienceMs === undefined) return work({ signal, report });
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
      signal: AbortSignal.any([signal, stalled.signal]),
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
