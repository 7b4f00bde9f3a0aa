/** Bounds what is under way at a time. */

interface Waiting {
  readonly weight: number;
  readonly enter: () => void;
}

export type Gate = <T>(weight: number, signal: AbortSignal | undefined, work: () => Promise<T>) => Promise<T>;

/**
 * Lets work of at most `limit` weight in at a time, first come first served; heavier work goes in alone. Who waits leaves the queue
 * at once when aborted.
 *
 * @example const gate = createGate(64); await gate(1, undefined, () => fetch(url));
 */
export function createGate(limit: number): Gate {
  let inside = 0;
  const waiting = new Set<Waiting>();

  const fits = (weight: number): boolean => inside === 0 || inside + weight <= limit;

  function admit(): void {
    for (const one of waiting) {
      if (!fits(one.weight)) return;
      inside += one.weight;
      one.enter();
    }
  }

  function queue(weight: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(one);
        reject(signal?.reason);
        // A light one behind it may fit.
        admit();
      };
      const enter = () => {
        waiting.delete(one);
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const one = { weight, enter };
      waiting.add(one);
      signal?.addEventListener('abort', leave, { once: true });
      admit();
    });
  }

  return async (weight, signal, work) => {
    signal?.throwIfAborted();
    await queue(weight, signal);
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      inside -= weight;
      admit();
    }
  };
}
