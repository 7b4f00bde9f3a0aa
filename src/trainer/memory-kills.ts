import { readFile } from 'node:fs/promises';

const VMSTAT = '/proc/vmstat';

/**
 * How many processes this machine's kernel has ended for want of memory since it started, in containers too; 0 where it
 * doesn't say (before Linux 4.13, other systems).
 */
export async function countMemoryKills(file = VMSTAT): Promise<number> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}
