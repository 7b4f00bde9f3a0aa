import { setTimeout as sleep } from 'node:timers/promises';

export interface FollowOptions<State, End> {
  /** Reads the state as it is now. */
  readonly ask: () => Promise<State>;
  /** What the end comes to; undefined before the end. An error that it throws is final. */
  readonly endOf: (state: State) => End | undefined;
  /** Resolves when it is worth asking again, or a time in milliseconds. */
  readonly pause: number | ((state: State) => Promise<unknown>);
  /** Errors of `ask` that may pass, e.g. a server that restarts; default: none. */
  readonly mayPass?: (error: unknown) => boolean;
  /** How long such errors may go on; default: for ever. */
  readonly awayLimitMs?: number;
  readonly retryMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Follows something to its end by asking again and again.
 *
 * @throws what `ask` throws, unless it passes in time; what `endOf` throws; the signal's reason
 * @example await follow({ ask: () => read(id), endOf: (run) => (run.isDone ? run : undefined), pause: 500 });
 */
export async function follow<State, End>(options: FollowOptions<State, End>): Promise<End> {
  const { ask, endOf, pause, mayPass = () => false, awayLimitMs = Number.POSITIVE_INFINITY, retryMs = 1000 } = options;
  const { signal } = options;
  let answeredAt = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const asked = await ask().then(
      (state) => ({ state }),
      (error: unknown) => ({ error }),
    );
    if ('error' in asked) {
      if (!mayPass(asked.error) || performance.now() - answeredAt > awayLimitMs) throw asked.error;
      await sleep(retryMs, undefined, { signal });
      continue;
    }
    answeredAt = performance.now();
    const end = endOf(asked.state);
    if (end !== undefined) return end;
    if (typeof pause === 'number') await sleep(pause, undefined, { signal });
    else await pause(asked.state);
  }
}
