/** Checks idle containers: one that answers wrongly or is not empty is replaced. */

import { replySchema } from './messages.ts';
import type { MutableMetrics } from './metrics.ts';
import { removeOrphans } from './owner.ts';
import type { Pool } from './pool.ts';
import type { Slot } from './slot.ts';
import type { SlotKeeper } from './slot-keeper.ts';
import { runMessage } from './snippet-call.ts';
import type { ExecutionLimits } from './types.ts';

const CHECK_EVERY_MS = 15_000;
const ORPHANS_EVERY = 4;
/** Supervisor and template. */
const OWN_PROCESSES = 2;

/** Starts the periodic checks and returns the function that ends them. */
export function watchHealth(pool: Pool, limits: ExecutionLimits, metrics: MutableMetrics): () => void {
  let round = 0;
  const timer = setInterval(() => {
    round++;
    for (const keeper of pool.keepers) {
      for (const slot of keeper.slots) void checkIdleSlot(pool, keeper, slot, limits);
      if (round % ORPHANS_EVERY === 0) {
        removeOrphans(keeper.settings.host).then(
          (count) => {
            metrics.orphansRemoved += count;
          },
          () => undefined,
        );
      }
    }
  }, CHECK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function checkIdleSlot(pool: Pool, keeper: SlotKeeper, slot: Slot, limits: ExecutionLimits): Promise<void> {
  if (pool.borrow(slot) === undefined) return;
  try {
    const reply = await slot.call(runMessage({ code: 'print(40 + 2)', limits }), replySchema);
    const census = await slot.census();
    const isClean = census.processes === OWN_PROCESSES && census.files === 0;
    if (reply.stdout === '42\n' && isClean && keeper.release(slot)) pool.offer(slot);
    else if (keeper.slots.has(slot)) await keeper.remove(slot);
  } catch {
    // The slot is lost; its keeper has noticed and replaces it.
  }
}
