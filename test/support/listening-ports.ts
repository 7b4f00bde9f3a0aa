/** The TCP ports on which processes listen, from /proc. */
import { readdir, readFile, readlink } from 'node:fs/promises';

const LISTENING = '0A';

/** The processes and all that they have started. */
async function withDescendants(pids: readonly number[]): Promise<ReadonlySet<number>> {
  const found = new Set(pids);
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    names.map(async (name) => {
      const status = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
      // The program's name, in brackets, may hold anything.
      return [Number(name), Number(status.slice(status.lastIndexOf(')') + 1).split(' ')[2])] as const;
    }),
  );
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.add(child);
  return found;
}

/** Ports of the processes and their descendants, each with the process that listens. */
export async function listeningPorts(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const portOf = new Map<string, number>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const [, ...lines] = (await readFile(table, 'utf8')).trim().split('\n');
    for (const line of lines) {
      const fields = line.trim().split(/\s+/);
      if (fields[3] === LISTENING) portOf.set(fields[9] ?? '', Number.parseInt(fields[1]?.split(':')[1] ?? '', 16));
    }
  }
  const ports = new Map<number, number>();
  for (const pid of await withDescendants(pids)) {
    for (const name of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${pid}/fd/${name}`).catch(() => '');
      const port = portOf.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '');
      if (port !== undefined) ports.set(port, pid);
    }
  }
  return ports;
}
