/** The tasks of a home folder as they begin and end, from the files that workers keep of them. */
import { existsSync, type FSWatcher, mkdirSync, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';
import { parseTaskName, type TaskName, tasksPath } from '../../process/task-register.ts';

export interface WatchedTask extends TaskName {
  /** Of its file: unique in the home folder's life as long as process ids don't wrap. */
  readonly file: string;
  /** Milliseconds since 1970. */
  readonly beganAt: number;
}

export interface TaskWatch {
  /** Every task that began since the watch did, the newest last. */
  readonly begun: readonly WatchedTask[];
  /** Those whose file is there, the oldest first. */
  open(): WatchedTask[];
  /** When its file went: it ended, or its process was dead and somebody took it over. Undefined while it is there. */
  endOf(task: WatchedTask): number | undefined;
  /** Milliseconds that tasks of the activity took, of those that ended. */
  durationsOf(activity: string): readonly number[];
  /** Whether the task's file is there this moment: of a dead process it stays until somebody takes it over. */
  isNoted(task: WatchedTask): boolean;
  /** Called at every begin, at once. */
  onBegin(listener: (task: WatchedTask) => void): void;
  close(): void;
}

export function watchTasks(home: string): TaskWatch {
  const folder = tasksPath(home);
  mkdirSync(folder, { recursive: true });
  const begun: WatchedTask[] = [];
  const open = new Map<string, WatchedTask>();
  const ends = new Map<string, number>();
  const durations = new Map<string, number[]>();
  const listeners: ((task: WatchedTask) => void)[] = [];

  const look = (file: string): void => {
    const name = parseTaskName(file);
    // Whether a worker answers is no work.
    if (name === undefined || name.activity === 'isAlive') return;
    const task = open.get(file);
    if (task === undefined && !ends.has(file)) {
      // A short one may be over before we look: it began all the same.
      const began: WatchedTask = { ...name, file, beganAt: Date.now() };
      begun.push(began);
      open.set(file, began);
      for (const listener of listeners) listener(began);
    } else if (task !== undefined && !existsSync(join(folder, file))) {
      open.delete(file);
      ends.set(file, Date.now());
      const list = durations.get(task.activity) ?? [];
      list.push(Date.now() - task.beganAt);
      durations.set(task.activity, list);
    }
  };
  const watcher: FSWatcher = watch(folder, { persistent: false }, (_event, file) => {
    if (file !== null) look(file);
  });
  for (const file of readdirSync(folder)) look(file);
  return {
    begun,
    open: () => [...open.values()],
    endOf: (task) => ends.get(task.file),
    durationsOf: (activity) => durations.get(activity) ?? [],
    isNoted: (task) => existsSync(join(folder, task.file)),
    onBegin: (listener) => listeners.push(listener),
    close: () => watcher.close(),
  };
}
