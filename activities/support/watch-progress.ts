import { StepFailure } from './failure.ts';

export interface Watched {
  /** Aborted with the step, and when the work has shown no progress for too long. */
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
}

// A sandbox that is waited for ends its waiting by itself, just after its time: then its own word counts.
const MARGIN_MS = 10_000;

/**
 * Runs the work while it makes progress. A worker that is alive but whose part hangs heartbeats for ever: what shows no
 * progress for `patienceMs` is aborted, and left behind if it doesn't heed that. @throws StepFailure `part-away`
 */
export async function watchProgress<T>(
  patienceMs: number | undefined,
  signal: AbortSignal,
  work: (watched: Watched) => Promise<T>,
): Promise<T> {
  if (patienceMs === undefined) return work({ signal, onProgress: () => undefined });
  const stalled = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stall = new Promise<never>((_, reject) => {
    stalled.signal.addEventListener('abort', () => reject(stalled.signal.reason));
  });
  const onProgress = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stalled.abort(stallFailure(patienceMs)), patienceMs + MARGIN_MS);
  };
  onProgress();
  try {
    const working = work({ signal: AbortSignal.any([signal, stalled.signal]), onProgress });
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
