/** Finds and kills the process or container of a task. SIGKILL leaves it no chance to clean up. */
import { readdir, readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStackState } from '../../process/stack-file.ts';
import { OWNER_LABEL } from '../../sandbox/container-config.ts';
import { connectDocker } from '../../sandbox/docker-connection.ts';
import type { KillRole } from './roles.ts';
import type { WatchedTask } from './task-watch.ts';

export interface Victim {
  /** Resolves with true once there is a process to kill, with false if the task ended without one. */
  ready(task: WatchedTask, isOver: () => boolean): Promise<boolean>;
  /** Kills it and returns its description; undefined if it was gone already. */
  kill(task: WatchedTask): Promise<string | undefined>;
}

export type Victims = Readonly<Partial<Record<KillRole, Victim>>>;

/** The parts of a stack on a home folder of this machine; the container engine belongs to others. */
export function stackVictims(home: string, dockerHost: string | undefined): Victims {
  const worker: Victim = { ready: always, kill: async ({ pid, role }) => killProcess(pid, role) };
  return {
    sample: worker,
    sandbox: worker,
    train: worker,
    control: worker,
    trainer: {
      async ready(task, isOver) {
        while (!isOver()) {
          if ((await trainerOf(task.pid)) !== undefined) return true;
          await sleep(LOOK_EVERY_MS);
        }
        return false;
      },
      async kill(task) {
        const pid = await trainerOf(task.pid);
        return pid === undefined ? undefined : killProcess(pid, 'trainer');
      },
    },
    container: containerVictim(dockerHost),
    temporal: {
      ready: always,
      async kill() {
        const pid = (await readStackState(home))?.pids.temporal;
        return pid === undefined ? undefined : killProcess(pid, 'temporal');
      },
    },
  };
}

const LOOK_EVERY_MS = 20;

export const always = (): Promise<boolean> => Promise.resolve(true);

function killProcess(pid: number, name: string): string | undefined {
  try {
    process.kill(pid, 'SIGKILL');
    return `${name}, process ${pid}`;
  } catch {
    return undefined;
  }
}

/** Process id of the worker's trainer, from /proc. */
export async function trainerOf(worker: number): Promise<number | undefined> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // Fields from the third on: state, parent. The second is the command in parentheses and may contain spaces.
    if (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] !== `${worker}`) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('whencode_trainer')) return Number(name);
  }
  return undefined;
}

/** The newest container of the sandbox worker. */
function containerVictim(dockerHost: string | undefined): Victim {
  // The container is looked up early, because the kill has to hit a task of some milliseconds.
  let id: string | undefined;
  return {
    async ready(task, isOver) {
      const docker = connectDocker(dockerHost);
      while (!isOver()) {
        const running = await docker.listContainers({ filters: { label: [OWNER_LABEL] } }).catch(() => []);
        id = running.find(({ Labels }) => Labels[OWNER_LABEL]?.startsWith(`${hostname()}/${task.pid}/`))?.Id;
        if (id !== undefined) return true;
        await sleep(LOOK_EVERY_MS);
      }
      return false;
    },
    async kill() {
      if (id === undefined) return undefined;
      try {
        await connectDocker(dockerHost).getContainer(id).kill({ signal: 'SIGKILL' });
        return `container ${id.slice(0, 12)}`;
      } catch {
        return undefined;
      }
    },
  };
}
