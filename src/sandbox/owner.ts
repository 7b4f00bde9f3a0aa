/** The owner of a container, so that a later process can remove the containers of a dead one. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { LABEL, OWNER_LABEL } from './container-config.ts';
import { type DockerHost, withDeadline } from './docker-connection.ts';

/** `<machine>/<pid>/<start of the process>`; the start distinguishes processes that reuse a process id. */
export function ownerName(): string {
  return `${hostname()}/${process.pid}/${processStart(process.pid) ?? '?'}`;
}

/** True only if the owner ran on this machine and is certainly dead. */
export function isDead(owner: string): boolean {
  const [machine, pid, start] = owner.split('/');
  if (machine !== hostname() || pid === undefined || !/^\d+$/.test(pid)) return false;
  if (!isRunning(Number(pid))) return true;
  const current = processStart(Number(pid));
  return start !== '?' && current !== undefined && current !== start;
}

/** Removes containers whose owner is dead, including those never started. Returns their number. */
export async function removeOrphans(host: DockerHost): Promise<number> {
  const found = await withDeadline('listing containers', 10_000, () =>
    host.docker.listContainers({ all: true, filters: { label: [`${LABEL}=1`] } }),
  );
  const orphans = found.filter((container) => isDead(container.Labels[OWNER_LABEL] ?? ''));
  const removed = await Promise.allSettled(
    orphans.map((orphan) =>
      withDeadline('removing an orphan', 15_000, () => host.docker.getContainer(orphan.Id).remove({ force: true })),
    ),
  );
  return removed.filter((result) => result.status === 'fulfilled').length;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat); undefined without /proc. */
function processStart(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
