/**
 * Engines on GPUs that another part of the machine uses too. Their server runs while they have the GPUs, and ends or sleeps when
 * another part waits for these and no caller is at work. Callers that come later wait until that part is done.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GpuLease } from '../../process/gpu-lease.ts';
import type { Engines } from '../engines.ts';

const POLL_MS = 1000;

/** @param engines - Of one server, which `rest` or `close` stops and the next `use` starts again */
export function leaseEngines(engines: Engines, lease: GpuLease, pollMs = POLL_MS): Engines {
  const closing = new AbortController();
  let isHeld = false;
  let users = 0;
  /** Takes and gives back one after the other. */
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn(work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    const result = unlessAborted(turn, signal).then(work);
    turn = Promise.allSettled([turn, result]);
    return result;
  }

  async function giveBack(): Promise<void> {
    await (engines.rest === undefined ? engines.close() : engines.rest());
    await lease.release();
    isHeld = false;
  }

  const enter = (caller?: AbortSignal): Promise<void> =>
    inTurn(async () => {
      const signal = caller === undefined ? closing.signal : AbortSignal.any([closing.signal, caller]);
      if (isHeld && (await lease.isWanted())) {
        while (users > 0) await sleep(pollMs, undefined, { signal });
        await giveBack();
      }
      if (!isHeld) await lease.take({ signal, purpose: 'sampling' });
      isHeld = true;
      users += 1;
    }, caller);

  let isLooking = false;
  const looking = setInterval(async () => {
    if (isLooking || !isHeld || users > 0) return;
    isLooking = true;
    await inTurn(async () => {
      if (isHeld && users === 0 && (await lease.isWanted())) await giveBack();
    }).catch(() => undefined);
    isLooking = false;
  }, pollMs);
  looking.unref();

  return {
    async use(checkpoint, work, options = {}) {
      const { signal, onWait } = options;
      const waiting = setInterval(() => onWait?.(), pollMs);
      try {
        await enter(signal);
      } finally {
        clearInterval(waiting);
      }
      try {
        return await engines.use(checkpoint, work, options);
      } finally {
        users -= 1;
      }
    },
    async close() {
      clearInterval(looking);
      closing.abort();
      await inTurn(async () => {
        // Also a server that sleeps.
        await engines.close();
        if (isHeld) await lease.release();
        isHeld = false;
      });
    },
  };
}

/** Resolves when `turn` does. @throws the signal's reason once it is aborted */
async function unlessAborted(turn: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal?.reason);
    signal?.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
