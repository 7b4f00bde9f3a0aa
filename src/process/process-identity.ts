/** Identifies a process on this machine, also after its process id is reused. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

export const identitySchema = z.object({
  pid: z.int(),
  /** Clock ticks from boot to the process's start; empty where there is no /proc. */
  startedAt: z.string(),
  /** The kernel's name for its run; absent where there is no /proc, and in files of earlier versions. */
  boot: z.string().exactOptional(),
});

export type ProcessIdentity = Readonly<z.infer<typeof identitySchema>>;

/** What a file of a process says; undefined for a torn file. */
export function parseAs<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export async function ownIdentity(): Promise<ProcessIdentity> {
  const boot = await readBoot();
  return {
    pid: process.pid,
    startedAt: (await startOf(process.pid)) ?? '',
    ...(boot === undefined ? {} : { boot }),
  };
}

const readBoot = (): Promise<string | undefined> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );

export async function isAlive({ pid, startedAt, boot }: ProcessIdentity): Promise<boolean> {
  if (boot !== undefined && boot !== (await readBoot())) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process is alive and belongs to another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const start = await startOf(pid);
  return start === undefined || start === startedAt;
}

/** Field 22 of /proc/<pid>/stat. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the command in brackets and may hold spaces.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
