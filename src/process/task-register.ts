/**
 * Which tasks the workers of a home folder have in hand: `<home>/tasks/`, a file each, from its begin to its end. What
 * a killed process leaves there, its successor gives back to the server, so that it is done again at once and not after
 * the heartbeat's time limit. A hint: where a file is lost the time limit still holds.
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
  readonly attempt: number;
  /** Names this attempt to the server, base64. */
  readonly token: string;
}

export interface TaskRegister {
  /** Runs the work with the task's file in place. */
  during<T>(task: Info, work: () => Promise<T>): Promise<T>;
}

export const tasksPath = (home: string): string => join(home, 'tasks');

/** What a file's name alone says, so that a look at the folder shows who does what. */
export interface TaskName {
  readonly role: string;
  readonly pid: number;
  readonly activity: string;
}

/** Undefined for a file that is no task. */
export function parseTaskName(file: string): TaskName | undefined {
  const [, role, pid, activity] = /^([a-z]+)\.(\d+)\.\d+\.(\w+)\.json$/.exec(file) ?? [];
  if (role === undefined || activity === undefined) return undefined;
  return { role, pid: Number(pid), activity };
}

/** Of a task that has ended, a moment long. */
const ENDED = '.ended';
const TOLD_WITHIN_MS = 3000;

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
        attempt: task.attempt,
        token: task.base64TaskToken,
      };
      // A full disk is the task's to complain of, not its register's.
      await writeFile(path, JSON.stringify(entry)).catch(() => undefined);
      try {
        return await work();
      } finally {
        // The server is told of the end after this; until it surely knows, a kill leaves the task to be given back.
        const ended = `${path}${ENDED}`;
        await rename(path, ended).catch(() => undefined);
        setTimeout(() => void rm(ended, { force: true }).catch(() => undefined), TOLD_WITHIN_MS).unref();
      }
    },
  };
}

/** The tasks that files tell of, those that have just ended too, with their files' names; torn files are left out. */
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
 * Tells the server of the role's tasks whose process on this machine is dead, and returns how many it took back. An
 * attempt that has ended or timed out meanwhile is no longer known there: nothing to do.
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
    // No delay: the process that tells it has just started, and the supervisor's own delay grows with each death.
    const killed = ApplicationFailure.create({
      type: 'no-worker',
      message: `${task.activity}: process ${task.pid} of the ${task.role} worker ended in the middle of it`,
      nextRetryDelay: '1ms',
    });
    await client.activity.fail(Buffer.from(task.token, 'base64'), killed);
    return true;
  } catch (error) {
    if (error instanceof ActivityNotFoundError) return false;
    throw error;
  }
}
