import { setTimeout as sleep } from 'node:timers/promises';

export interface FollowOptions<State, End> {
  /** Reads the current state. */
  readonly ask: () => Promise<State>;
  /** The result once the state is final, otherwise undefined. An error that it throws is final. */
  readonly endOf: (state: State) => End | undefined;
  /** Waits until the next poll: resolves when it is due, or is a time in milliseconds. */
  readonly pause: number | ((state: State) => Promise<unknown>);
  /** Whether an error of `ask` is transient, e.g. a server that restarts. Default: none is. */
  readonly mayPass?: (error: unknown) => boolean;
  /** How long transient errors may last; default: without limit. */
  readonly awayLimitMs?: number;
  readonly retryMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Polls a state until it is final.
 *
 * @throws an error of `ask` that is not transient or lasts too long; an error of `endOf`; the signal's reason
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
