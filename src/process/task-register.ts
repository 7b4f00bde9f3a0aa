/**
 * The tasks in progress of a home folder's workers: one file per task in `<home>/tasks/`, from its start to its end.
 * The successor of a killed process returns that process's tasks to the server, which schedules them at once instead of
 * after the heartbeat timeout. The register is a hint: where a file is lost, the timeout still applies.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Info } from '@temporalio/activity';
import { ActivityNotFoundError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts';

interface TaskInHand extends ProcessIdentity {
  readonly host: string;
  readonly role: string;
  readonly activity: string;
  readonly workflowId: string;
  readonly activityId: string;
  readonly attempt: number;
  /** The task token that identifies this attempt to the server, in base64. */
  readonly token: string;
}

export interface TaskRegister {
  /** Runs the work while the task's file exists. */
  during<T>(task: Info, work: () => Promise<T>): Promise<T>;
}

export const tasksPath = (home: string): string => join(home, 'tasks');

/** What the file name alone says, so that a listing of the folder shows who does what. */
export interface TaskName {
  readonly role: string;
  readonly pid: number;
  readonly activity: string;
}

/** Undefined for a file that is not a task's. */
export function parseTaskName(file: string): TaskName | undefined {
  const [, role, pid, activity] = /^([a-z]+)\.(\d+)\.\d+\.(\w+)\.json$/.exec(file) ?? [];
  if (role === undefined || activity === undefined) return undefined;
  return { role, pid: Number(pid), activity };
}

/** The file of a task that has ended; it exists for a moment. */
const ENDED = '.ended';
const REPORTED_WITHIN_MS = 3000;

export async function openTaskRegister(home: string, role: string): Promise<TaskRegister> {
  const folder = tasksPath(home);
  await mkdir(folder, { recursive: true });
  const identity = await ownIdentity();
  let number = 0;
  return {
    async during(task, work) {
      number += 1;
      const path = join(folder, `${role}.${identity.pid}.${number}.${task.activityType}.json`);
      const entry: TaskInHand = {
        ...identity,
        host: hostname(),
        role,
        activity: task.activityType,
        workflowId: task.workflowExecution?.workflowId ?? '',
        activityId: task.activityId,
        attempt: task.attempt,
        token: task.base64TaskToken,
      };
      // The task itself reports a full disk, not its register.
      await writeFile(path, JSON.stringify(entry)).catch(() => undefined);
      try {
        return await work();
      } finally {
        // The SDK reports the result to the server after this. Until the server has it, a killed process's task must be
        // returned.
        const ended = `${path}${ENDED}`;
        await rename(path, ended).catch(() => undefined);
        setTimeout(() => void rm(ended, { force: true }).catch(() => undefined), REPORTED_WITHIN_MS).unref();
      }
    },
  };
}

/** The tasks with a file, including those that have just ended, with their file names. Torn files are skipped. */
async function readTasks(home: string): Promise<{ readonly file: string; readonly task: TaskInHand }[]> {
  const isTask = (name: string): boolean => parseTaskName(name.replace(ENDED, '')) !== undefined;
  const names = (await readdir(tasksPath(home)).catch(() => [])).filter(isTask);
  const found = await Promise.all(
    names.map(async (file) => {
      try {
        return { file, task: JSON.parse(await readFile(join(tasksPath(home), file), 'utf8')) as TaskInHand };
      } catch {
        return undefined;
      }
    }),
  );
  return found.filter((entry) => entry !== undefined);
}

/**
 * Returns to the server the role's tasks whose process on this machine is dead, and returns their number. The server no
 * longer knows an attempt that has ended or timed out; it needs no action.
 */
export async function giveBackLostTasks(home: string, role: string, client: Client): Promise<number> {
  let givenBack = 0;
  for (const { file, task } of await readTasks(home)) {
    if (task.role !== role || task.host !== hostname() || (await isAlive(task))) continue;
    if (await failAttempt(client, task)) givenBack += 1;
    await rm(join(tasksPath(home), file), { force: true });
  }
  return givenBack;
}

async function failAttempt(client: Client, task: TaskInHand): Promise<boolean> {
  try {
    // No delay: the reporting process has just started, and the supervisor's own delay grows with each death.
    const killed = ApplicationFailure.create({
      type: 'no-worker',
      message: `${task.activity}: process ${task.pid} of the ${task.role} worker ended in the middle of it`,
      nextRetryDelay: '1ms',
    });
    const { workflowId, activityId } = task;
    const { namespace } = client.options;
    await client.activity.fail(Buffer.from(task.token, 'base64'), killed, {
      serializationContext: { type: 'activity', namespace, workflowId, activityId, isLocal: false },
    });
    return true;
  } catch (error) {
    if (error instanceof ActivityNotFoundError) return false;
    throw error;
  }
}
