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

export const ownIdentity = (): Promise<ProcessIdentity> => identityOf(process.pid);

/** Of a process that runs now. */
export async function identityOf(pid: number): Promise<ProcessIdentity> {
  const boot = await readBoot();
  return {
    pid,
    startedAt: (await readStat(pid))?.startedAt ?? '',
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
  const stat = await readStat(pid);
  // A zombie holds nothing more; where process 1 collects no orphans, it stays for ever.
  return stat === undefined || (stat.startedAt === startedAt && stat.state !== 'Z');
}

/** Fields 3 and 22 of /proc/<pid>/stat. */
async function readStat(pid: number): Promise<{ readonly state: string; readonly startedAt: string } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the command in brackets and may hold spaces.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined ? undefined : { state: fields[0] ?? '', startedAt: fields[19] ?? '' };
}
