/** One stack per home folder. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { releaseLock, takeLock } from './lock-file.ts';

export class HomeInUse extends Error {
  override readonly name = 'HomeInUse';
}

/** Takes the lock and returns its release function. @throws HomeInUse while a live process holds it */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true });
  const path = join(home, 'stack.lock');
  const holder = await takeLock(path);
  if (holder !== undefined)
    throw new HomeInUse(
      `a stack runs on ${home} already (process ${holder.pid}); stop it, or use another folder with --home`,
    );
  return () => releaseLock(path);
}
